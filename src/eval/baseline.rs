//! The baseline: the cases of a run that passed, signed, so that nothing moves it but somebody who has the key.
//!
//! Pure: bytes and keys are arguments.

use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::{
    attestation::{Untrusted, is_signed, signature},
    compare::Cases,
};
use crate::domain::canonical::{Digest, NotCanonical, to_bytes};

/// What is signed begins with this.
const PURPOSE: &[u8] = b"tierone baseline\n";

/// The file: what later runs are compared with, and its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    blessed: Blessed,
    /// Ed25519 (RFC 8032) over the canonical JSON of what is blessed, in hexadecimal digits.
    signature: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Blessed {
    /// The digest of the run's evidence bundle.
    evidence: Digest,
    cases: Cases,
}

impl Baseline {
    /// The cases of the run with this evidence, signed.
    pub fn signed(cases: Cases, evidence: Digest, key: &SigningKey) -> Result<Self, NotCanonical> {
        let blessed = Blessed { evidence, cases };
        Ok(Self {
            signature: signature(PURPOSE, &blessed, key)?,
            blessed,
        })
    }

    /// The cases in `bytes`, if one of `keys` signed them.
    pub fn read(bytes: &[u8], keys: &[VerifyingKey]) -> Result<Cases, Untrusted> {
        let read: Result<Self, _> = serde_json::from_slice(bytes);
        let read = read.map_err(|cause| Untrusted::Damaged(cause.to_string()))?;
        is_signed(PURPOSE, &read.blessed, &read.signature, keys)?;
        Ok(read.blessed.cases)
    }

    /// As it is written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        to_bytes(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::attestation::demo_key;

    #[test]
    fn what_is_changed_or_signed_by_nobody_known_is_no_baseline() {
        let key = demo_key();
        let known = [key.verifying_key()];
        let evidence = Digest::of(b"evidence").unwrap();
        let baseline = Baseline::signed(Cases::default(), evidence, &key).unwrap();
        let bytes = baseline.to_bytes().unwrap();
        assert_eq!(Baseline::read(&bytes, &known).unwrap(), Cases::default());
        let text = String::from_utf8(bytes.clone()).unwrap();
        let other = Digest::of(b"other").unwrap().to_string();
        let moved = text.replace(&evidence.to_string(), &other);
        assert_ne!(moved, text);
        let stranger = SigningKey::from_bytes(&[7; 32]).verifying_key();
        for (bytes, keys) in [
            (moved.as_bytes(), &known[..]),
            (&bytes, &[stranger]),
            (&bytes, &[]),
            (b"{}", &known),
        ] {
            assert!(Baseline::read(bytes, keys).is_err());
        }
    }
}
