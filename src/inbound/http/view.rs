//! A case as HTTP gives it: the object of `triage --json` without its file, and with where the case stands and what is asked, because
//! whoever answers must name the digest of what they saw.

use serde::Serialize;

use crate::{
    app::{Outcome, Submitted},
    domain::{case::Case, precedent::Precedent},
    inbound::{
        case_view::{AskView, WaitingView},
        view::{Line, line},
    },
};

/// A case.
#[derive(Serialize)]
pub struct CaseView {
    /// The alert and what was decided.
    #[serde(flatten)]
    decision: Line,
    /// Where the case stands.
    phase: &'static str,
    /// Who took it.
    claimed_by: Option<String>,
    /// What is asked of a person now.
    ask: Option<AskView>,
    /// What was learnt of it and waits for a second person.
    waiting: Option<WaitingView>,
}

/// The view of a case and of one of its alerts.
pub fn case(outcome: Outcome, waiting: Option<&Precedent>) -> CaseView {
    let (phase, claimed_by, ask) = standing(&outcome.case);
    CaseView {
        waiting: waiting.map(WaitingView::of),
        decision: line(None, Submitted::Alert(outcome)),
        phase,
        claimed_by,
        ask,
    }
}

fn standing(case: &Case) -> (&'static str, Option<String>, Option<AskView>) {
    let claimed_by = case.claimed_by.as_ref().map(ToString::to_string);
    (case.phase.word(), claimed_by, AskView::of(case))
}
