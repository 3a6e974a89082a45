//! Plan: from the precedents in scope to an action with its roles filled from this alert. Pure code, no model.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::Rules;
use crate::domain::{
    action::{Action, ParameterKind},
    alert::Alert,
    asset::Inventory,
    draft::Draft,
    entity::Role,
    evidence::{Agreement, Assessment, Leading},
    id::{ActionId, TeamId},
    proposal::{Parameter, ParameterRole, Plan, Proposal, Proposer},
};

/// The plan that the leading outcome of `assessment` makes for `alert`.
pub fn plan(assessment: &Assessment, alert: &Alert, rules: &Rules) -> Plan {
    let none = |why: &str| Plan::None { why: why.into() };
    match (&assessment.leading, assessment.agree) {
        (None, Agreement::NoRows) => none("no precedent in scope"),
        (None, Agreement::All | Agreement::Contradicted(_)) => {
            none("the precedents in scope lead to no one outcome")
        }
        (Some(leading), _) => match &leading.outcome.action {
            None => none("the precedents in scope did nothing through the catalogue"),
            Some(action) => planned(leading, action, alert, rules),
        },
    }
}

fn planned(leading: &Leading, action: &ActionId, alert: &Alert, rules: &Rules) -> Plan {
    let because = leading.rows.clone();
    match fill(&leading.outcome.roles, action, alert, rules) {
        Ok(parameters) => Plan::Complete {
            proposal: Proposal {
                disposition: leading.disposition,
                action: action.clone(),
                parameters,
                proposer: Proposer::Agent,
            },
            because,
        },
        Err(missing) => Plan::Incomplete {
            disposition: leading.disposition,
            action: action.clone(),
            missing,
            because,
        },
    }
}

/// Fills the parameters of `action`, each in its role, from `alert`, and says of each parameter that stays empty why.
pub fn fill(
    by_name: &BTreeMap<String, ParameterRole>,
    action: &ActionId,
    alert: &Alert,
    rules: &Rules,
) -> Result<BTreeMap<String, Parameter>, BTreeMap<String, String>> {
    let listed = rules.catalogue.action(action);
    let asked = listed.iter().flat_map(|action| action.parameters.keys());
    let mut filled = BTreeMap::new();
    let mut missing = BTreeMap::new();
    for name in asked.chain(by_name.keys()).collect::<BTreeSet<_>>() {
        let value = match by_name.get(name) {
            None => Err("no precedent says what fills it".to_owned()),
            Some(role) => value(role, name, listed, alert, rules).map(|value| (role, value)),
        };
        match value {
            Ok((role, value)) => {
                let role = role.clone();
                filled.insert(name.clone(), Parameter { role, value });
            }
            Err(why) => {
                missing.insert(name.clone(), why);
            }
        }
    }
    if missing.is_empty() {
        Ok(filled)
    } else {
        Err(missing)
    }
}

fn value(
    role: &ParameterRole,
    name: &str,
    action: Option<&Action>,
    alert: &Alert,
    rules: &Rules,
) -> Result<String, String> {
    match role {
        ParameterRole::Entity(role) => the_one(role, alert),
        ParameterRole::Owner => owner(alert, rules.inventory.as_ref())
            .map(ToString::to_string)
            .ok_or_else(|| "the inventory names no one owner".into()),
        ParameterRole::Constant(constant) => {
            let spec = action.and_then(|action| action.parameters.get(name));
            spec.filter(|spec| spec.constants.contains(constant))
                .map(|_| constant.clone())
                .ok_or_else(|| format!("the catalogue does not list `{constant}`"))
        }
    }
}

/// The value of the one `field` entity in this role.
fn the_one(role: &Role, alert: &Alert) -> Result<String, String> {
    let values: BTreeSet<&str> = alert
        .field_entities(role)
        .map(|entity| entity.value.as_str())
        .collect();
    match (values.len(), values.first()) {
        (1, Some(value)) => Ok((*value).to_owned()),
        (0, _) => Err(format!("the alert has no {role} in a field")),
        (several, _) => Err(format!("the alert has {several} values for {role}")),
    }
}

/// The owner of the alert's targets, where they have one and the same; else of its detection.
pub fn owner<'a>(alert: &'a Alert, inventory: Option<&'a Inventory>) -> Option<&'a TeamId> {
    let inventory = inventory?;
    let owners: BTreeSet<&TeamId> = alert
        .targets()
        .flat_map(|entity| {
            inventory
                .identified(entity.kind, &entity.value)
                .collect::<Vec<_>>()
        })
        .filter(|asset| asset.tenant == alert.tenant)
        .filter_map(|asset| asset.owner.as_ref())
        .collect();
    match (owners.len(), owners.first()) {
        (1, Some(owner)) => Some(owner),
        (0, _) => inventory.detection_owner(&alert.source, alert.detection_id.as_deref()?),
        _ => None,
    }
}

/// A draft's action as a proposal, where each of its values is one that a `field` of the alert, or the owner, gives.
pub fn proposal_of_draft(draft: &Draft, alert: &Alert, rules: &Rules) -> Option<Proposal> {
    let id = draft.action.clone()?;
    let action = rules.catalogue.action(&id)?;
    let parameters = draft.parameters.iter().map(|(name, value)| {
        let role = match action.parameters.get(name)?.kind {
            ParameterKind::Team(_) => owner(alert, rules.inventory.as_ref())
                .filter(|team| team.as_str() == value)
                .map(|_| ParameterRole::Owner)?,
            ParameterKind::Entity(kind) => alert
                .fields()
                .find(|entity| entity.kind == kind && entity.value == *value)
                .map(|entity| ParameterRole::Entity(entity.role.clone()))?,
        };
        let value = value.clone();
        Some((name.clone(), Parameter { role, value }))
    });
    Some(Proposal {
        disposition: draft.disposition,
        parameters: parameters.collect::<Option<_>>()?,
        action: id,
        proposer: Proposer::Agent,
    })
}
