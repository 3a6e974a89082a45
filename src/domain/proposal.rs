//! A proposal: an action with its parameters filled, and the role that filled each.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    draft::Disposition,
    entity::Role,
    id::{ActionId, PersonId, PrecedentId},
};

/// What may be done: the agent's plan, or what a person chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What the alert is taken for.
    pub disposition: Disposition,
    /// The catalogue action.
    pub action: ActionId,
    /// Its parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Who chose the action or a parameter.
    pub proposer: Proposer,
}

/// A filled parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// What filled it.
    pub role: ParameterRole,
    /// With what.
    pub value: String,
}

/// What fills a parameter: an entity role, `owner`, or `constant:VALUE`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ParameterRole {
    /// The one `field` entity that plays this role.
    Entity(Role),
    /// The owner of the target in the inventory, else of the detection.
    Owner,
    /// A value that the catalogue lists.
    Constant(String),
}

/// Who chose the action or a parameter. The agent's own proposal has no person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposer {
    /// Code, from precedents.
    Agent,
    /// A person.
    Person(PersonId),
}

/// What the precedents in scope say is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "plan")]
pub enum Plan {
    /// Every parameter is filled.
    Complete {
        /// What to do.
        proposal: Proposal,
        /// The precedents that say so.
        because: Vec<PrecedentId>,
    },
    /// The action is known, a parameter is not.
    Incomplete {
        /// What the alert is taken for.
        disposition: Disposition,
        /// The action.
        action: ActionId,
        /// What is missing, by parameter.
        missing: BTreeMap<String, String>,
        /// The precedents that say so.
        because: Vec<PrecedentId>,
    },
    /// There is nothing to plan from.
    None {
        /// Why.
        why: String,
    },
}

impl Plan {
    /// The proposal, where the plan is complete.
    pub fn proposal(&self) -> Option<&Proposal> {
        match self {
            Self::Complete { proposal, .. } => Some(proposal),
            Self::Incomplete { .. } | Self::None { .. } => None,
        }
    }

    /// The precedents it rests on.
    pub fn because(&self) -> &[PrecedentId] {
        match self {
            Self::Complete { because, .. } | Self::Incomplete { because, .. } => because,
            Self::None { .. } => &[],
        }
    }
}

impl fmt::Display for ParameterRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entity(role) => role.fmt(f),
            Self::Owner => f.write_str("owner"),
            Self::Constant(value) => write!(f, "constant:{value}"),
        }
    }
}

impl From<&str> for ParameterRole {
    fn from(text: &str) -> Self {
        match text.strip_prefix("constant:") {
            Some(value) => Self::Constant(value.into()),
            None if text == "owner" => Self::Owner,
            None => Self::Entity(Role::new(text)),
        }
    }
}

impl Serialize for ParameterRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ParameterRole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?.as_str()))
    }
}
