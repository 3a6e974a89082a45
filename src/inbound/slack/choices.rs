//! Choices: every action of the catalogue with every way in which this alert can fill it, so that a person picks and types nothing.

use crate::{
    domain::{
        action::{Action, ParameterKind, ParameterSpec},
        alert::Alert,
        canonical::Digest,
        case::Case,
        entity::{Entity, Provenance},
        id::{ActionId, TeamId},
    },
    pipeline::{plan::owner, rules::Rules},
};

/// The most values of one parameter, and the most choices.
const VALUES_MAX: usize = 12;
const CHOICES_MAX: usize = 100;
/// Hexadecimal digits that name a choice.
const ID_DIGITS: usize = 32;
const NOTE: &str = "found in prose: nobody vouches for it";

/// Something that could be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name, the same as long as it is the same.
    pub id: String,
    /// What people read.
    pub label: String,
    /// What they should know of it.
    pub note: Option<String>,
    /// The action.
    pub action: ActionId,
    /// Its values.
    pub set: Vec<(String, String)>,
}

/// A value that could fill a parameter.
#[derive(Clone)]
struct Value<'a> {
    text: &'a str,
    provenance: Provenance,
}

/// Everything that could be done about a case.
pub fn choices(case: &Case, rules: &Rules) -> Vec<Choice> {
    let Some(alert) = case.alert.content() else {
        return Vec::new();
    };
    let all = rules.catalogue.actions.iter();
    let all = all.flat_map(|action| of_action(action, alert, rules));
    all.take(CHOICES_MAX).collect()
}

fn of_action(action: &Action, alert: &Alert, rules: &Rules) -> Vec<Choice> {
    let mut ways: Vec<Vec<(&str, Value<'_>)>> = vec![Vec::new()];
    for (name, spec) in &action.parameters {
        let mut longer = Vec::new();
        for way in &ways {
            for value in values(spec, alert, rules) {
                let known = way.iter().map(|(name, value)| (*name, value.clone()));
                longer.push(known.chain([(name.as_str(), value)]).collect());
            }
        }
        longer.truncate(CHOICES_MAX);
        ways = longer;
    }
    ways.into_iter().map(|way| choice(action, &way)).collect()
}

fn values<'a>(spec: &'a ParameterSpec, alert: &'a Alert, rules: &'a Rules) -> Vec<Value<'a>> {
    let constants = spec.constants.iter().map(String::as_str);
    match spec.kind {
        ParameterKind::Team(_) => {
            let owner = owner(alert, rules.inventory.as_ref()).map(TeamId::as_str);
            let others = constants.filter(|team| Some(*team) != owner);
            owner.into_iter().chain(others).map(ours).collect()
        }
        ParameterKind::Entity(kind) => {
            let mut values: Vec<Value<'a>> = constants.map(ours).collect();
            let mut take = |entity: &'a Entity| {
                if entity.kind == kind && !values.iter().any(|own| own.text == entity.value) {
                    values.push(Value {
                        text: &entity.value,
                        provenance: entity.provenance,
                    });
                }
            };
            alert.fields().for_each(&mut take);
            alert.entities.iter().for_each(&mut take);
            values.truncate(VALUES_MAX);
            values
        }
    }
}

/// A value that nobody outside chose.
const fn ours(text: &str) -> Value<'_> {
    Value {
        text,
        provenance: Provenance::Field,
    }
}

fn choice(action: &Action, way: &[(&str, Value<'_>)]) -> Choice {
    let set: Vec<(String, String)> = way
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.text.to_owned()))
        .collect();
    let mut label = vec![action.id.to_string()];
    let mut named = vec![action.id.as_str()];
    for (name, value) in &set {
        label.push(format!("{name} = {value}"));
        named.extend([name.as_str(), value.as_str()]);
    }
    let id = Digest::of_bytes(named.join("\n").as_bytes()).to_string();
    let in_prose = way
        .iter()
        .any(|(_, value)| value.provenance != Provenance::Field);
    Choice {
        id: id.chars().take(ID_DIGITS).collect(),
        label: label.join("  "),
        note: in_prose.then(|| NOTE.to_owned()),
        action: action.id.clone(),
        set,
    }
}
