//! An operation: what a named person did to tierone itself. Operations are events of the same form as a case's, in one chain a tenant;
//! what is switched off, what is in quarantine and how far a release was promoted is their fold.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    action::Class,
    canonical::{Digest, NotCanonical, to_bytes},
    facts::Kill,
    id::{PersonId, PrecedentId, TenantId},
    release::Stage,
    sealed::{Seal, Sealed},
};

/// The version of the operation format that this build writes.
pub const OPERATION_VERSION: u32 = 1;

/// The chain of operations that concern every tenant, such as the global kill switch.
pub fn everyone() -> TenantId {
    TenantId::new("*")
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Format version.
    pub version: u32,
    /// Whose chain it is in.
    pub tenant: TenantId,
    /// Its place in the chain, from 1.
    pub number: u64,
    /// When it was appended.
    pub at: Timestamp,
    /// Digest of the operation before it; zeroes for the first.
    pub previous: Digest,
    /// Who did it.
    pub by: PersonId,
    /// What was done.
    pub deed: Deed,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Deed {
    /// Something was switched off.
    Killed {
        /// What.
        what: Kill,
        /// Why.
        reason: Sealed<String>,
    },
    /// Something was switched on again.
    Unkilled {
        /// What.
        what: Kill,
        /// Why.
        reason: Sealed<String>,
    },
    /// Precedents no longer count.
    Quarantined {
        /// Which.
        precedents: Vec<PrecedentId>,
        /// Why.
        reason: Sealed<String>,
    },
    /// An imported precedent was confirmed and counts from now on.
    Confirmed {
        /// Which.
        precedent: PrecedentId,
    },
    /// A release may act alone as far as its stage goes.
    Promoted {
        /// Its digest.
        release: Digest,
        /// How far.
        stage: Stage,
        /// Why.
        reason: Sealed<String>,
    },
    /// Every release is in shadow.
    Halted {
        /// Why.
        reason: Sealed<String>,
    },
    /// What people decided about these classes was looked at for a calibration. Each look spends a part of what all of them may.
    Looked {
        /// Which.
        classes: Vec<Class>,
    },
    /// An API key was made or revoked.
    KeyChanged {
        /// The key's public id.
        key: String,
        /// What became of it.
        change: KeyChange,
    },
}

/// What became of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChange {
    /// It was made.
    Created,
    /// It no longer opens anything.
    Revoked,
}

/// The fold of a chain of operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many operations there were.
    pub operations: u64,
    /// Digest of the last one.
    pub head: Option<Digest>,
    /// What is switched off.
    pub kills: BTreeSet<Kill>,
    /// What is in quarantine.
    pub quarantine: BTreeSet<PrecedentId>,
    /// How far each release was promoted; one that is not here is in shadow.
    pub stages: BTreeMap<Digest, Stage>,
    /// How many looks there were for a calibration, whatever the classes: one that is renamed begins no sequence of its own.
    pub looks: u64,
    /// The most classes that were looked at in one.
    pub classes_looked: u64,
}

impl Operation {
    /// The bytes that are stored and hashed.
    pub fn bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        to_bytes(self)
    }
}

impl Deed {
    /// The kind's word, as in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Killed { .. } => "killed",
            Self::Unkilled { .. } => "unkilled",
            Self::Quarantined { .. } => "quarantined",
            Self::Confirmed { .. } => "confirmed",
            Self::Promoted { .. } => "promoted",
            Self::Halted { .. } => "halted",
            Self::Looked { .. } => "looked",
            Self::KeyChanged { .. } => "key_changed",
        }
    }

    /// The content that lies beside the operation.
    pub fn payload(&self) -> Option<&dyn Seal> {
        match self {
            Self::Killed { reason, .. }
            | Self::Unkilled { reason, .. }
            | Self::Quarantined { reason, .. }
            | Self::Promoted { reason, .. }
            | Self::Halted { reason } => Some(reason),
            Self::Confirmed { .. } | Self::Looked { .. } | Self::KeyChanged { .. } => None,
        }
    }

    /// The same, to be filled by the store.
    pub fn payload_mut(&mut self) -> Option<&mut dyn Seal> {
        match self {
            Self::Killed { reason, .. }
            | Self::Unkilled { reason, .. }
            | Self::Quarantined { reason, .. }
            | Self::Promoted { reason, .. }
            | Self::Halted { reason } => Some(reason),
            Self::Confirmed { .. } | Self::Looked { .. } | Self::KeyChanged { .. } => None,
        }
    }
}

impl Standing {
    /// The operation that would follow.
    pub fn operation(
        &self,
        tenant: &TenantId,
        by: PersonId,
        deed: Deed,
        at: Timestamp,
    ) -> Operation {
        Operation {
            version: OPERATION_VERSION,
            tenant: tenant.clone(),
            number: self.operations + 1,
            at,
            previous: self.head.unwrap_or(Digest::ZERO),
            by,
            deed,
        }
    }

    /// Folds the next operation in.
    pub fn apply(&mut self, operation: &Operation) -> Result<(), NotCanonical> {
        self.operations = operation.number;
        self.head = Some(Digest::of_bytes(&operation.bytes()?));
        match &operation.deed {
            Deed::Killed { what, .. } => {
                self.kills.insert(what.clone());
            }
            Deed::Unkilled { what, .. } => {
                self.kills.remove(what);
            }
            Deed::Quarantined { precedents, .. } => {
                self.quarantine.extend(precedents.iter().cloned());
            }
            Deed::Promoted { release, stage, .. } => {
                self.stages.insert(*release, *stage);
            }
            Deed::Halted { .. } => self.stages.clear(),
            Deed::Looked { classes } => {
                let classes = u64::try_from(classes.len()).unwrap_or(u64::MAX);
                self.looks += 1;
                self.classes_looked = self.classes_looked.max(classes);
            }
            Deed::Confirmed { .. } | Deed::KeyChanged { .. } => {}
        }
        Ok(())
    }
}
