//! Trials: what a case that is over says about acting alone on its like. Labels come from blind answers only. Pure.

use jiff::{SignedDuration, Timestamp};

use super::calibrate::{Attack, Outcome, Row, Trial};
use crate::domain::{
    action::Class,
    answer::Answer,
    decision::{Decision, Principal},
    draft::Side,
    event::{Body, Event, Probe, Sight},
    evidence,
    precedent::Precedent,
};

/// How long an answer must have held before it counts: in this time a wrong one shows.
pub const MATURITY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a case says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What acting alone would have been; `None` where nobody was asked blind and answered.
    pub row: Option<Row>,
    /// The attack that it was; `None` where it was none.
    pub attack: Option<Attack>,
}

/// What the case with these events says by `now`, which made this precedent. One that is not mature says nothing. `counts` is whether the
/// precedent does: where it does not, the case can speak against acting alone and never for it, so that nobody betters a record by taking
/// precedents out. Of events only the kinds of the store's history are read; content beside them is not needed.
pub fn told(events: &[Event], precedent: &Precedent, counts: bool, now: Timestamp) -> Told {
    let closed = events.iter().find_map(|event| match event.body {
        Body::Closed { .. } => Some(event.at),
        _ => None,
    });
    let Some(ended) = closed.filter(|at| now.duration_since(*at) >= MATURITY) else {
        return Told::default();
    };
    let trial = trial(precedent);
    let row = row(events, ended, trial.clone());
    Told {
        row: row.filter(|row| counts || row.outcome == Outcome::Unsafe),
        attack: was_attack(events).then(|| Attack {
            trial,
            plan: planned(events),
        }),
    }
}

/// Whether a person ever closed it as one.
fn was_attack(events: &[Event]) -> bool {
    events.iter().any(|event| match &event.body {
        Body::Closed {
            by: Principal::Person(_),
            disposition,
            ..
        } => disposition.side() == Some(Side::True),
        _ => false,
    })
}

/// One detection, on one UTC day, of one cluster. Scopes are left out: their facets can be chosen by whoever writes the alert or closes the
/// case, and fewer trials promise no less.
fn trial(precedent: &Precedent) -> Trial {
    let (day, cluster) = precedent.group();
    let scope = &precedent.scope;
    // Each part is quoted, so that none can end where it does not.
    Trial(format!(
        "{:?} {:?} {day} {:?}",
        scope.source.as_str(),
        scope.detection_id,
        cluster.as_str()
    ))
}

fn row(events: &[Event], ended: Timestamp, trial: Trial) -> Option<Row> {
    let (decision, answered) = answered_blind(events)?;
    let rank = decision.rank.as_ref().filter(|_| decision.is_eligible())?;
    let planned = decision.proposal.as_ref().and_then(evidence::Outcome::of);
    let agrees = planned.is_some() && said(answered).all(|chosen| chosen == planned);
    let held = !events.iter().any(|event| match event.body {
        Body::Reopened { .. } | Body::Undone { .. } => event.at.duration_since(ended) < MATURITY,
        Body::Failed { .. } | Body::InDoubt { .. } => true,
        Body::Verified { result, .. } => result == Probe::NotHeld,
        _ => false,
    });
    Some(Row {
        trial,
        class: rank.class.clone(),
        level: rank.level,
        outcome: if agrees && held {
            Outcome::Safe
        } else {
            Outcome::Unsafe
        },
    })
}

/// What people said, from the blind answer on: who thinks better of it speaks against it too. An approval says nothing new.
fn said(answered: &[Event]) -> impl Iterator<Item = Option<evidence::Outcome>> {
    answered.iter().filter_map(|event| match &event.body {
        Body::Answered { answer, .. } => match answer {
            Answer::Propose { proposal } => Some(evidence::Outcome::of(proposal)),
            Answer::Reject { closing } | Answer::Resolve { closing } => {
                Some(evidence::Outcome::of_ending(closing.disposition))
            }
            Answer::Approve => None,
        },
        _ => None,
    })
}

/// The decision that the first answer was about, and what happened from that answer on; `None` unless nothing but a blind ask came before.
fn answered_blind(events: &[Event]) -> Option<(&Decision, &[Event])> {
    let (mut decisions, mut blind) = (Vec::new(), None);
    for (place, event) in events.iter().enumerate() {
        match &event.body {
            Body::Decided { decision } => decisions.push((event.number, decision)),
            Body::Asked {
                sight: Sight::Open, ..
            } => return None,
            Body::Asked {
                decided, digest, ..
            } => blind = Some((*decided, *digest)),
            Body::Answered { digest, .. } => {
                let (decided, _) = blind.filter(|(_, asked)| asked == digest)?;
                let mut about = decisions.into_iter();
                let (_, decision) = about.find(|(number, _)| *number == decided)?;
                return Some((decision, events.get(place..)?));
            }
            _ => {}
        }
    }
    None
}

/// What the agent would have done alone but for what was granted to it, before anybody answered.
fn planned(events: &[Event]) -> Option<(Class, u32)> {
    let before = events
        .iter()
        .take_while(|event| !matches!(event.body, Body::Answered { .. }));
    let own = before.filter_map(|event| match &event.body {
        Body::Decided { decision } if decision.principal == Principal::Agent => Some(decision),
        _ => None,
    });
    let last = own.last().filter(|decision| decision.is_eligible())?;
    let rank = last.rank.as_ref()?;
    Some((rank.class.clone(), rank.level))
}
