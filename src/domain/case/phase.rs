//! Where a case stands, with the ask that is open and the attempt that was made.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::{
    answer::Closing,
    canonical::Digest,
    event::Sight,
    id::{ActionId, GroupId, PersonId},
    proposal::Proposal,
    severity::Severity,
};

/// Where a case stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Only a resolve was ever seen.
    Quiet,
    /// To be looked up.
    Received,
    /// To be planned.
    Retrieved,
    /// To be drafted.
    Planned,
    /// To be decided on the agent's word.
    Drafted,
    /// Decided: to be admitted or asked.
    Decided,
    /// With a person.
    Asked,
    /// The ask ran out: to be passed on.
    Expired,
    /// To be decided on a person's word.
    Approved(PersonId),
    /// A person's own proposal is to be decided.
    Proposed(PersonId),
    /// A person ended it.
    Concluded(PersonId, Closing),
    /// Something may be happening in the world.
    Started,
    /// To be verified.
    Executed,
    /// It failed, is in doubt, was undone or reopened: a person decides.
    Doubtful,
    /// It worked.
    Verified,
    /// Over.
    Closed,
    /// Over, and a precedent was made of it.
    Learned,
}

/// An open ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The number of the `Decided` event that it is about.
    pub decided: u64,
    /// Its digest.
    pub digest: Digest,
    /// What is offered.
    pub offered: Option<Proposal>,
    /// What it would touch.
    pub targets: Vec<String>,
    /// The severity when it was asked.
    pub urgency: Severity,
    /// The group that is asked.
    pub group: Option<GroupId>,
    /// The groups that come after it.
    pub later: Vec<GroupId>,
    /// When it passes on.
    pub expires_at: Timestamp,
    /// What the person may see.
    pub sight: Sight,
    /// Who approved it so far.
    pub approvals: BTreeSet<PersonId>,
    /// Whether the last group let it run out.
    pub lateness: Lateness,
}

/// Whether an ask is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lateness {
    /// It is not.
    InTime,
    /// The last group let it run out: it pages and stays open.
    Overdue,
}

/// An attempt at an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// What.
    pub action: ActionId,
    /// When it is in doubt.
    pub deadline: Timestamp,
}

impl Phase {
    /// Whether what was executed can be undone here: nothing is under way, and no answer waits to be acted on.
    pub(super) const fn can_be_undone(&self) -> bool {
        match self {
            Self::Executed
            | Self::Verified
            | Self::Closed
            | Self::Learned
            | Self::Doubtful
            | Self::Asked
            | Self::Expired => true,
            Self::Quiet
            | Self::Received
            | Self::Retrieved
            | Self::Planned
            | Self::Drafted
            | Self::Decided
            | Self::Approved(_)
            | Self::Proposed(_)
            | Self::Concluded(..)
            | Self::Started => false,
        }
    }

    /// Whether the case can stand here with nothing started and nobody's answer under way.
    pub(super) fn is_before_start(&self) -> bool {
        match self {
            Self::Quiet
            | Self::Received
            | Self::Retrieved
            | Self::Planned
            | Self::Drafted
            | Self::Decided
            | Self::Asked
            | Self::Expired => true,
            Self::Approved(_)
            | Self::Proposed(_)
            | Self::Concluded(..)
            | Self::Started
            | Self::Executed
            | Self::Doubtful
            | Self::Verified
            | Self::Closed
            | Self::Learned => false,
        }
    }

    /// The phase's word, for people.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Received => "received",
            Self::Retrieved => "retrieved",
            Self::Planned => "planned",
            Self::Drafted => "drafted",
            Self::Decided => "decided",
            Self::Asked => "asked",
            Self::Expired => "expired",
            Self::Approved(_) => "approved",
            Self::Proposed(_) => "proposed",
            Self::Concluded(..) => "concluded",
            Self::Started => "started",
            Self::Executed => "executed",
            Self::Doubtful => "doubtful",
            Self::Verified => "verified",
            Self::Closed => "closed",
            Self::Learned => "learned",
        }
    }
}
