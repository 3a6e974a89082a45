//! Facts: what the store knows beside the case. `app` reads them; every stage takes them as an argument.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    action::Class,
    id::{ActionId, PrecedentId, TenantId},
    precedent::{Precedent, PrecedentOrigin},
    release::{Attestation, Ppm, Stage},
};

/// Something that is read from a dependency, or the reason why it could not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known<T> {
    /// It was read.
    Read(T),
    /// It was not.
    Unreadable(String),
}

/// Everything a stage may need to know beside the case.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The kind of store.
    pub store: StoreKind,
    /// The precedents of the alert's key.
    pub evidence: Evidence,
    /// The precedents that retrieval found, best first, for the draft.
    pub look_alikes: Vec<Precedent>,
    /// When this occurrence was last seen before this alert.
    pub occurrence_seen: Known<Option<Timestamp>>,
    /// The switches, stage, attestation and breakers.
    pub gate: GateState,
    /// The starts of the tenant in the longest window that any budget or settle time looks at.
    pub starts: Known<Vec<Start>>,
    /// The hold-out draw of this case: HMAC(store secret, case id).
    pub draw: Ppm,
    /// The draw by which an eligible case that is held back is asked blind, independent of the other.
    pub blind_draw: Ppm,
    /// The endpoints that the alert's text was sent to.
    pub endpoints: Vec<Endpoint>,
}

/// The kind of a store: fixed when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// Real alerts, real actions.
    Live,
    /// The demo.
    Demo,
    /// The simulator's.
    Simulated,
}

/// All precedents of one tenant, source and detection.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The rows, those in quarantine left out, at most [`EVIDENCE_MAX_ROWS`].
    pub rows: Arc<Vec<Precedent>>,
    /// How many rows the key has.
    pub total: u64,
    /// The ids in quarantine, of any key of the tenant.
    pub quarantine: Known<BTreeSet<PrecedentId>>,
}

/// The most rows of one key that the gate counts.
pub const EVIDENCE_MAX_ROWS: usize = 10_000;

/// The fold of a tenant's operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateState {
    /// What is switched off.
    pub kills: Known<BTreeSet<Kill>>,
    /// How far the running release has been promoted.
    pub stage: Known<Stage>,
    /// The attestation at hand, if its signature is good.
    pub attestation: Known<Option<Attestation>>,
    /// The names of what is loaded and no longer what its file on the disk is.
    pub outdated: Vec<String>,
    /// The classes that are demoted.
    pub demoted: Known<BTreeSet<Class>>,
}

/// What a kill switch stops.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kill {
    /// Everything.
    Global,
    /// One tenant.
    Tenant(TenantId),
    /// One action.
    Action(ActionId),
}

/// One start of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// What.
    pub action: ActionId,
    /// On what.
    pub targets: Vec<String>,
    /// When.
    pub at: Timestamp,
}

/// An endpoint that data was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// The region it is in.
    pub region: Option<String>,
}

impl StoreKind {
    /// The origin that counts in this kind of store.
    pub const fn counts(self) -> PrecedentOrigin {
        match self {
            Self::Live => PrecedentOrigin::Lived,
            Self::Demo => PrecedentOrigin::Demo,
            Self::Simulated => PrecedentOrigin::Simulated,
        }
    }

    /// The scheme of its URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Demo => "demo",
            Self::Simulated => "simulated",
        }
    }
}
