//! Learn: from a case that a person closed to a precedent. Only what people decided becomes one. Pure.

use std::collections::BTreeMap;

use super::{mask::Mask, prompt::elsewhere::named, redact::Redaction, rules::Rules};
use crate::domain::{
    action::CLOSE,
    alert::Alert,
    answer::{Answer, Mattered},
    case::Case,
    decision::Principal,
    draft::{Disposition, Side},
    event::{Again, Body, Event, Sight},
    facet::Facet,
    facts::StoreKind,
    id::{ActionId, PersonId, PrecedentId},
    person::Proof,
    precedent::{About, Breadth, Cluster, Precedent, PrecedentOrigin, Scope},
    proposal::ParameterRole,
    residency::Region,
};

/// How a person closed a case, gathered from its events.
struct Closing<'a> {
    by: &'a PersonId,
    proof: Proof,
    disposition: Disposition,
    reason: String,
    mattered: &'a Mattered,
    at: jiff::Timestamp,
}

/// The precedent that `case` makes; `None` where no person closed it or its alert was erased. One that was closed again after its
/// precedent fell makes another, under an id of its own.
///
/// A precedent is shown with other cases, of which nothing says what was secret in this one: so its words have no secret in them.
pub fn learn(
    case: &Case,
    events: &[Event],
    store: StoreKind,
    rules: &Rules,
    redaction: &Redaction,
) -> Option<Precedent> {
    let alert = case.alert.content()?;
    let closing = closing(events)?;
    let (action, parameters) = done(events, closing.disposition);
    let (scope, wider) = scopes(alert, closing.mattered);
    let mask = Mask::of(redaction, [&alert.raw]);
    let summary = mask.text(&summary(alert, &closing));
    Some(Precedent {
        id: id(case),
        about: Some(About {
            region: Region::of(alert, rules),
            names: named(alert, &summary),
        }),
        summary,
        disposition: closing.disposition,
        action,
        parameters,
        reply: None,
        // A scope without a facet of the environment could be met by anyone who writes alerts, and one that nobody saw was approved by nobody.
        origin: if scope.is_anchored(alert) && was_seen(alert, events) {
            store.counts()
        } else {
            PrecedentOrigin::Imported
        },
        scope,
        wider,
        confirmed_by: closing.by.clone(),
        proof: closing.proof,
        received_at: alert.received_at,
        closed_at: closing.at,
        cluster: Cluster::of(alert),
        seen_draft: saw_draft(events),
    })
}

fn id(case: &Case) -> PrecedentId {
    PrecedentId::new(match case.learned.len() {
        0 => case.id.to_string(),
        times => format!("{}-{}", case.id, times + 1),
    })
}

/// The last closing, if it is a person's who proved who they are: by an answer that ends the case, or by approving what then worked.
fn closing(events: &[Event]) -> Option<Closing<'_>> {
    let closed = events.iter().rev().find_map(|event| match &event.body {
        Body::Closed {
            by,
            disposition,
            reason,
            mattered,
        } => Some((event.at, by, *disposition, reason, mattered)),
        _ => None,
    });
    let (at, Principal::Person(by), disposition, reason, mattered) = closed? else {
        return None;
    };
    let proof = events.iter().rev().find_map(|event| match &event.body {
        Body::Answered { by: who, proof, .. } if who == by => Some(*proof),
        _ => None,
    });
    Some(Closing {
        by,
        proof: proof?,
        disposition,
        reason: reason.content().cloned().unwrap_or_default(),
        mattered,
        at,
    })
}

/// What was done: the last action that was executed and not undone; else the closing itself, where it says that nothing was wrong.
fn done(
    events: &[Event],
    disposition: Disposition,
) -> (Option<ActionId>, BTreeMap<String, ParameterRole>) {
    let mut started = None;
    let mut executed = None;
    let mut decision = None;
    for event in events {
        match &event.body {
            Body::Decided { decision: made } => decision = Some(made),
            Body::Started { .. } => started = decision.and_then(|made| made.proposal.as_ref()),
            Body::Executed { .. } => executed = started,
            Body::Undone { .. } => executed = None,
            _ => {}
        }
    }
    match (executed, disposition.side()) {
        (Some(proposal), _) => (
            Some(proposal.action.clone()),
            proposal
                .parameters
                .iter()
                .map(|(name, parameter)| (name.clone(), parameter.role.clone()))
                .collect(),
        ),
        (None, Some(Side::Benign)) => (Some(ActionId::new(CLOSE)), BTreeMap::new()),
        (None, Some(Side::True) | None) => (None, BTreeMap::new()),
    }
}

fn summary(alert: &Alert, closing: &Closing<'_>) -> String {
    format!("{}: {}", alert.title, closing.reason)
}

/// Where it counts, and where it would once a second person has confirmed that. Strict by default; a person may name the facets that
/// mattered, but alone they drop none of the environment's that is the last.
fn scopes(alert: &Alert, mattered: &Mattered) -> (Scope, Option<Scope>) {
    if mattered.breadth == Breadth::Strict {
        return (Scope::strict(alert), None);
    }
    let loosened = Scope::loosened(alert, &mattered.facets);
    if loosened.is_anchored(alert) {
        (loosened, None)
    } else {
        (Scope::strict(alert), Some(loosened))
    }
}

/// Whether the person could see a draft when they chose: what was shown once stays seen. An approval of what somebody proposed chooses
/// nothing new.
fn saw_draft(events: &[Event]) -> bool {
    let (mut shown, mut saw, mut proposed) = (false, true, false);
    for event in events {
        match &event.body {
            Body::Asked { sight, .. } => shown |= *sight == Sight::Open,
            Body::Decided { decision } if decision.principal == Principal::Agent => {
                proposed = false;
            }
            Body::Answered { answer, .. } => {
                if !(proposed && matches!(answer, Answer::Approve)) {
                    saw = shown;
                }
                proposed |= matches!(answer, Answer::Propose { .. });
            }
            _ => {}
        }
    }
    saw
}

/// Whether the facets of `alert`, on which the scope is built, are those that whoever answered could see: those of the alert on which the
/// case stood when what they answered was first asked. A repeat with others can slip in between, and its author may choose them.
fn was_seen(alert: &Alert, events: &[Event]) -> bool {
    let answered = events.iter().rev().find_map(|event| match &event.body {
        Body::Answered { digest, .. } => Some(digest),
        _ => None,
    });
    let asked = |event: &&Event| matches!(&event.body, Body::Asked { digest, .. } if Some(digest) == answered);
    let before = events.iter().take_while(|event| !asked(event));
    let seen = before.filter_map(decided_on).last();
    seen.is_some_and(|facets| facets == alert.facets)
}

/// The facets of an alert on which a case is decided from then on; nothing where it was erased, which no scope is.
fn decided_on(event: &Event) -> Option<&[Facet]> {
    match &event.body {
        Body::Received { alert, .. }
        | Body::Repeated {
            alert,
            again: Again::Decide { .. },
            ..
        } => Some(alert.content().map_or(&[], |alert| alert.facets.as_slice())),
        _ => None,
    }
}
