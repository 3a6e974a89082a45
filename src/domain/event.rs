//! Events: the one record of a case. Stored as the exact canonical bytes that were hashed, chained, never changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    alert::{Alert, Status},
    answer::{Answer, Mattered},
    canonical::{Digest, NotCanonical, to_bytes},
    decision::{Decision, Principal},
    draft::{Disposition, Draft, Standing},
    id::{ActionId, CaseId, GroupId, PersonId, PrecedentId, TenantId},
    paged::Paged,
    person::Proof,
    proposal::Plan,
    sealed::{Seal, Sealed},
    severity::Severity,
    told::Told,
};

/// The version of the event format that this build writes. A reader that meets a newer one leaves the case alone.
pub const EVENT_VERSION: u32 = 1;

/// One event of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Format version.
    pub version: u32,
    /// Whose.
    pub tenant: TenantId,
    /// Which case.
    pub case: CaseId,
    /// Its place in the case, from 1.
    pub number: u64,
    /// When it was appended.
    pub at: Timestamp,
    /// Digest of the event before it; zeroes for the first.
    pub previous: Digest,
    /// What happened.
    pub body: Body,
}

/// What happened. The kinds are fixed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "every case has a decision, and no list of events is long"
)]
pub enum Body {
    /// An alert opened the case.
    Received {
        /// The alert.
        alert: Sealed<Alert>,
        /// Whether its signal is on.
        status: Status,
        /// The severity by which people are asked.
        urgency: Severity,
    },
    /// The same problem again.
    Repeated {
        /// The repeat.
        alert: Sealed<Alert>,
        /// Its severity, as people are asked: known even when the alert is erased.
        urgency: Severity,
        /// What follows from it.
        again: Again,
    },
    /// The signal went off.
    Resolved {
        /// The resolve.
        alert: Sealed<Alert>,
    },
    /// Look-alikes were searched.
    Retrieved {
        /// What was found, best first.
        found: Vec<LookAlike>,
        /// Why nothing could be searched.
        unavailable: Option<String>,
    },
    /// The plan was made.
    Planned {
        /// The plan.
        plan: Plan,
    },
    /// A model was called.
    Called {
        /// The endpoint.
        endpoint: String,
        /// What came of it.
        outcome: String,
        /// Tokens used.
        tokens: u64,
        /// What that cost, in millionths of the currency of the price table.
        #[serde(default, skip_serializing_if = "costs_nothing")]
        cost_micros: u64,
        /// The question and what was said to it, where somebody asked about the case; `None` for a draft.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<Sealed<Told>>,
    },
    /// The draft was written.
    Drafted {
        /// The draft.
        draft: Sealed<Draft>,
        /// Whether it counts as a key.
        standing: Standing,
    },
    /// The gate decided.
    Decided {
        /// The decision.
        decision: Decision,
    },
    /// A group was asked.
    Asked {
        /// The number of the `Decided` event that the ask is about.
        decided: u64,
        /// Its digest.
        digest: Digest,
        /// The group.
        group: Option<GroupId>,
        /// When it passes to the next group.
        expires_at: Timestamp,
        /// Whether the draft and the verdict are hidden.
        sight: Sight,
    },
    /// A person answered.
    Answered {
        /// The digest that the person saw.
        digest: Digest,
        /// Who.
        by: PersonId,
        /// By what proof.
        proof: Proof,
        /// What.
        answer: Answer,
    },
    /// An ask ran out.
    Expired {
        /// Its digest.
        digest: Digest,
        /// What came of paging whoever is on call, where no group is left to ask.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paged: Option<Paged>,
    },
    /// An attempt was admitted. From here on something may have happened in the world.
    Started {
        /// The number of the attempt, from 1.
        attempt: u32,
        /// The `Decided` event that allows it.
        decided: u64,
        /// Its digest.
        digest: Digest,
        /// What.
        action: ActionId,
        /// On what.
        targets: Vec<String>,
        /// The process that makes the call.
        owner: String,
        /// When it is in doubt.
        deadline: Timestamp,
    },
    /// The executor reported success.
    Executed {
        /// The attempt.
        attempt: u32,
        /// What the executor said.
        receipt: String,
    },
    /// The executor reported failure.
    Failed {
        /// The attempt.
        attempt: u32,
        /// Why.
        cause: String,
    },
    /// Nobody knows whether the attempt happened.
    InDoubt {
        /// The attempt.
        attempt: u32,
        /// What is known.
        known: String,
    },
    /// The probe ran.
    Verified {
        /// Which probe.
        probe: String,
        /// What it found.
        result: Probe,
    },
    /// The action was undone.
    Undone {
        /// By whom.
        by: PersonId,
        /// What the executor said.
        receipt: String,
        /// Why.
        reason: Sealed<String>,
    },
    /// A person took the case.
    Claimed {
        /// Who.
        by: PersonId,
    },
    /// A person handed the case to a group.
    Escalated {
        /// Who.
        by: PersonId,
        /// To whom.
        group: GroupId,
        /// Why.
        reason: Sealed<String>,
    },
    /// A person put the case off.
    Snoozed {
        /// Who.
        by: PersonId,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: Sealed<String>,
    },
    /// The case is over.
    Closed {
        /// On whose word.
        by: Principal,
        /// What it was.
        disposition: Disposition,
        /// Why.
        reason: Sealed<String>,
        /// Which facets mattered.
        mattered: Mattered,
    },
    /// The case is open again.
    Reopened {
        /// Who.
        by: PersonId,
        /// Why.
        reason: Sealed<String>,
    },
    /// A precedent was made of it.
    Learned {
        /// Its id.
        precedent: PrecedentId,
    },
}

