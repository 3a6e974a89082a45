//! A release: the digests of everything that shapes a decision, and the stage it has been promoted to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::canonical::{Digest, NotCanonical};

/// The digest of each component by name. Calibration and inventory are data and not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Release {
    /// By component.
    pub components: BTreeMap<String, Digest>,
}

/// A statement that a release passed the compiled-in suites, until a date. Its signature was verified by whoever read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// The release.
    pub release: Arc<Release>,
    /// From when.
    pub issued: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// How far a release has been promoted. A stage is only a share of fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Every case asks.
    #[default]
    Shadow,
    /// One eligible case in ten may fire.
    Canary,
    /// All but the hold-out may fire.
    Full,
}

/// A share in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ppm(u32);

impl Release {
    /// The digest of the whole.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        Digest::of(&self.components)
    }

    /// The names of the components that are not the same in `other`, or not in both.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self
            .components
            .keys()
            .chain(other.components.keys())
            .collect();
        let differs = |name: &&String| self.components.get(*name) != other.components.get(*name);
        names.into_iter().filter(differs).cloned().collect()
    }
}

impl Stage {
    /// The share of eligible cases that may fire.
    pub const fn fire_share(self) -> Ppm {
        match self {
            Self::Shadow => Ppm(0),
            Self::Canary => Ppm(100_000),
            Self::Full => Ppm(980_000),
        }
    }

    /// The share of eligible cases that are held back and asked blind: without what the agent planned, drafted or decided. In full those that
    /// only the draw held back all are, because nothing else would tell whether what fires is right.
    pub const fn blind_share(self, only_drawn: bool) -> Ppm {
        match (self, only_drawn) {
            (Self::Shadow, _) | (Self::Full, true) => Ppm::ONE,
            (Self::Canary, _) | (Self::Full, false) => Ppm(200_000),
        }
    }

    /// The stage of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        let stages = [Self::Shadow, Self::Canary, Self::Full];
        stages.into_iter().find(|stage| stage.word() == word)
    }

    /// The word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Canary => "canary",
            Self::Full => "full",
        }
    }
}

impl Ppm {
    /// The whole.
    pub const ONE: Self = Self(1_000_000);

    /// A share; more than the whole is the whole.
    pub fn new(millionths: u32) -> Self {
        Self(millionths.min(Self::ONE.0))
    }

    /// A draw from 32 uniform bits: always under the whole.
    pub fn drawn(bits: u32) -> Self {
        let millionths = (u64::from(bits) * u64::from(Self::ONE.0)) >> 32;
        Self(u32::try_from(millionths).unwrap_or(Self::ONE.0))
    }
}

impl fmt::Display for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04} %", self.0 / 10_000, self.0 % 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_also_where_it_is_in_one_of_the_two_only() {
        let release = |names: &[(&str, &str)]| Release {
            components: names
                .iter()
                .map(|(name, text)| ((*name).to_owned(), Digest::of_bytes(text.as_bytes())))
                .collect(),
        };
        let one = release(&[("people", "a"), ("binary", "b"), ("sources/x.jq", "c")]);
        let other = release(&[("people", "a"), ("binary", "x"), ("sources/y.jq", "c")]);
        let names = ["binary", "sources/x.jq", "sources/y.jq"];
        assert_eq!(one.differing(&other), names);
        assert_eq!(other.differing(&one), names);
        assert!(one.differing(&one).is_empty());
    }

    #[test]
    fn no_draw_is_under_shadow_and_every_draw_is_under_one() {
        for bits in [0, 1, u32::MAX / 2, u32::MAX] {
            assert!(Ppm::drawn(bits) >= Stage::Shadow.fire_share());
            assert!(Ppm::drawn(bits) < Ppm::ONE);
        }
    }
}
