//! Elsewhere: what people wrote about another case names what that one's alert named, and colleagues. A model that is asked about this case sees
//! what kind each is.

use std::collections::BTreeMap;

use super::{
    folded::folded,
    handles::{Sight, shows},
};
use crate::domain::{
    alert::Alert,
    entity::EntityKind,
    person::{People, Person},
    precedent::Precedent,
};

/// What stands for a colleague.
const PERSON: &str = "[person]";

/// What `alert` names and `summary` says too, of the kinds that are withheld.
pub fn named(alert: &Alert, summary: &str) -> BTreeMap<String, EntityKind> {
    let summary = folded(summary);
    let entities = alert.entities.iter();
    entities
        .filter(|entity| shows(entity.kind) == Sight::Withheld)
        .filter(|entity| summary.contains(&folded(&entity.value)))
        .map(|entity| (entity.value.clone(), entity.kind))
        .collect()
}

/// What is withheld of a precedent's summary beside what this case's alert names, each with what stands for it. Of one that was written by hand
/// only what it is counted by is known.
pub(in crate::pipeline) fn of_precedent(
    row: &Precedent,
    people: Option<&People>,
) -> Vec<(String, String)> {
    let about = row.about.iter().flat_map(|about| &about.names);
    let mut names: Vec<(String, String)> = about
        .map(|(value, kind)| (value.clone(), format!("[{kind}]")))
        .collect();
    let cluster = row.cluster.as_str().split_once(':');
    names.extend(cluster.map(|(what, value)| (value.to_owned(), format!("[{what}]"))));
    let known = people.iter().flat_map(|people| &people.people);
    let forms = known.flat_map(Person::forms).map(ToOwned::to_owned);
    let forms = forms.chain([row.confirmed_by.to_string()]);
    names.extend(forms.map(|form| (form, PERSON.into())));
    names
}
