//! What is seen of a case once it was decided: the structured fields that graders look at, whoever decided.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::trial::Deed;
use crate::domain::{
    canonical::to_bytes,
    case::Case,
    decision::{Code, Decision, Effect},
    event::{Body, Event},
    id::{GroupId, PrecedentId},
    proposal::Proposal,
};

/// What is seen of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What happens next.
    pub effect: Effect,
    /// What is done where it fires.
    pub done: Option<Deed>,
    /// What it is done to.
    pub targets: Vec<String>,
    /// What is put to a person.
    pub offered: Option<Deed>,
    /// The codes that hold it back.
    pub held_by: Vec<Code>,
    /// The precedents that the plan rests on.
    pub grounds: Vec<PrecedentId>,
    /// The group that is asked, and how long it is waited for it in minutes.
    pub asked: Option<(Option<GroupId>, i64)>,
    /// Everything that a person is shown of the case, as one text.
    pub shown: String,
    /// Everything that leaves the alert's own tenant and case: reasons, plans, drafts, found precedents. As one text.
    pub said: String,
}

impl Seen {
    /// What is seen of `case`, decided and, where that is what follows, asked, by these events.
    pub fn of(case: &Case, events: &[Event], now: Timestamp) -> Option<Self> {
        let (_, decision) = case.decided.as_ref()?;
        let said = said(case, decision);
        Some(Self {
            effect: decision.verdict.effect,
            done: decision
                .proposal
                .as_ref()
                .filter(|_| decision.verdict.effect == Effect::Fire)
                .map(deed),
            targets: decision.targets.clone(),
            offered: decision.offered.as_ref().map(deed),
            held_by: decision.verdict.held_by(),
            grounds: case
                .plan
                .as_ref()
                .map(|plan| plan.because().to_vec())
                .unwrap_or_default(),
            asked: events.iter().find_map(|event| asked(event, now)),
            shown: format!("{}\n{said}", alert(case)),
            said,
        })
    }
}

fn deed(proposal: &Proposal) -> Deed {
    let values = proposal.parameters.iter();
    let parameters: BTreeMap<String, String> = values
        .map(|(name, parameter)| (name.clone(), parameter.value.clone()))
        .collect();
    Deed {
        action: proposal.action.clone(),
        parameters,
    }
}

fn asked(event: &Event, now: Timestamp) -> Option<(Option<GroupId>, i64)> {
    match &event.body {
        Body::Asked {
            group, expires_at, ..
        } => Some((group.clone(), expires_at.duration_since(now).as_mins())),
        _ => None,
    }
}

fn alert(case: &Case) -> String {
    case.alert().map(text).unwrap_or_default()
}

/// Reasons, plan, draft and what was found, in the words in which they are stored.
fn said(case: &Case, decision: &Decision) -> String {
    let draft = case.draft.as_ref().and_then(|(draft, _)| draft.content());
    [
        text(decision),
        text(&case.plan),
        text(&draft),
        text(&case.found),
    ]
    .join("\n")
}

/// What has no canonical form cannot have been stored, so nobody is shown it.
fn text<T: serde::Serialize>(value: &T) -> String {
    let bytes = to_bytes(value).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
