//! Canonical bytes and their digests: RFC 8785 JSON under SHA-256, the one way anything here is hashed.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest (FIPS 180-4), written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

/// A value that has no canonical form, such as one with a non-string map key.
#[derive(Debug, thiserror::Error)]
#[error("value has no canonical JSON: {0}")]
pub struct NotCanonical(#[from] serde_json::Error);

impl Digest {
    /// What the first event of a chain names as its predecessor.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of the canonical JSON of `value`.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, NotCanonical> {
        Ok(Self::of_bytes(&to_bytes(value)?))
    }

    /// The digest of `bytes` as they are.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of `salt` followed by `bytes`: names a payload without letting anyone guess it.
    pub fn salted(salt: &[u8; 32], bytes: &[u8]) -> Self {
        Self(
            Sha256::new()
                .chain_update(salt)
                .chain_update(bytes)
                .finalize()
                .into(),
        )
    }

    /// A digest that was stored as its 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight hexadecimal digits, for people.
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

/// RFC 8785 bytes of `value`. Integers beyond 2^53 lose precision in that format, so ids and times are strings.
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, NotCanonical> {
    Ok(serde_json_canonicalizer::to_vec(value)?)
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl std::str::FromStr for Digest {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_order_does_not_change_the_digest() -> Result<(), Box<dyn std::error::Error>> {
        let one: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":"x"}"#)?;
        let two: serde_json::Value = serde_json::from_str(r#"{"a":"x","b":1}"#)?;
        assert_eq!(Digest::of(&one)?, Digest::of(&two)?);
        assert_eq!(to_bytes(&one)?, br#"{"a":"x","b":1}"#);
        Ok(())
    }

    #[test]
    fn a_digest_survives_its_text() -> Result<(), Box<dyn std::error::Error>> {
        let digest = Digest::of_bytes(b"tierone");
        assert_eq!(digest.to_string().parse::<Digest>()?, digest);
        Ok(())
    }
}
