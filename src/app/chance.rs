//! Where ids and salts come from. A demo store derives its case ids, so that a run prints the same every time.

use anyhow::Context as _;
use jiff::Timestamp;
use uuid::{Builder, Uuid};

use crate::domain::{alert::Alert, canonical::Digest, facts::StoreKind, id::CaseId};

/// A source of ids and salts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chance {
    /// Time and the operating system's randomness: UUID version 7 (RFC 9562).
    System,
    /// The alert itself: UUID version 8 (RFC 9562).
    Derived,
}

impl Chance {
    /// What a store of this kind uses.
    pub const fn of(kind: StoreKind) -> Self {
        match kind {
            StoreKind::Live => Self::System,
            StoreKind::Demo | StoreKind::Simulated => Self::Derived,
        }
    }

    /// The id of the case that `alert` opens.
    pub fn case_id(self, alert: &Alert, now: Timestamp) -> anyhow::Result<CaseId> {
        Ok(CaseId::new(match self {
            Self::System => time_ordered(now)?,
            Self::Derived => {
                let of = (&alert.tenant, alert.fingerprint, &alert.occurrence_id, now);
                let digest = Digest::of(&of)?;
                let (bytes, _) = digest
                    .as_bytes()
                    .split_first_chunk()
                    .context("a digest is longer than an id")?;
                Builder::from_custom_bytes(*bytes).into_uuid()
            }
        }))
    }

    /// Chance for the fence around the text of `alert`. A store with its own clock derives it from the alert, so that a run asks the same
    /// every time and can be replayed; nothing that is at stake there knows of it.
    pub fn fence(self, alert: &Alert) -> anyhow::Result<[u8; 32]> {
        match self {
            Self::System => self.salt(),
            Self::Derived => Ok(*Digest::of(alert)?.as_bytes()),
        }
    }

    /// A name for this process, so that the starts it appends are known for its own.
    pub fn process(self) -> anyhow::Result<String> {
        let salt = self.salt()?;
        Ok(Digest::of_bytes(&salt).short())
    }

    /// A salt for sealed content: always random, so that nobody can guess what was erased.
    pub fn salt(self) -> anyhow::Result<[u8; 32]> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).context("the operating system gave no randomness")?;
        Ok(salt)
    }
}

fn time_ordered(now: Timestamp) -> anyhow::Result<Uuid> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).context("the operating system gave no randomness")?;
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    Ok(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}
