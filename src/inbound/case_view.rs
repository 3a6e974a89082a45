//! A case as every surface gives it: one object, every key always there, null where unknown.

use serde::Serialize;

use super::view::{ActionView, action};
use crate::{
    app::{Story, find::Listed},
    domain::{
        alert::Status,
        case::{Ask, Case, Lateness, Phase},
        decision::Principal,
        event::{Body, Event},
        id::PersonId,
        person::CURATORS,
        precedent::{Precedent, PrecedentOrigin},
    },
};

/// A case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseView {
    /// Its id.
    pub case_id: String,
    /// Whose.
    pub tenant: String,
    /// The title of its alert; null where that was erased.
    pub title: Option<String>,
    /// The source of its alert.
    pub source: Option<String>,
    /// The rule that fired.
    pub detection_id: Option<String>,
    /// The gravest severity seen.
    pub urgency: &'static str,
    /// Where it stands.
    pub phase: &'static str,
    /// firing or resolved.
    pub signal: Status,
    /// How many firing alerts it holds.
    pub occurrences: u64,
    /// When it was opened, RFC 3339.
    pub opened_at: String,
    /// What is asked.
    pub ask: Option<AskView>,
    /// Who claimed it.
    pub claimed_by: Option<String>,
    /// Put off until then.
    pub snoozed_until: Option<String>,
    /// What was tried, in order.
    pub attempts: Vec<AttemptView>,
    /// How it ended.
    pub closed: Option<ClosedView>,
    /// The precedent that was made of it and stands.
    pub precedent: Option<String>,
}

/// A case in a list.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum ListedView {
    /// It was read.
    Case(Box<CaseView>),
    /// It is there, and cannot be read.
    Unreadable {
        /// Its id.
        case_id: String,
        /// Why not.
        unreadable: String,
    },
}

impl ListedView {
    /// Of a case in a list.
    pub fn of(listed: &Listed) -> Self {
        match listed {
            Listed::Case(story) => Self::Case(Box::new(CaseView::of(story))),
            Listed::Unreadable { id, cause } => Self::Unreadable {
                case_id: id.to_string(),
                unreadable: cause.clone(),
            },
        }
    }
}

/// What is asked about a case.
#[derive(Clone, Debug, Serialize)]
pub struct AskView {
    /// What an answer must name.
    pub digest: String,
    /// The group that is asked.
    pub group: Option<String>,
    /// When it passes on.
    pub until: String,
    /// Whether the last group let it run out.
    pub overdue: bool,
    /// Whether it is asked blind: what tierone would do is shown to nobody before somebody has answered.
    pub blind: bool,
    /// What is offered; null where there is no action, and where it is asked blind.
    pub action: Option<ActionView>,
    /// What the case is taken for by it.
    pub disposition: Option<&'static str>,
    /// What it would touch.
    pub targets: Vec<String>,
    /// Who approved it so far.
    pub approvals: Vec<String>,
    /// How many must.
    pub quorum: u8,
}

/// An attempt at an action.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptView {
    /// Its number, from 1.
    pub number: u32,
    /// What.
    pub action: String,
    /// On what.
    pub targets: Vec<String>,
    /// started, executed, failed or `in_doubt`.
    pub state: &'static str,
    /// What the executor said, or why not.
    pub said: Option<String>,
    /// What came of undoing it; null where nobody tried.
    pub undo: Option<UndoView>,
}

/// What came of undoing an attempt.
#[derive(Clone, Debug, Serialize)]
pub struct UndoView {
    /// `in_doubt`, failed or undone.
    pub state: &'static str,
    /// What the executor said, or why not.
    pub said: String,
}

/// How a case ended.
#[derive(Clone, Debug, Serialize)]
pub struct ClosedView {
    /// On whose word: agent, or a person's id.
    pub by: String,
    /// What it was.
    pub disposition: &'static str,
}

/// What of a precedent does not count before a second person has confirmed it.
#[derive(Clone, Debug, Serialize)]
pub struct WaitingView {
    /// The precedent.
    pub precedent: String,
    /// The facets that are said to have mattered. Until it is confirmed, all of them must be equal, or it does not count at all.
    pub mattered: Vec<String>,
    /// Whether it counts meanwhile: strictly or not.
    pub meanwhile: &'static str,
    /// The group whose people may confirm it.
    pub group: &'static str,
}

