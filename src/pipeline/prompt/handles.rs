//! Handles: the names under which a model sees what an alert names, and what each stands for on our side.

use std::collections::{BTreeMap, BTreeSet};

use super::{folded::folded, secrets::secrets};
use crate::{
    domain::{
        action::{Action, ParameterKind},
        alert::Alert,
        entity::{EntityKind, Provenance},
        id::{ActionId, PersonId, PrecedentId},
        person::People,
    },
    pipeline::{
        plan::owner,
        redact::{From, Redaction, Taken},
        rules::Rules,
    },
};

/// The most entities that have a handle; the others are named by their kind.
pub const ENTITIES_MAX: usize = 20;
/// The most values that are offered for one parameter.
const CHOICES_MAX: usize = 6;

/// Every handle of one prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handles {
    /// What the alert names.
    pub entities: Vec<Named>,
    /// Precedents, nearest first.
    pub precedents: Vec<(String, PrecedentId)>,
    /// The actions that can be filled.
    pub offers: Vec<Offer>,
    /// Colleagues, where a model is asked about what they did.
    pub people: Vec<Colleague>,
}

/// Somebody who works here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Their handle.
    pub handle: String,
    /// Their id.
    pub id: String,
    /// Every text that names them, which never leaves.
    pub forms: Vec<String>,
}

/// Something that the alert names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its handle.
    pub handle: String,
    /// What sort of thing.
    pub kind: EntityKind,
    /// Its value, which never leaves.
    pub value: String,
    /// The parts it plays.
    pub roles: Vec<String>,
    /// Whether a field said so.
    pub provenance: Provenance,
    /// Whether its value may stand where a model said its handle: not where a secret is in it.
    pub revealed: Sight,
}

/// An action that this alert's values can fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub action: ActionId,
    /// What it does.
    pub summary: String,
    /// What may fill each parameter.
    pub parameters: BTreeMap<String, Vec<Choice>>,
}

/// A value that may fill a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its handle.
    pub handle: String,
    /// What it stands for.
    pub value: String,
    /// Whether the model may see the value: the catalogue's own constants it may.
    pub sight: Sight,
}

/// Whether a model may see a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It may.
    Open,
    /// It sees the handle only.
    Withheld,
}

impl Handles {
    /// The handles for `alert`, with these precedents.
    pub fn of<'a>(
        alert: &Alert,
        precedents: impl Iterator<Item = &'a PrecedentId>,
        rules: &Rules,
    ) -> Self {
        let entities = entities(alert);
        let mut constants = Constants::default();
        let actions = rules.catalogue.actions.iter();
        let offers = actions
            .filter_map(|action| offer(action, alert, &entities, rules, &mut constants))
            .collect();
        let numbered = precedents.zip(1..);
        Self {
            entities,
            precedents: numbered
                .map(|(id, number)| (format!("P{number}"), id.clone()))
                .collect(),
            offers,
            people: Vec::new(),
        }
    }

    /// The same with a handle for each of these people, and for who else is known of them.
    #[must_use]
    pub fn and_people(mut self, seen: &BTreeSet<PersonId>, known: Option<&People>) -> Self {
        let known = known.iter().flat_map(|people| &people.people);
        let mut forms: BTreeMap<String, Vec<String>> = known
            .map(|person| {
                let own = person.forms().map(ToOwned::to_owned);
                (person.id.to_string(), own.collect())
            })
            .collect();
        for id in seen {
            forms.entry(id.to_string()).or_insert(vec![id.to_string()]);
        }
        let numbered = forms.into_iter().zip(1..);
        self.people = numbered
            .map(|((id, forms), number)| Colleague {
                handle: format!("H{number}"),
                id,
                forms,
            })
            .collect();
        self
    }

    /// The same where a value with a secret in it stays a handle, also in what a model says: `names` are those of [`Handles::names`].
    #[must_use]
    pub fn without_secrets(
        mut self,
        names: &BTreeMap<String, String>,
        redaction: &Redaction,
    ) -> Self {
        let secret = Taken::Secret.placeholder();
        let secrets = names.iter().filter(|(_, stand_in)| *stand_in == secret);
        let secrets: Vec<String> = secrets.map(|(value, _)| folded(value)).collect();
        for named in &mut self.entities {
            let (spans, value) = (redaction.spans(&named.value), folded(&named.value));
            let is_one = spans.iter().any(|span| span.taken == Taken::Secret);
            if is_one || secrets.iter().any(|secret| value.contains(secret)) {
                named.revealed = Sight::Withheld;
            }
        }
        self
    }

    /// The values that are withheld, each with its handle; those without one are named by their kind. Secrets of the payload are among them.
    pub fn names(&self, alert: &Alert, redaction: &Redaction) -> BTreeMap<String, String> {
        let secret = Taken::Secret.placeholder();
        let secrets = secrets(&alert.raw, redaction, From::Models).into_iter();
        let mut names: BTreeMap<String, String> =
            secrets.map(|value| (value, secret.into())).collect();
        let withheld = |kind: EntityKind| shows(kind) == Sight::Withheld;
        for entity in alert.entities.iter().filter(|entity| withheld(entity.kind)) {
            names
                .entry(entity.value.clone())
                .or_insert_with(|| format!("[{}]", entity.kind));
        }
        for named in self
            .entities
            .iter()
            .rev()
            .filter(|named| withheld(named.kind))
        {
            names.insert(named.value.clone(), named.handle.clone());
        }
        for colleague in &self.people {
            for form in &colleague.forms {
                names
                    .entry(form.clone())
                    .or_insert_with(|| colleague.handle.clone());
            }
        }
        names
    }

    /// What a handle stands for, to people.
    pub fn value(&self, handle: &str) -> Option<&str> {
        let entity = self.entities.iter().find(|named| named.handle == handle);
        let choices = || {
            self.offers
                .iter()
                .flat_map(|offer| offer.parameters.values())
                .flatten()
        };
        entity
            .map(|named| match named.revealed {
                Sight::Open => named.value.as_str(),
                Sight::Withheld => named.handle.as_str(),
            })
            .or_else(|| self.precedent(handle).map(PrecedentId::as_str))
            .or_else(|| {
                let colleague = self.people.iter().find(|one| one.handle == handle);
                colleague.map(|one| one.id.as_str())
            })
            .or_else(|| {
                let choice = choices().find(|choice| choice.handle == handle)?;
                Some(choice.value.as_str())
            })
    }

    /// The precedent of a handle.
    pub fn precedent(&self, handle: &str) -> Option<&PrecedentId> {
        let pair = self.precedents.iter().find(|(own, _)| own == handle);
        pair.map(|(_, id)| id)
    }
}

