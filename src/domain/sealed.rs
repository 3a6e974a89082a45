//! Content that lies beside an event: the event names it by salted digest, so erasing it leaves the chain valid.

use std::sync::Arc;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::canonical::{Digest, NotCanonical, to_bytes};

/// A reference to content in `payloads`, with the content where it is at hand.
///
/// Only the digest is part of the event's bytes. Clones share the content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = ""))]
pub struct Sealed<T> {
    digest: Digest,
    #[serde(skip)]
    salt: [u8; 32],
    #[serde(skip, default = "none")]
    content: Option<Arc<Content<T>>>,
}

/// Content with the bytes that its name was made of.
#[derive(Debug, PartialEq)]
struct Content<T> {
    value: T,
    bytes: Vec<u8>,
}

fn none<T>() -> Option<T> {
    None
}

/// Content that does not belong to the digest that names it.
#[derive(Debug, thiserror::Error)]
pub enum Unsealing {
    /// The bytes or the salt were changed.
    #[error("payload does not match its digest `{0}`; restore the store from a backup")]
    Mismatch(Digest),
    /// The bytes are not what this version reads.
    #[error("payload `{digest}` cannot be read: {cause}")]
    Unreadable {
        /// The payload's name.
        digest: Digest,
        /// Why.
        cause: serde_json::Error,
    },
}

/// The stored form of sealed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Its name.
    pub digest: Digest,
    /// What keeps the name from being guessed.
    pub salt: [u8; 32],
    /// Canonical JSON.
    pub bytes: Vec<u8>,
}

/// Sealed content of any type, as the store sees it.
pub trait Seal: Send + Sync {
    /// The content's name.
    fn name(&self) -> Digest;
    /// The stored form; `None` where the content was erased.
    fn stored(&self) -> Option<Payload>;
    /// Puts stored bytes back into their place.
    fn fill(&mut self, salt: [u8; 32], bytes: &[u8]) -> Result<(), Unsealing>;
}

impl<T: Serialize> Sealed<T> {
    /// Seals `content` under a salt from the caller's source of chance.
    pub fn new(content: T, salt: [u8; 32]) -> Result<Self, NotCanonical> {
        let bytes = to_bytes(&content)?;
        Ok(Self {
            digest: Digest::salted(&salt, &bytes),
            salt,
            content: Some(Arc::new(Content {
                value: content,
                bytes,
            })),
        })
    }
}

impl<T: DeserializeOwned + Send + Sync> Seal for Sealed<T> {
    fn name(&self) -> Digest {
        self.digest
    }

    fn fill(&mut self, salt: [u8; 32], bytes: &[u8]) -> Result<(), Unsealing> {
        if Digest::salted(&salt, bytes) != self.digest {
            return Err(Unsealing::Mismatch(self.digest));
        }
        let value = serde_json::from_slice(bytes).map_err(|cause| Unsealing::Unreadable {
            digest: self.digest,
            cause,
        })?;
        self.salt = salt;
        self.content = Some(Arc::new(Content {
            value,
            bytes: bytes.to_vec(),
        }));
        Ok(())
    }

    fn stored(&self) -> Option<Payload> {
        self.content.as_ref().map(|content| Payload {
            digest: self.digest,
            salt: self.salt,
            bytes: content.bytes.clone(),
        })
    }
}

impl<T> Sealed<T> {
    /// The content's name.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The same name with what may be seen of the content. What is stored stays as it was sealed.
    #[must_use]
    pub fn seen(&self, seen: impl FnOnce(&T) -> T) -> Self {
        let content = self.content.as_deref().map(|content| {
            Arc::new(Content {
                value: seen(&content.value),
                bytes: content.bytes.clone(),
            })
        });
        Self {
            digest: self.digest,
            salt: self.salt,
            content,
        }
    }

    /// The same name without its content.
    #[must_use]
    pub fn bare(&self) -> Self {
        Self {
            digest: self.digest,
            salt: self.salt,
            content: None,
        }
    }

    /// The content; `None` where it was erased.
    pub fn content(&self) -> Option<&T> {
        self.content.as_deref().map(|content| &content.value)
    }
}
