//! Trials: what a case that is over says about acting alone on its like. Labels come from blind answers only. Pure.

use jiff::{SignedDuration, Timestamp};

use super::calibrate::{Attack, Outcome, Row, Trial};
use crate::domain::{
    action::Class,
    answer::Answer,
    decision::{Decision, Principal},
    draft::Side,
    event::{Body, Event, Sight},
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

/// What the case with these events says by `now`, which made this precedent. One that is not mature says nothing. Of events only `decided`,
/// `asked`, `answered`, `closed`, `reopened` and `undone` are read; content beside them is not needed.
pub fn told(events: &[Event], precedent: &Precedent, now: Timestamp) -> Told {
    let ended = events.iter().find(|event| ends(event));
    let Some(ended) = ended.map(|event| event.at) else {
        return Told::default();
    };
    if now.duration_since(ended) < MATURITY {
        return Told::default();
    }
    let trial = trial(precedent);
    let attack = precedent.disposition.side() == Some(Side::True);
    Told {
        row: row(events, ended, trial.clone()),
        attack: attack.then(|| Attack {
            trial,
            plan: planned(events),
        }),
    }
}

const fn ends(event: &Event) -> bool {
    matches!(event.body, Body::Closed { .. })
}

/// One detection, in one scope, on one UTC day, of one cluster.
fn trial(precedent: &Precedent) -> Trial {
    let (day, cluster) = precedent.group();
    let scope = &precedent.scope;
    // Each part is quoted, so that none can end where it does not.
    Trial(format!(
        "{:?} {:?} {:?} {day} {:?}",
        scope.source.as_str(),
        scope.detection_id,
        scope.facets,
        cluster.as_str()
    ))
}

fn row(events: &[Event], ended: Timestamp, trial: Trial) -> Option<Row> {
    let (decision, answer) = answered_blind(events)?;
    let rank = decision.rank.as_ref().filter(|_| decision.is_eligible())?;
    let planned = decision.proposal.as_ref().and_then(evidence::Outcome::of);
    let chosen = match answer {
        Answer::Propose { proposal } => evidence::Outcome::of(proposal),
        Answer::Reject { closing } | Answer::Resolve { closing } => {
            evidence::Outcome::of_ending(closing.disposition)
        }
        Answer::Approve => None,
    };
    let agrees = planned.is_some() && planned == chosen;
    let held = !events.iter().any(|event| {
        let taken_back = matches!(event.body, Body::Reopened { .. } | Body::Undone { .. });
        taken_back && event.at.duration_since(ended) < MATURITY
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

/// The first answer to an ask that was blind, and the decision that it was about.
fn answered_blind(events: &[Event]) -> Option<(&Decision, &Answer)> {
    let (mut decisions, mut blind) = (Vec::new(), None);
    for event in events {
        match &event.body {
            Body::Decided { decision } => decisions.push((event.number, decision)),
            Body::Asked {
                decided,
                digest,
                sight,
                ..
            } => blind = (*sight == Sight::Blind).then_some((*decided, *digest)),
            Body::Answered { digest, answer, .. } => {
                let Some((decided, asked)) = blind else {
                    continue;
                };
                let mut about = decisions.iter().filter(|(number, _)| *number == decided);
                let about = about.next().filter(|_| asked == *digest);
                return about.map(|(_, decision)| (*decision, answer));
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
