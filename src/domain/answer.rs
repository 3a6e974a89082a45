//! An answer: what a person said to an ask, and what every closing must say.

use serde::{Deserialize, Serialize};

use super::{draft::Disposition, precedent::Breadth, proposal::Proposal, sealed::Sealed};

/// What a person answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum Answer {
    /// Do it.
    Approve,
    /// Do this instead; it is decided and asked anew.
    Propose {
        /// What.
        proposal: Proposal,
    },
    /// Do not do it; the case is over.
    Reject {
        /// How.
        closing: Closing,
    },
    /// The case is over without it.
    Resolve {
        /// How.
        closing: Closing,
    },
}

/// What every closing by a person says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closing {
    /// What it was.
    pub disposition: Disposition,
    /// Why.
    pub reason: Sealed<String>,
    /// Which facets mattered.
    pub mattered: Mattered,
}

/// Which facets mattered for a closing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mattered {
    /// Whether all declared facets did.
    pub breadth: Breadth,
    /// The keys that did, where not all.
    pub facets: Vec<String>,
}

impl Answer {
    /// How it ends the case; `None` where it does not.
    pub const fn closing(&self) -> Option<&Closing> {
        match self {
            Self::Reject { closing } | Self::Resolve { closing } => Some(closing),
            Self::Approve | Self::Propose { .. } => None,
        }
    }

    pub(super) fn reason(&self) -> Option<&Sealed<String>> {
        match self {
            Self::Reject { closing } | Self::Resolve { closing } => Some(&closing.reason),
            Self::Approve | Self::Propose { .. } => None,
        }
    }

    pub(super) fn reason_mut(&mut self) -> Option<&mut Sealed<String>> {
        match self {
            Self::Reject { closing } | Self::Resolve { closing } => Some(&mut closing.reason),
            Self::Approve | Self::Propose { .. } => None,
        }
    }
}
