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

/// A kind of fact that a step reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// All precedents of the alert's key.
    Evidence,
    /// The precedents that retrieval found.
    LookAlikes,
    /// Earlier sightings of the occurrence.
    Occurrence,
    /// Switches, stage, attestation and breakers.
    GateState,
    /// The tenant's recent starts.
    Starts,
}

impl Step {
    /// The facts that this step takes.
    pub const fn needs(&self) -> &'static [Need] {
        match self {
            Self::Plan => &[Need::Evidence],
            Self::Draft => &[Need::LookAlikes],
            Self::Decide(_) | Self::Admit => &[
                Need::Evidence,
                Need::Occurrence,
                Need::GateState,
                Need::Starts,
            ],
            Self::Retrieve
            | Self::Ask
            | Self::Expire
            | Self::AwaitAnswer(_)
            | Self::AwaitReceipt(_)
            | Self::Recover
            | Self::Verify
            | Self::Close
            | Self::Learn
            | Self::Rest => &[],
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