/// What follows from a repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "again")]
pub enum Again {
    /// It only counts.
    Joined,
    /// The case is decided again.
    Decide {
        /// Why.
        because: String,
    },
}

/// A precedent that retrieval found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookAlike {
    /// Which.
    pub precedent: PrecedentId,
    /// Similarity in millionths.
    pub score_ppm: u32,
    /// Whether it counts for this alert.
    pub in_scope: bool,
}

/// What a person who is asked may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// Everything.
    Open,
    /// Neither draft nor verdict.
    Blind,
}

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// The action had its effect.
    Held,
    /// It had not.
    NotHeld,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn costs_nothing(micros: &u64) -> bool {
    *micros == 0
}

impl Event {
    /// The bytes that are stored and hashed.
    pub fn bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        to_bytes(self)
    }

    /// The digest that the next event names.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        Ok(Digest::of_bytes(&self.bytes()?))
    }
}

impl Body {
    /// The content that lies beside the event. No kind has more than one.
    pub fn payload(&self) -> Option<&dyn Seal> {
        match self {
            Self::Received { alert, .. }
            | Self::Repeated { alert, .. }
            | Self::Resolved { alert } => Some(alert),
            Self::Drafted { draft, .. } => Some(draft),
            Self::Called { told, .. } => told.as_ref().map(|told| told as &dyn Seal),
            Self::Answered { answer, .. } => answer.reason().map(|reason| reason as &dyn Seal),
            Self::Escalated { reason, .. }
            | Self::Snoozed { reason, .. }
            | Self::Closed { reason, .. }
            | Self::Reopened { reason, .. }
            | Self::Undone { reason, .. } => Some(reason),
            Self::Retrieved { .. }
            | Self::Planned { .. }
            | Self::Decided { .. }
            | Self::Asked { .. }
            | Self::Expired { .. }
            | Self::Started { .. }
            | Self::Executed { .. }
            | Self::Failed { .. }
            | Self::InDoubt { .. }
            | Self::Verified { .. }
            | Self::Claimed { .. }
            | Self::Learned { .. } => None,
        }
    }

    /// The same, to be filled by the store.
    pub fn payload_mut(&mut self) -> Option<&mut dyn Seal> {
        match self {
            Self::Received { alert, .. }
            | Self::Repeated { alert, .. }
            | Self::Resolved { alert } => Some(alert),
            Self::Drafted { draft, .. } => Some(draft),
            Self::Called { told, .. } => told.as_mut().map(|told| told as &mut dyn Seal),
            Self::Answered { answer, .. } => {
                answer.reason_mut().map(|reason| reason as &mut dyn Seal)
            }
            Self::Escalated { reason, .. }
            | Self::Snoozed { reason, .. }
            | Self::Closed { reason, .. }
            | Self::Reopened { reason, .. }
            | Self::Undone { reason, .. } => Some(reason),
            Self::Retrieved { .. }
            | Self::Planned { .. }
            | Self::Decided { .. }
            | Self::Asked { .. }
            | Self::Expired { .. }
            | Self::Started { .. }
            | Self::Executed { .. }
            | Self::Failed { .. }
            | Self::InDoubt { .. }
            | Self::Verified { .. }
            | Self::Claimed { .. }
            | Self::Learned { .. } => None,
        }
    }

    /// The kind's word, as in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Received { .. } => "received",
            Self::Repeated { .. } => "repeated",
            Self::Resolved { .. } => "resolved",
            Self::Retrieved { .. } => "retrieved",
            Self::Planned { .. } => "planned",
            Self::Called { .. } => "called",
            Self::Drafted { .. } => "drafted",
            Self::Decided { .. } => "decided",
            Self::Asked { .. } => "asked",
            Self::Answered { .. } => "answered",
            Self::Expired { .. } => "expired",
            Self::Started { .. } => "started",
            Self::Executed { .. } => "executed",
            Self::Failed { .. } => "failed",
            Self::InDoubt { .. } => "in_doubt",
            Self::Verified { .. } => "verified",
            Self::Undone { .. } => "undone",
            Self::Claimed { .. } => "claimed",
            Self::Escalated { .. } => "escalated",
            Self::Snoozed { .. } => "snoozed",
            Self::Closed { .. } => "closed",
            Self::Reopened { .. } => "reopened",
            Self::Learned { .. } => "learned",
        }
    }
}
