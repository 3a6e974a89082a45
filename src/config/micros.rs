//! Money in the configuration: written as a decimal number, kept as millionths, so that sums are exact.

use serde::{Deserialize, Deserializer, de::Error as _};

/// Millionths of whatever currency the site's prices are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub u64);

/// More than this is a slip of the hand.
const WHOLE_MAX: f64 = 1_000_000_000.0;

impl<'de> Deserialize<'de> for Micros {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let amount = f64::deserialize(deserializer)?;
        if !(0.0..=WHOLE_MAX).contains(&amount) {
            return Err(D::Error::custom(format!(
                "an amount of money is `{amount}`; make it at least 0 and at most {WHOLE_MAX}"
            )));
        }
        // Six places and no point: the decimal digits themselves, which no binary fraction can bend.
        let digits = format!("{amount:.6}").replace('.', "");
        digits.parse().map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        price: Micros,
    }

    #[test]
    fn a_decimal_is_kept_to_the_millionth() {
        for (text, micros) in [
            ("0.15", 150_000),
            ("3", 3_000_000),
            ("0.000001", 1),
            ("0.1", 100_000),
            ("0", 0),
        ] {
            let holder: Holder = toml::from_str(&format!("price = {text}")).unwrap();
            assert_eq!(holder.price, Micros(micros), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_an_error() {
        for text in ["-1", "nan", "inf", "2e9", "\"1\""] {
            let error = toml::from_str::<Holder>(&format!("price = {text}")).unwrap_err();
            assert!(error.to_string().contains("line 1"), "{error}");
        }
    }
}
