//! Seen: what leaves here to be shown has its secrets masked, whoever asks and on whatever surface. What is decided, done, stored and exported has not.

use serde_json::Value;

use super::{Outcome, Ruling, Story, Submitted, rules::redaction};
use crate::{
    domain::{
        alert::Alert,
        case::Case,
        event::{Again, Body, Event},
        facts::StoreKind,
        precedent::Precedent,
    },
    pipeline::mask::Mask,
};

/// The most alerts of a case whose payloads are looked through for secrets: those on which it was decided, the last of them.
const PAYLOADS_MAX: usize = 8;

impl Submitted {
    /// What is shown of it, in a store of this kind.
    pub fn shown(self, store: StoreKind) -> anyhow::Result<Self> {
        Ok(match self {
            Self::Alert(outcome) => Self::Alert(outcome.seen(store)?),
            control @ Self::Control { .. } => control,
        })
    }
}

impl Outcome {
    /// What is shown of it.
    pub(super) fn seen(self, store: StoreKind) -> anyhow::Result<Self> {
        let own = self.case.alert.content().map(|alert| &alert.raw);
        let mask = Mask::of(redaction()?, own.into_iter().chain([&self.alert.raw]));
        Ok(Self {
            case: mask.case(&self.case.clone().shown(store)),
            alert: mask.alert(&self.alert),
            place: self.place,
            ruling: match self.ruling {
                Ruling::Decided(decision) => Ruling::Decided(mask.decision(&decision)),
                Ruling::NotDecided { verdict, held_by } => Ruling::NotDecided {
                    verdict: mask.verdict(&verdict),
                    held_by,
                },
            },
        })
    }
}

impl Story {
    /// What is shown of it.
    pub(super) fn seen(&self, store: StoreKind) -> anyhow::Result<Self> {
        let mask = Mask::of(redaction()?, payloads(&self.events));
        let events = self.case.shown_events(&self.events, store);
        Ok(Self {
            case: mask.case(&self.case.clone().shown(store)),
            events: events.map(|event| mask.event(event)).collect(),
        })
    }
}

/// What covers the texts of `case`.
pub fn mask(case: &Case) -> anyhow::Result<Mask<'static>> {
    let own = case.alert.content().map(|alert| &alert.raw);
    Ok(Mask::of(redaction()?, own))
}

/// What is shown of `case`.
pub(super) fn case(case: &Case, store: StoreKind) -> anyhow::Result<Case> {
    Ok(mask(case)?.case(&case.clone().shown(store)))
}

/// What is shown of what would happen to `case`.
pub(super) fn events(
    case: &Case,
    events: impl Iterator<Item = Event>,
) -> anyhow::Result<Vec<Event>> {
    let mask = mask(case)?;
    Ok(events.map(|event| mask.event(&event)).collect())
}

/// What is shown of `text` about `case`.
pub(super) fn text(case: &Case, text: &str) -> anyhow::Result<String> {
    Ok(mask(case)?.text(text))
}

/// What is shown of precedents.
pub(super) fn precedents(rows: &[Precedent]) -> anyhow::Result<Vec<Precedent>> {
    let mask = Mask::of(redaction()?, None);
    Ok(rows.iter().map(|row| mask.precedent(row)).collect())
}

fn payloads(events: &[Event]) -> impl Iterator<Item = &Value> {
    let latest = events.iter().rev().filter_map(decided_on);
    latest.take(PAYLOADS_MAX).map(|alert| &alert.raw)
}

fn decided_on(event: &Event) -> Option<&Alert> {
    match &event.body {
        Body::Received { alert, .. }
        | Body::Repeated {
            alert,
            again: Again::Decide { .. },
            ..
        } => alert.content(),
        _ => None,
    }
}
