//! Shares in the configuration: written as a decimal number between 0 and 1, kept as millionths.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// Millionths of the whole; neither nothing nor all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Share(u32);

const WHOLE: f64 = 1e6;

impl Share {
    /// So many millionths.
    pub const fn millionths(millionths: u32) -> Self {
        Self(millionths)
    }

    /// As a part of 1.
    pub fn of_one(self) -> f64 {
        f64::from(self.0) / WHOLE
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let share = f64::deserialize(deserializer)?;
        let digits = format!("{:.0}", share * WHOLE);
        let millionths = digits.parse().ok();
        let millionths = millionths.filter(|millionths| (1..1_000_000).contains(millionths));
        millionths.map(Self).ok_or_else(|| {
            D::Error::custom(format!(
                "a share is `{share}`; make it more than 0 and less than 1"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        alpha: Share,
    }

    #[test]
    fn a_share_is_between_nothing_and_all() {
        let holder: Holder = toml::from_str("alpha = 0.01").unwrap();
        assert_eq!(holder.alpha, Share::millionths(10_000));
        for text in ["0.0", "1.0", "-0.1", "nan", "2", "\"0.1\""] {
            let error = toml::from_str::<Holder>(&format!("alpha = {text}")).unwrap_err();
            assert!(error.to_string().contains("line 1"), "{error}");
        }
    }
}
