//! Learn: from a case that a person closed to a precedent. Only what people decided becomes one. Pure.

use std::collections::BTreeMap;

use crate::domain::{
    action::CLOSE,
    alert::Alert,
    answer::Mattered,
    case::Case,
    decision::Principal,
    draft::{Disposition, Side},
    event::{Body, Event, Sight},
    facet::SetBy,
    facts::StoreKind,
    id::{ActionId, PersonId, PrecedentId},
    person::Proof,
    precedent::{Breadth, Cluster, Precedent, PrecedentOrigin, Scope},
    proposal::ParameterRole,
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
pub fn learn(case: &Case, events: &[Event], store: StoreKind) -> Option<Precedent> {
    let alert = case.alert.content()?;
    let closing = closing(events)?;
    let (action, parameters) = done(events, closing.disposition);
    Some(Precedent {
        id: id(case),
        summary: summary(alert, &closing),
        disposition: closing.disposition,
        action,
        parameters,
        reply: None,
        scope: scope(alert, closing.mattered),
        confirmed_by: closing.by.clone(),
        proof: closing.proof,
        received_at: alert.received_at,
        closed_at: closing.at,
        cluster: Cluster::of(alert),
        seen_draft: saw_draft(events),
        origin: origin(alert, closing.mattered, store),
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

/// Strict by default: every declared facet. A person may name the ones that mattered.
fn scope(alert: &Alert, mattered: &Mattered) -> Scope {
    let named = |key: &String| mattered.breadth == Breadth::Strict || mattered.facets.contains(key);
    let facets = alert.facets.iter().filter(|facet| named(&facet.key));
    Scope {
        tenant: alert.tenant.clone(),
        source: alert.source.clone(),
        detection_id: alert.detection_id.clone().unwrap_or_default(),
        facets: facets
            .filter_map(|facet| Some((facet.key.clone(), facet.value.clone()?)))
            .collect(),
        breadth: mattered.breadth,
    }
}

/// Whether the person could see a draft when they answered.
fn saw_draft(events: &[Event]) -> bool {
    let asked = events.iter().rev().find_map(|event| match &event.body {
        Body::Asked { sight, .. } => Some(*sight),
        _ => None,
    });
    asked == Some(Sight::Open)
}

/// A scope without a facet that the environment sets could be met by anyone who writes alerts: it counts only once a second person
/// has confirmed it.
fn origin(alert: &Alert, mattered: &Mattered, store: StoreKind) -> PrecedentOrigin {
    let kept = |key: &String| mattered.breadth == Breadth::Strict || mattered.facets.contains(key);
    let anchored = alert
        .facets
        .iter()
        .any(|facet| facet.set_by == SetBy::Environment && kept(&facet.key));
    if anchored {
        store.counts()
    } else {
        PrecedentOrigin::Imported
    }
}
