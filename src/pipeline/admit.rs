//! Admit: the last look between a decision and a call. Pure; the store runs it inside the transaction that appends `Started`.

use jiff::{SignedDuration, Timestamp};

use super::{
    gate::{Question, decide},
    rules::Rules,
};
use crate::domain::{
    case::Case,
    decision::{Code, Decision, Effect, Principal},
    event::Body,
    facts::Facts,
    step::{Step, Word},
};

/// How old a decision may be when it is admitted.
const DECISION_MAX_SECONDS: i64 = 60;

/// Who makes the call, and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The process that appends `Started` and makes the call.
    pub process: String,
    /// How long until the attempt is in doubt.
    pub patience: SignedDuration,
}

/// Why an action is not admitted. The case is as it was: it is decided again, or a person decides.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is nothing to admit: somebody else was first.
    #[error("the case is no longer about to start an action")]
    NotDue,
    /// The decision is too old; things may have changed that nobody looked at.
    #[error("the decision is older than {DECISION_MAX_SECONDS} s")]
    TooOld,
    /// What the decision rests on is no longer what is loaded.
    #[error("{0} changed since the decision")]
    Changed(&'static str),
    /// Conditions that held then do not hold now.
    #[error("{} no longer hold", codes(.0))]
    Held(Vec<Code>),
    /// The case cannot be decided again.
    #[error("it cannot be decided again: {0}")]
    Undecided(String),
}

/// The `Started` event of `case`, if everything that can have changed still stands in `fresh`.
///
/// The whole gate runs again on the fresh facts, with the same principal and the same proposal: what it reads and what admission
/// must read again are then one list. `Started` is itself the reservation of the budget, for budgets count starts.
pub fn check(
    case: &Case,
    fresh: &Facts,
    rules: &Rules,
    caller: &Caller,
    now: Timestamp,
) -> Result<Body, Refusal> {
    let (number, decision) = match (case.next(now), &case.decided) {
        (Step::Admit, Some((number, decision))) => (*number, decision),
        _ => return Err(Refusal::NotDue),
    };
    stands(decision, rules)?;
    let decided_at = case.decided_at.unwrap_or(case.opened_at);
    if now.duration_since(decided_at) > SignedDuration::from_secs(DECISION_MAX_SECONDS) {
        return Err(Refusal::TooOld);
    }
    let again = decide(Question {
        case,
        word: &word(&decision.principal),
        facts: fresh,
        rules,
        now,
    })
    .map_err(|cause| Refusal::Undecided(cause.to_string()))?;
    if again.verdict.effect != Effect::Fire {
        return Err(Refusal::Held(again.verdict.held_by()));
    }
    let Some(proposal) = &decision.proposal else {
        return Err(Refusal::NotDue);
    };
    Ok(Body::Started {
        attempt: case.attempt.as_ref().map_or(0, |attempt| attempt.number) + 1,
        decided: number,
        digest: decision.digest,
        action: proposal.action.clone(),
        targets: decision.targets.clone(),
        owner: caller.process.clone(),
        deadline: now + caller.patience,
    })
}

/// Whether the release and the inventory are those of the decision.
fn stands(decision: &Decision, rules: &Rules) -> Result<(), Refusal> {
    let changed = [
        ("the release", decision.data.release != rules.data.release),
        (
            "the inventory",
            decision.data.inventory != rules.data.inventory,
        ),
        (
            "the calibration",
            decision.data.calibration != rules.data.calibration,
        ),
    ];
    match changed.into_iter().find(|(_, changed)| *changed) {
        Some((what, _)) => Err(Refusal::Changed(what)),
        None => Ok(()),
    }
}

fn word(principal: &Principal) -> Word {
    match principal {
        Principal::Agent => Word::Agent,
        Principal::Person(id) => Word::Approval(id.clone()),
    }
}

fn codes(codes: &[Code]) -> String {
    codes
        .iter()
        .map(|code| code.text())
        .collect::<Vec<_>>()
        .join(", ")
}
