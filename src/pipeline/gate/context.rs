//! The facts of one evaluation: one field a condition, and no condition reads another's field.
//!
//! A field is `None` where there is no action for it to be about; the condition then holds with observed `no action`.

use jiff::{SignedDuration, Timestamp};

use super::attested::Attested;
use crate::domain::{
    facts::Known,
    id::PersonId,
    release::{Ppm, Stage},
};

/// Everything that the conditions read.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "each field is named after the condition that reads it"
)]
pub struct Context {
    pub kill_global: Known<Switch>,
    pub kill_tenant: Known<Switch>,
    pub kill_action: Option<Known<Switch>>,
    pub attestation: Attested,
    pub stage: Drawn,
    pub exists: Option<Listed>,
    pub autonomous: Option<Autonomy>,
    pub reversible: Option<Reversal>,
    pub parameters: Option<Problems>,
    pub plan: Planned,
    pub draft: Option<SecondKey>,
    pub target_tenant: Option<Problems>,
    pub target_never: Option<Problems>,
    pub target_protected: Option<Problems>,
    pub target_critical: Option<Problems>,
    pub target_known: Option<Problems>,
    pub injection_signs: Problems,
    pub precedents_complete: Count,
    pub precedents_days: Count,
    pub precedents_clusters: Count,
    pub precedents_agree: Agreed,
    pub precedents_oldest: Option<SignedDuration>,
    pub precedents_fresh: Option<SignedDuration>,
    pub precedents_quarantine: Known<usize>,
    pub risk_level: Option<Level>,
    pub risk_calibration: Calibrated,
    pub budget_action: Option<Known<Count>>,
    pub budget_target: Option<Known<Count>>,
    pub budget_tenant: Option<Known<Count>>,
    pub budget_settle: Option<Known<Problems>>,
    pub breaker: Option<Known<Breaker>>,
    pub readable: Problems,
    pub fields: Problems,
    pub age: Option<SignedDuration>,
    pub replay: Known<Option<SignedDuration>>,
    pub origin: Provenance,
    pub endpoints: Problems,
    pub site_policy: Option<Permission>,
}

/// What speaks against something; nothing, where empty.
pub type Problems = Vec<String>;

/// A switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Nothing is stopped.
    Off,
    /// It stops.
    On,
}

/// The case's draw against the share of fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The stage.
    pub stage: Known<Stage>,
    /// The draw.
    pub draw: Ppm,
}

/// Whether the catalogue lists the action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// It does.
    Yes,
    /// It does not list this id.
    No(String),
}

/// Whether the agent may ever do it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Autonomy {
    /// It may.
    Granted,
    /// Never.
    Never,
}

/// Whether an action can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// Whether it can be undone.
    pub undo: Undo,
    /// Its blast radius on this alert.
    pub radius: u8,
}

/// Whether there is an undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    /// There is.
    Possible,
    /// There is none.
    Impossible,
}

/// Whether there is a complete proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Planned {
    /// The agent's plan is complete.
    Complete,
    /// A parameter is missing.
    Incomplete(String),
    /// There is none.
    None(String),
    /// A person chose it.
    ByPerson(PersonId),
}

/// What the draft says to the proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondKey {
    /// The same, byte for byte.
    Agrees,
    /// Something else.
    Differs(String),
    /// It is no key.
    NoKey(String),
    /// The site asks the model for no agreement.
    NotAsked,
}

/// A number against its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The number.
    pub is: u64,
    /// Its bound: a least or a most, as the condition says.
    pub bound: u64,
}

/// Whether the precedents in scope agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// All of so many.
    All(usize),
    /// There are none.
    NoRows,
    /// So many of so many contradict.
    Contradicted {
        /// Rows that do not agree.
        rows: usize,
        /// All rows in scope.
        of: usize,
    },
}

/// The evidence level against the granted rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Distinct groups that agree.
    pub level: u32,
    /// The rung; `None` where none is granted to this class.
    pub rung: Option<u32>,
}

/// Whether there is a calibration that still stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Calibrated {
    /// There is none.
    Absent,
    /// What it rests on has changed.
    Stale(String),
    /// It stands.
    Current(Timestamp),
}

/// Whether a class was demoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// It was not.
    Closed,
    /// It was.
    Demoted,
}

/// How the alert's source is known, and whether that is enough in this store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// Enough.
    Trusted(String),
    /// Not enough.
    Untrusted(String),
}

/// What the site's policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Allowed, by these policies.
    Allowed(Vec<String>),
    /// Denied, for these reasons.
    Denied(Vec<String>),
    /// There is no policy.
    Absent,
}
