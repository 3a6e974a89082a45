//! The catalogue: every action that tierone can take, and under which limits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    alert::Alert,
    attack::{self, Tactics},
    entity::EntityKind,
    id::{ActionId, GroupId},
    severity::Severity,
};

/// The catalogue, from `actions.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// How people are asked.
    pub asks: Asks,
    /// The actions.
    #[serde(rename = "action")]
    pub actions: Vec<Action>,
}

/// How people are asked: whom first, and how long an ask stays with one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asks {
    /// The groups that are asked in turn where no action says otherwise.
    pub default_chain: Vec<GroupId>,
    /// Minutes before an ask passes to the next group, by severity.
    pub expiry_minutes: BTreeMap<Severity, u32>,
}

/// One action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// What it does, for people.
    pub summary: String,
    /// Whether the agent may ever do it alone.
    pub autonomous: bool,
    /// Whether it can be undone.
    pub reversible: bool,
    /// How.
    #[serde(default)]
    pub undo: Option<String>,
    /// Blast radius, 0 to 3.
    pub radius: u8,
    /// When the radius is another one.
    #[serde(default)]
    pub radius_by: Option<RadiusBy>,
    /// The probe that tells whether it worked.
    pub verify: String,
    /// Minutes in which it is not done again on one target.
    pub settle_minutes: u32,
    /// Its D3FEND technique, where one fits.
    #[serde(default)]
    pub d3fend: Option<String>,
    /// What carries it out.
    pub executor: ExecutorKind,
    /// How often.
    pub budgets: Budgets,
    /// The groups that may approve it, asked in turn.
    pub approvers: Vec<GroupId>,
    /// How many people must approve it.
    pub quorum: u8,
    /// Text that leaves, filled with handles only.
    #[serde(default)]
    pub templates: BTreeMap<String, String>,
    /// Assets with one of these tags are never its target.
    #[serde(default)]
    pub forbidden_tags: Vec<String>,
    /// Its parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, ParameterSpec>,
}

/// A radius for alerts that are graver than the action itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RadiusBy {
    /// For these severities.
    #[serde(default)]
    pub severities: Vec<Severity>,
    /// For these ATT&CK tactics. A technique whose tactics are not known counts as each of them.
    #[serde(default)]
    pub tactics: Vec<String>,
    /// This radius.
    pub radius: u8,
}

/// What carries an action out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutorKind {
    /// tierone itself.
    Internal,
    /// A signed webhook.
    Webhook,
    /// `PagerDuty` Events v2.
    Pagerduty,
}

/// How often an action may be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// By the agent alone.
    pub alone: Budget,
    /// By anyone.
    pub ceiling: Budget,
}

/// A number of starts in a sliding window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The window, in minutes.
    pub minutes: u32,
    /// Of this action in one tenant.
    pub action: u32,
    /// Of this action on one target.
    pub target: u32,
    /// Of any action in one tenant.
    pub tenant: u32,
}

/// What may fill a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterSpec {
    /// Its kind.
    pub kind: ParameterKind,
    /// Whether it is a target, and whose it must be.
    #[serde(default)]
    pub target: Option<TargetOf>,
    /// The constants that may fill it.
    #[serde(default)]
    pub constants: Vec<String>,
}

/// The kind of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParameterKind {
    /// An entity of this kind.
    Entity(EntityKind),
    /// A team.
    Team(TeamWord),
}

/// The word `team`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamWord {
    /// A team of the inventory.
    Team,
}

/// Whose a target must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetOf {
    /// Exactly one asset of the inventory has it as a strong id.
    Ours,
    /// No asset has it, and it is provably outside.
    Theirs,
}

/// An action at one blast radius: what statistics grant autonomy to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Class {
    /// The action.
    pub action: ActionId,
    /// Its radius for this alert.
    pub radius: u8,
}

/// The action whose effect is that a case is over.
pub const CLOSE: &str = "close";
/// The action whose effect is that whoever asked is answered.
pub const ANSWER: &str = "answer";

impl Catalogue {
    /// The action with this id.
    pub fn action(&self, id: &ActionId) -> Option<&Action> {
        self.actions.iter().find(|action| action.id == *id)
    }

    /// Every class that the agent may ever be granted: each autonomous action at each radius that it can have.
    pub fn autonomous_classes(&self) -> BTreeSet<Class> {
        let autonomous = self.actions.iter().filter(|action| action.autonomous);
        let classes = autonomous.flat_map(|action| {
            let radii = std::iter::once(action.radius)
                .chain(action.radius_by.iter().map(|graver| graver.radius));
            radii.map(|radius| Class {
                action: action.id.clone(),
                radius: radius.max(action.radius),
            })
        });
        classes.collect()
    }

    /// Minutes that an ask about an alert of this severity stays with one group; the shortest where none is set.
    pub fn expiry_minutes(&self, severity: Severity) -> u32 {
        let minutes = &self.asks.expiry_minutes;
        minutes
            .get(&severity)
            .or_else(|| minutes.values().min())
            .copied()
            .unwrap_or(15)
    }
}

impl Action {
    /// The class of this action on `alert`, in a case of this urgency.
    pub fn class(&self, alert: &Alert, urgency: Severity) -> Class {
        Class {
            action: self.id.clone(),
            radius: self.radius_on(alert, urgency),
        }
    }

    /// The blast radius on `alert`: the larger one that applies. `urgency` is the gravest severity of the case, so that a mild
    /// repeat does not make its action a milder one.
    pub fn radius_on(&self, alert: &Alert, urgency: Severity) -> u8 {
        let graver = self
            .radius_by
            .as_ref()
            .filter(|by| by.applies(alert, urgency));
        graver.map_or(self.radius, |by| by.radius.max(self.radius))
    }

    /// Whether its targets are the alert's own `target.*` entities, because no parameter names one.
    pub fn targets_alert(&self) -> bool {
        self.id.as_str() == CLOSE
    }
}

impl RadiusBy {
    fn applies(&self, alert: &Alert, urgency: Severity) -> bool {
        let listed = |tactic: &str| self.tactics.iter().any(|listed| listed == tactic);
        self.severities.contains(&alert.urgency().max(urgency))
            || alert.attack.iter().any(|id| match attack::tactics(id) {
                Tactics::Of(tactics) => tactics.iter().any(|tactic| listed(tactic)),
                Tactics::Is(tactic) => listed(tactic),
                Tactics::Unknown => !self.tactics.is_empty(),
            })
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at radius {}", self.action, self.radius)
    }
}
