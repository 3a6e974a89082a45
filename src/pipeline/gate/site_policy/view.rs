//! What a policy sees: who asks, for what, on which case, under which circumstances. One form, whatever the case.

use std::collections::{BTreeSet, HashMap};

use cedar_policy::RestrictedExpression;
use serde::{Deserialize, Serialize};

use crate::domain::{
    decision::Principal,
    id::{ActionId, GroupId, PersonId},
};

/// Who asks, for what, on which case, under which circumstances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Petition {
    /// On whose word.
    pub principal: Principal,
    /// The groups of a person.
    pub groups: Vec<GroupId>,
    /// For what.
    pub action: ActionId,
    /// On which case.
    pub case: CaseView,
    /// Under which circumstances.
    pub circumstances: Circumstances,
}

/// What a policy sees of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseView {
    /// Whose.
    pub tenant: String,
    /// Which source.
    pub source: String,
    /// Which detection; empty where unknown.
    pub detection_id: String,
    /// The gravest severity seen; high where unknown.
    pub severity: String,
    /// The action's blast radius on this alert.
    pub radius: i64,
    /// What the proposal takes it for.
    pub disposition: String,
    /// Whether it is about doors or badges.
    pub physical: bool,
    /// ATT&CK tactics.
    pub tactics: BTreeSet<String>,
    /// ATT&CK techniques.
    pub techniques: BTreeSet<String>,
}

/// What a policy sees of the circumstances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circumstances {
    /// Hour of the day, UTC.
    pub hour_utc: i64,
    /// Day of the week, Monday is 1.
    pub weekday: i64,
    /// Kinds of the targets.
    pub target_kinds: BTreeSet<String>,
    /// Tags of the targets' assets.
    pub target_tags: BTreeSet<String>,
    /// Environments of the targets' assets.
    pub target_environments: BTreeSet<String>,
    /// Distinct groups of precedents that agree.
    pub evidence_level: i64,
}

/// What asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// The agent.
    Agent,
    /// A person.
    Person,
}

impl Who {
    /// What `principal` is.
    pub(super) const fn of(principal: &Principal) -> Self {
        match principal {
            Principal::Agent => Self::Agent,
            Principal::Person(_) => Self::Person,
        }
    }
}

impl Petition {
    /// One that says everything that any can say.
    pub(super) fn example(action: &ActionId, who: Who) -> Self {
        let words = || BTreeSet::from(["example".to_owned()]);
        let word = || "example".to_owned();
        let (principal, groups) = match who {
            Who::Agent => (Principal::Agent, Vec::new()),
            Who::Person => (
                Principal::Person(PersonId::new("example")),
                vec![GroupId::new("example")],
            ),
        };
        Self {
            principal,
            groups,
            action: action.clone(),
            case: CaseView {
                tenant: word(),
                source: word(),
                detection_id: word(),
                severity: word(),
                radius: 0,
                disposition: word(),
                physical: false,
                tactics: words(),
                techniques: words(),
            },
            circumstances: Circumstances {
                hour_utc: 0,
                weekday: 1,
                target_kinds: words(),
                target_tags: words(),
                target_environments: words(),
                evidence_level: 0,
            },
        }
    }
}

impl CaseView {
    /// The case's attributes, as Cedar takes them.
    pub(super) fn attributes(&self) -> HashMap<String, RestrictedExpression> {
        HashMap::from([
            ("tenant".into(), text(&self.tenant)),
            ("source".into(), text(&self.source)),
            ("detection_id".into(), text(&self.detection_id)),
            ("severity".into(), text(&self.severity)),
            ("radius".into(), RestrictedExpression::new_long(self.radius)),
            ("disposition".into(), text(&self.disposition)),
            (
                "physical".into(),
                RestrictedExpression::new_bool(self.physical),
            ),
            ("tactics".into(), set(&self.tactics)),
            ("techniques".into(), set(&self.techniques)),
        ])
    }
}

impl Circumstances {
    /// The context, as Cedar takes it.
    pub(super) fn pairs(&self) -> [(String, RestrictedExpression); 6] {
        [
            (
                "hour_utc".into(),
                RestrictedExpression::new_long(self.hour_utc),
            ),
            (
                "weekday".into(),
                RestrictedExpression::new_long(self.weekday),
            ),
            ("target_kinds".into(), set(&self.target_kinds)),
            ("target_tags".into(), set(&self.target_tags)),
            ("target_environments".into(), set(&self.target_environments)),
            (
                "evidence_level".into(),
                RestrictedExpression::new_long(self.evidence_level),
            ),
        ]
    }
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.into())
}

fn set(values: &BTreeSet<String>) -> RestrictedExpression {
    RestrictedExpression::new_set(values.iter().map(|value| text(value)))
}
