//! Recorded: an event with the exact bytes that are stored, made and hashed once.

use super::{
    canonical::{Digest, NotCanonical},
    event::Event,
};

/// An event with its bytes and the digest that the next event names.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    event: Event,
    bytes: Vec<u8>,
    digest: Digest,
}

impl Recorded {
    /// `event` in its bytes.
    pub fn new(event: Event) -> Result<Self, NotCanonical> {
        let bytes = event.bytes()?;
        let digest = Digest::of_bytes(&bytes);
        Ok(Self {
            event,
            bytes,
            digest,
        })
    }

    /// The bytes that are stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The digest that the next event names.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The event without its bytes.
    pub fn into_event(self) -> Event {
        self.event
    }
}

impl std::ops::Deref for Recorded {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}
