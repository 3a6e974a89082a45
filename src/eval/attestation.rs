//! The attestation: a signed statement that a release passed the compiled-in suites, with the evidence that it rests on.
//!
//! Pure: bytes, keys and times are arguments. The evidence is in the file, so that whoever reads it judges it by the bars of its own
//! build and not on the signer's word alone.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::bundle::{Bundle, Insufficient};
use crate::domain::{
    canonical::{Digest, NotCanonical, to_bytes},
    facts::StoreKind,
    release::Release,
};

/// The format that this build writes and reads.
pub const FORMAT: u32 = 1;
/// How long an attestation lasts.
pub const LASTS: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most of a file that is read.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What is signed begins with this, so that no signature over anything else is one over a statement.
const PURPOSE: &[u8] = b"tierone attestation\n";
/// The key of stores that are not live. Everybody has it, and it protects nothing.
const DEMO_KEY: [u8; 32] = *b"tierone demo seal: not a secret!";

/// The file: a statement, its signature, and the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// What is said.
    pub statement: Statement,
    /// Ed25519 (RFC 8032) over the statement's canonical JSON, in hexadecimal digits.
    pub signature: String,
    /// What it rests on.
    pub bundle: Bundle,
}

/// What is said of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Its format: [`FORMAT`].
    pub format: u32,
    /// The kind of store in which it is valid.
    pub store: StoreKind,
    /// The digest of the release.
    pub release: Digest,
    /// The digest of each of its components.
    pub components: Release,
    /// The digest of the evidence bundle.
    pub bundle: Digest,
    /// What each suite counted.
    pub figures: Vec<Figure>,
    /// From when.
    pub issued: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// What a suite counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Its name.
    pub suite: String,
    /// Cases.
    pub cases: u64,
    /// Clusters.
    pub clusters: u64,
    /// Cases without a result.
    pub errors: u64,
}

/// Why an attestation is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    /// It is no attestation, or not a whole one.
    #[error("the file is not whole, or something else: {0}")]
    Damaged(String),
    /// It has another format.
    #[error("the attestation has format {0}, this build knows {FORMAT}")]
    Format(u32),
    /// No public key fits.
    #[error("the file is signed by none of the trusted keys, or was changed after it was signed")]
    Signature,
    /// It was made for another kind of store.
    #[error("the attestation is for a {} store, not a {} one", .0.word(), .1.word())]
    OtherStore(StoreKind, StoreKind),
    /// The evidence beside it is not what was signed.
    #[error("the evidence in the attestation is not the one that was signed")]
    OtherEvidence,
    /// What it says of itself does not fit together.
    #[error("the attestation contradicts itself: {0}")]
    Contradictory(&'static str),
    /// The evidence does not suffice.
    #[error("the evidence in the attestation does not suffice: {0}")]
    Insufficient(#[from] Insufficient),
    /// Something has no canonical form.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
}

impl Statement {
    /// What can be said of `components` on this evidence, for stores of this kind.
    pub fn new(
        components: Release,
        bundle: &Bundle,
        store: StoreKind,
        issued: Timestamp,
    ) -> Result<Self, NotCanonical> {
        Ok(Self {
            format: FORMAT,
            store,
            release: components.digest()?,
            components,
            bundle: bundle.digest()?,
            figures: figures(bundle),
            issued,
            until: issued + LASTS,
        })
    }

    /// The statement with its signature and its evidence.
    pub fn signed(self, bundle: Bundle, key: &SigningKey) -> Result<Attestation, NotCanonical> {
        Ok(Attestation {
            signature: signature(PURPOSE, &self, key)?,
            statement: self,
            bundle,
        })
    }
}

impl Attestation {
    /// The attestation in `bytes`, if one of `keys` signed it for stores of this kind and its evidence suffices by this build's own bars.
    /// Whether it is about the running release, and still valid, is for the gate to say.
    pub fn read(bytes: &[u8], keys: &[VerifyingKey], store: StoreKind) -> Result<Self, Untrusted> {
        let read: Result<Self, _> = serde_json::from_slice(bytes);
        let read = read.map_err(|cause| Untrusted::Damaged(cause.to_string()))?;
        is_signed(PURPOSE, &read.statement, &read.signature, keys)?;
        let statement = &read.statement;
        if statement.format != FORMAT {
            return Err(Untrusted::Format(statement.format));
        }
        if statement.store != store {
            return Err(Untrusted::OtherStore(statement.store, store));
        }
        if statement.bundle != read.bundle.digest()? {
            return Err(Untrusted::OtherEvidence);
        }
        read.is_consistent()?;
        read.bundle.suffices()?;
        Ok(read)
    }

    /// A signer that errs, or is fooled, is not followed.
    fn is_consistent(&self) -> Result<(), Untrusted> {
        let statement = &self.statement;
        let lasts = statement.until.duration_since(statement.issued);
        let tried = &self.bundle.release;
        let contradiction = [
            (
                statement.release != statement.components.digest()?,
                "its digest is not that of its components",
            ),
            (
                statement.figures != figures(&self.bundle),
                "its figures are not those of its evidence",
            ),
            (
                lasts <= SignedDuration::ZERO || lasts > LASTS,
                "it lasts longer than 30 days, or not at all",
            ),
            // Where the demo's people stand in for the site's, what is run is not what was tried.
            (
                statement.store == StoreKind::Live && *tried != statement.components,
                "its evidence is of another release",
            ),
        ];
        match contradiction.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, why)) => Err(Untrusted::Contradictory(why)),
            None => Ok(()),
        }
    }
}

/// The signature of `content` for this purpose: Ed25519 (RFC 8032), in hexadecimal digits.
pub(super) fn signature(
    purpose: &[u8],
    content: &impl Serialize,
    key: &SigningKey,
) -> Result<String, NotCanonical> {
    let bytes = [purpose, &to_bytes(content)?].concat();
    Ok(hex::encode(key.sign(&bytes).to_bytes()))
}

/// Whether one of `keys` signed `content` for this purpose.
pub(super) fn is_signed(
    purpose: &[u8],
    content: &impl Serialize,
    signature: &str,
    keys: &[VerifyingKey],
) -> Result<(), Untrusted> {
    let mut bytes = [0; Signature::BYTE_SIZE];
    hex::decode_to_slice(signature, &mut bytes)
        .map_err(|_| Untrusted::Damaged("its signature is cut or garbled".into()))?;
    let signature = Signature::from_bytes(&bytes);
    let signed = [purpose, &to_bytes(content)?].concat();
    let fits = |key: &VerifyingKey| key.verify_strict(&signed, &signature).is_ok();
    if keys.iter().any(fits) {
        Ok(())
    } else {
        Err(Untrusted::Signature)
    }
}

/// The key that attests in stores that are not live.
pub fn demo_key() -> SigningKey {
    SigningKey::from_bytes(&DEMO_KEY)
}

fn figures(bundle: &Bundle) -> Vec<Figure> {
    let suites = bundle.suites.iter();
    suites
        .map(|suite| Figure {
            suite: suite.name.clone(),
            cases: suite.cases,
            clusters: suite.clusters,
            errors: suite.errors,
        })
        .collect()
}
