//! Propose: the action that a person chooses in place of what is asked, or where they were not shown it.

use anyhow::Context as _;

use super::{App, denied::Denied};
use crate::{
    domain::{
        case::Case,
        draft::Disposition,
        id::{ActionId, PersonId},
        proposal::{Parameter, ParameterRole, Proposal, Proposer},
    },
    pipeline::plan::owner,
};

impl App {
    /// What a person proposes: an action of the catalogue with values that the alert names. What they do not say is as it is asked, unless they
    /// were not shown that.
    pub(super) fn proposal(
        &self,
        case: &Case,
        person: &PersonId,
        action: Option<&ActionId>,
        set: &[(String, String)],
        disposition: Option<Disposition>,
    ) -> anyhow::Result<Proposal> {
        let alert = case.alert()?;
        let shown = case.ask.as_ref().filter(|_| !case.is_blind());
        let offered = shown.and_then(|ask| ask.offered.as_ref());
        let same = offered.filter(|offered| action.is_none_or(|id| *id == offered.action));
        let mut parameters = same
            .map(|offered| offered.parameters.clone())
            .unwrap_or_default();
        let chosen = action.or_else(|| offered.map(|offered| &offered.action));
        let chosen =
            chosen.context("nothing is offered that could be changed; name an --action")?;
        let entry = self.rules.catalogue.action(chosen);
        for (name, value) in set {
            let constants = entry.and_then(|entry| entry.parameters.get(name));
            let constants = constants.map_or(&[][..], |spec| &spec.constants);
            let entity = alert.entities.iter().find(|entity| entity.value == *value);
            let team =
                owner(alert, self.rules.inventory.as_ref()).filter(|team| team.as_str() == value);
            let role = match (entity, team) {
                (Some(entity), _) => ParameterRole::Entity(entity.role.clone()),
                (None, Some(_)) => ParameterRole::Owner,
                (None, None) if constants.contains(value) => ParameterRole::Constant(value.clone()),
                (None, None) => {
                    return Err(Denied::NoSuchValue {
                        name: name.clone(),
                        value: value.clone(),
                        why: "neither the alert nor the catalogue names it".into(),
                    }
                    .into());
                }
            };
            let value = value.clone();
            parameters.insert(name.clone(), Parameter { role, value });
        }
        let asked = offered.map(|offered| offered.disposition);
        let taken_for = match (disposition.or(asked), case.is_blind()) {
            (Some(disposition), _) => disposition,
            (None, false) => Disposition::TruePositive,
            (None, true) => return Err(Denied::NoDisposition.into()),
        };
        Ok(Proposal {
            disposition: taken_for,
            action: chosen.clone(),
            parameters,
            proposer: Proposer::Person(person.clone()),
        })
    }
}
