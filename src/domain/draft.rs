//! A draft: what a drafter would do. It is shown to people, and to the gate it is a second key and nothing else.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{
    canonical::Digest,
    id::{ActionId, PrecedentId},
    proposal::Proposal,
};

/// What an alert turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// An attack or a real fault.
    TruePositive,
    /// Real, and allowed.
    BenignPositive,
    /// Not what the detection says.
    FalsePositive,
    /// Not known.
    Undetermined,
}

/// Dispositions on one side agree; undetermined is on no side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// True positive.
    True,
    /// Benign or false positive.
    Benign,
}

/// A response as a drafter wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Who wrote it.
    pub drafter: Drafter,
    /// What it takes the alert for.
    pub disposition: Disposition,
    /// What it would do; `None` for nothing.
    pub action: Option<ActionId>,
    /// Parameter values by name.
    pub parameters: BTreeMap<String, String>,
    /// Why, in a few sentences.
    pub rationale: String,
    /// The precedents it rests on.
    pub citations: Vec<PrecedentId>,
    /// Text for whoever asked.
    pub reply: Option<String>,
    /// Digest of the prompt; `None` where no model was asked.
    pub prompt: Option<Digest>,
    /// Tokens used, prompt and reply together.
    pub tokens: u64,
    /// What would settle it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// What the model named and the alert does not; marked in the texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unverified: Vec<String>,
}

/// Whether a plan whose every other condition holds still needs a model's agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyRule {
    /// No model is configured: whoever writes drafts agrees.
    #[default]
    Anyone,
    /// It does, and no other draft is its key: not one that was written before a model was configured either.
    Always,
    /// It does not: the model writes for the people who are asked.
    WhenAsking,
}

/// Who wrote a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drafter {
    /// The plan, word for word.
    Plan,
    /// The nearest precedents, where there is no plan.
    Precedents,
    /// A language model.
    Model(String),
}

/// Whether a draft counts as the second key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was written by whoever is configured to write it.
    Key,
    /// It is shown to a person only: the configured model did not write it.
    Shown {
        /// Why not.
        because: String,
    },
}

/// The part of a draft or plan that must be equal byte for byte.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Substance<'a> {
    /// What it is.
    pub disposition: Disposition,
    /// What to do.
    pub action: Option<&'a str>,
    /// With what.
    pub parameters: BTreeMap<&'a str, &'a str>,
}

impl Disposition {
    /// The side on which two dispositions agree.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::TruePositive => Some(Side::True),
            Self::BenignPositive | Self::FalsePositive => Some(Side::Benign),
            Self::Undetermined => None,
        }
    }

    /// The word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TruePositive => "true_positive",
            Self::BenignPositive => "benign_positive",
            Self::FalsePositive => "false_positive",
            Self::Undetermined => "undetermined",
        }
    }
}

impl Draft {
    /// What the gate compares.
    pub fn substance(&self) -> Substance<'_> {
        Substance {
            disposition: self.disposition,
            action: self.action.as_ref().map(ActionId::as_str),
            parameters: self
                .parameters
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
        }
    }
}

impl Proposal {
    /// What the gate compares.
    pub fn substance(&self) -> Substance<'_> {
        Substance {
            disposition: self.disposition,
            action: Some(self.action.as_str()),
            parameters: self
                .parameters
                .iter()
                .map(|(name, parameter)| (name.as_str(), parameter.value.as_str()))
                .collect(),
        }
    }
}

impl fmt::Display for Drafter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan => f.write_str("plan"),
            Self::Precedents => f.write_str("precedents"),
            Self::Model(name) => write!(f, "model:{name}"),
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
