//! A step: what a case needs next, and the facts that it takes.

use jiff::Timestamp;

use super::id::PersonId;

/// What is to be done with a case next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Search for look-alikes.
    Retrieve,
    /// Compute the plan from the precedents in scope.
    Plan,
    /// Have a draft written.
    Draft,
    /// Put it to the gate.
    Decide(Word),
    /// Admit the action.
    Admit,
    /// Put it to a person.
    Ask,
    /// Let the ask pass to the next group.
    Expire,
    /// The last group let it run out: page whoever is on call.
    Page,
    /// Wait for a person, at the longest until then.
    AwaitAnswer(Timestamp),
    /// Another process may be calling: wait, at the longest until then.
    AwaitReceipt(Timestamp),
    /// An attempt has no receipt and its deadline is past.
    Recover,
    /// Run the probe.
    Verify,
    /// End the case.
    Close,
    /// Make a precedent of it.
    Learn,
    /// Nothing is to be done until something happens.
    Rest,
}

/// On whose word a decision is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// The agent's.
    Agent,
    /// A person chose another proposal: it is decided, and asked anew.
    Proposal(PersonId),
    /// A person approved what was asked.
    Approval(PersonId),
}

/// What a step reads beside the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// All precedents of the alert's key, earlier sightings of its occurrence, switches and the tenant's recent starts, as of one moment.
    Store,
    /// The precedents that retrieval found.
    LookAlikes,
}

impl Step {
    /// The facts that this step takes.
    pub const fn need(&self) -> Option<Need> {
        match self {
            Self::Plan | Self::Decide(_) | Self::Admit | Self::Ask => Some(Need::Store),
            Self::Draft => Some(Need::LookAlikes),
            Self::Retrieve
            | Self::Expire
            | Self::Page
            | Self::AwaitAnswer(_)
            | Self::AwaitReceipt(_)
            | Self::Recover
            | Self::Verify
            | Self::Close
            | Self::Learn
            | Self::Rest => None,
        }
    }

    /// The step's word, for people and logs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Retrieve => "retrieve",
            Self::Plan => "plan",
            Self::Draft => "draft",
            Self::Decide(_) => "decide",
            Self::Admit => "admit",
            Self::Ask => "ask",
            Self::Expire => "expire",
            Self::Page => "page",
            Self::AwaitAnswer(_) => "await answer",
            Self::AwaitReceipt(_) => "await receipt",
            Self::Recover => "recover",
            Self::Verify => "verify",
            Self::Close => "close",
            Self::Learn => "learn",
            Self::Rest => "rest",
        }
    }
}