impl WaitingView {
    /// What of `precedent` waits.
    pub fn of(precedent: &Precedent) -> Self {
        let scope = precedent.wider.as_ref().unwrap_or(&precedent.scope);
        Self {
            precedent: precedent.id.to_string(),
            mattered: scope.facets.keys().cloned().collect(),
            meanwhile: match precedent.origin {
                PrecedentOrigin::Imported => "not",
                PrecedentOrigin::Lived | PrecedentOrigin::Demo | PrecedentOrigin::Simulated => {
                    "strictly"
                }
            },
            group: CURATORS,
        }
    }
}

impl CaseView {
    /// The case that `story` tells.
    pub fn of(story: &Story) -> Self {
        let case = &story.case;
        let alert = case.alert.content();
        Self {
            case_id: case.id.to_string(),
            tenant: case.tenant.to_string(),
            title: alert.map(|alert| alert.title.clone()),
            source: alert.map(|alert| alert.source.to_string()),
            detection_id: alert.and_then(|alert| alert.detection_id.clone()),
            urgency: case.urgency.word(),
            phase: case.phase.word(),
            signal: case.signal,
            occurrences: case.occurrences,
            opened_at: case.opened_at.to_string(),
            ask: AskView::of(case),
            claimed_by: case.claimed_by.as_ref().map(ToString::to_string),
            snoozed_until: case.snoozed_until.map(|until| until.to_string()),
            attempts: attempts(&story.events),
            closed: case.closed.as_ref().map(|(by, disposition)| ClosedView {
                by: match by {
                    Principal::Agent => "agent".into(),
                    Principal::Person(id) => id.to_string(),
                },
                disposition: disposition.word(),
            }),
            precedent: case.standing_precedent().map(ToString::to_string),
        }
    }
}

/// The ask that can be answered now.
pub fn open_ask(case: &Case) -> Option<&Ask> {
    case.ask.as_ref().filter(|_| case.phase == Phase::Asked)
}

impl AskView {
    /// What is asked about `case` and can be answered now.
    pub fn of(case: &Case) -> Option<Self> {
        let ask = open_ask(case)?;
        let blind = case.is_blind();
        let offered = ask.offered.as_ref().filter(|_| !blind);
        let decided = case.decided.as_ref();
        Some(Self {
            digest: ask.digest.to_string(),
            group: ask.group.as_ref().map(ToString::to_string),
            until: ask.expires_at.to_string(),
            overdue: ask.lateness == Lateness::Overdue,
            blind,
            action: offered.map(action),
            disposition: offered.map(|offered| offered.disposition.word()),
            targets: if blind {
                Vec::new()
            } else {
                ask.targets.clone()
            },
            approvals: ask.approvals.iter().map(PersonId::to_string).collect(),
            quorum: decided
                .filter(|_| !blind)
                .map_or(1, |(_, decision)| decision.verdict.quorum),
        })
    }
}

fn attempts(events: &[Event]) -> Vec<AttemptView> {
    let mut attempts: Vec<AttemptView> = Vec::new();
    for event in events {
        if let Body::Started {
            attempt,
            action,
            targets,
            ..
        } = &event.body
        {
            attempts.push(AttemptView {
                number: *attempt,
                action: action.to_string(),
                targets: targets.clone(),
                state: "started",
                said: None,
                undo: None,
            });
        } else if let Some(last) = attempts.last_mut() {
            last.follow(&event.body);
        }
    }
    attempts
}

impl AttemptView {
    /// What fails or is in doubt once it was executed is its undo.
    fn follow(&mut self, body: &Body) {
        let executed = self.state == "executed";
        let (state, said) = match body {
            Body::Executed { receipt, .. } => ("executed", receipt),
            Body::Failed { cause, .. } => ("failed", cause),
            Body::InDoubt { known, .. } => ("in_doubt", known),
            Body::Undone { receipt, .. } => ("undone", receipt),
            _ => return,
        };
        if executed {
            self.undo = Some(UndoView {
                state,
                said: said.clone(),
            });
        } else {
            self.state = state;
            self.said = Some(said.clone());
        }
    }
}
