//! Whether the alert is whole, timely, new, and from where it says.

use jiff::SignedDuration;

use super::{
    context::{Problems, Provenance},
    facts::Subject,
    targets::{Target, assets},
};
use crate::domain::{
    alert::{Alert, Origin, Reading},
    facts::{Known, StoreKind},
};

/// What of the payload could not be read.
pub fn readable(alert: &Alert) -> Problems {
    match &alert.reading {
        Reading::Whole => Problems::new(),
        Reading::Partial { marks } => marks.clone(),
        Reading::Unreadable { cause } => vec![cause.clone()],
    }
}

/// What must be present and is not: detection id, severity, time, and every declared facet.
pub fn missing_fields(alert: &Alert) -> Problems {
    let absent = |name: &str, is: bool| (!is).then(|| format!("no {name}"));
    let facets = alert.facets.iter().filter(|facet| facet.value.is_none());
    [
        absent("detection id", alert.detection_id.is_some()),
        absent("severity", alert.severity.is_some()),
        absent("time of occurrence", alert.occurred_at.is_some()),
    ]
    .into_iter()
    .flatten()
    .chain(facets.map(|facet| format!("facet {} is empty", facet.key)))
    .collect()
}

/// How long ago this occurrence was seen before.
pub fn replay(subject: Subject<'_>) -> Known<Option<SignedDuration>> {
    match &subject.facts.occurrence_seen {
        Known::Read(seen) => Known::Read(seen.map(|at| subject.now.duration_since(at))),
        Known::Unreadable(cause) => Known::Unreadable(cause.clone()),
    }
}

/// Whether the way in which the source is known is enough in this kind of store.
///
/// The attacked host is the alert's target, whatever the proposal touches: an alert that a host sends about itself is no witness
/// against somebody else either.
pub fn origin(subject: Subject<'_>, targets: &[Target<'_>]) -> Provenance {
    let Subject {
        alert,
        facts,
        rules,
        ..
    } = subject;
    match (&alert.origin, facts.store) {
        (Origin::Route { key, sender }, _) => {
            let attacked = |id: &String| {
                let own = alert.targets().flat_map(|entity| {
                    assets(entity.kind, &entity.value, rules.inventory.as_ref())
                });
                own.chain(
                    targets
                        .iter()
                        .flat_map(|target| target.assets.iter().copied()),
                )
                .any(|asset| asset.id == *id)
            };
            match sender.as_ref().filter(|id| attacked(id)) {
                Some(id) => Provenance::Untrusted(format!("sent from the attacked host `{id}`")),
                None => Provenance::Trusted(format!("key `{key}`")),
            }
        }
        (Origin::Named, store @ (StoreKind::Demo | StoreKind::Simulated)) => {
            Provenance::Trusted(format!("named, in a {} store", store.word()))
        }
        (Origin::Named, StoreKind::Live) => {
            Provenance::Untrusted("named by hand, in a live store".into())
        }
        (Origin::Guessed, _) => Provenance::Untrusted("guessed by its shape".into()),
    }
}