/// One handle for each value of a kind, those in fields first.
fn entities(alert: &Alert) -> Vec<Named> {
    let of = |provenance: Provenance| {
        let entities = alert.entities.iter();
        entities.filter(move |entity| entity.provenance == provenance)
    };
    let mut named: Vec<Named> = Vec::new();
    for entity in of(Provenance::Field).chain(of(Provenance::Text)) {
        let number = named.len() + 1;
        let known = named
            .iter_mut()
            .find(|named| named.kind == entity.kind && named.value == entity.value);
        let role = entity.role.to_string();
        match known {
            Some(known) if known.roles.contains(&role) => {}
            Some(known) => known.roles.push(role),
            None if number <= ENTITIES_MAX => named.push(Named {
                handle: format!("E{number}"),
                kind: entity.kind,
                value: entity.value.clone(),
                roles: vec![role],
                provenance: entity.provenance,
                revealed: Sight::Open,
            }),
            None => {}
        }
    }
    named
}

/// Handles of the catalogue's constants: one for each value.
#[derive(Default)]
struct Constants(Vec<String>);

impl Constants {
    fn choice(&mut self, value: &str) -> Choice {
        let known = self.0.iter().position(|known| known == value);
        let place = known.unwrap_or_else(|| {
            self.0.push(value.into());
            self.0.len() - 1
        });
        Choice {
            handle: format!("C{}", place + 1),
            value: value.into(),
            sight: Sight::Open,
        }
    }
}

fn offer(
    action: &Action,
    alert: &Alert,
    entities: &[Named],
    rules: &Rules,
    constants: &mut Constants,
) -> Option<Offer> {
    let mut parameters = BTreeMap::new();
    for (name, spec) in &action.parameters {
        let mut choices: Vec<Choice> = match spec.kind {
            ParameterKind::Team(_) => owner(alert, rules.inventory.as_ref())
                .map(|team| Choice {
                    handle: "T1".into(),
                    value: team.to_string(),
                    sight: Sight::Withheld,
                })
                .into_iter()
                .collect(),
            ParameterKind::Entity(kind) => fitting(entities, kind),
        };
        for constant in &spec.constants {
            if !choices.iter().any(|choice| choice.value == *constant) {
                choices.push(constants.choice(constant));
            }
        }
        choices.truncate(CHOICES_MAX);
        if choices.is_empty() {
            return None;
        }
        parameters.insert(name.clone(), choices);
    }
    Some(Offer {
        action: action.id.clone(),
        summary: action.summary.clone(),
        parameters,
    })
}

/// Whether values of a kind are shown: those that tell what happened and name nobody.
pub const fn shows(kind: EntityKind) -> Sight {
    match kind {
        EntityKind::Process
        | EntityKind::File
        | EntityKind::Container
        | EntityKind::Pod
        | EntityKind::Service
        | EntityKind::Door => Sight::Open,
        EntityKind::Ip
        | EntityKind::Host
        | EntityKind::User
        | EntityKind::Arn
        | EntityKind::Hash
        | EntityKind::Url
        | EntityKind::Domain
        | EntityKind::Email
        | EntityKind::Badge
        | EntityKind::Bucket
        | EntityKind::AccessKey
        | EntityKind::Account
        | EntityKind::Instance
        | EntityKind::Network => Sight::Withheld,
    }
}

/// Only what a field named can fill a parameter.
fn fitting(entities: &[Named], kind: EntityKind) -> Vec<Choice> {
    let fitting = entities
        .iter()
        .filter(|named| named.kind == kind && named.provenance == Provenance::Field);
    fitting
        .map(|named| Choice {
            handle: named.handle.clone(),
            value: named.value.clone(),
            sight: Sight::Withheld,
        })
        .collect()
}
