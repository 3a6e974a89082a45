//! Whether a proposal's parameters are the ones that the catalogue asks for, each of its kind.

use std::net::IpAddr;

use crate::domain::{
    action::{Action, ParameterKind, ParameterSpec},
    alert::Alert,
    entity::EntityKind,
    proposal::{Parameter, ParameterRole, Proposal},
};

/// What is wrong with the parameters of `proposal`; nothing, where they are typed.
pub fn problems(proposal: &Proposal, action: &Action, alert: &Alert) -> Vec<String> {
    let missing = action
        .parameters
        .keys()
        .filter(|name| !proposal.parameters.contains_key(*name))
        .map(|name| format!("`{name}` is missing"));
    let wrong = proposal.parameters.iter().filter_map(|(name, parameter)| {
        let why = match action.parameters.get(name) {
            None => Some("is no parameter of this action".to_owned()),
            Some(spec) => mistyped(parameter, spec, alert),
        };
        why.map(|why| format!("`{name}` {why}"))
    });
    missing.chain(wrong).collect()
}

fn mistyped(parameter: &Parameter, spec: &ParameterSpec, alert: &Alert) -> Option<String> {
    match (&parameter.role, spec.kind) {
        (ParameterRole::Owner, ParameterKind::Team(_)) => {
            parameter.value.is_empty().then(|| "names no team".into())
        }
        (ParameterRole::Owner, ParameterKind::Entity(kind)) => {
            Some(format!("must be of kind {kind}"))
        }
        (ParameterRole::Constant(value), _) => {
            let listed = *value == parameter.value && spec.constants.contains(value);
            (!listed).then(|| "is a constant that the catalogue does not list".into())
        }
        (ParameterRole::Entity(_), ParameterKind::Team(_)) => Some("must be a team".into()),
        (ParameterRole::Entity(role), ParameterKind::Entity(kind)) => {
            let named = alert.entities.iter().any(|entity| {
                entity.role == *role && entity.kind == kind && entity.value == parameter.value
            });
            if !named {
                return Some(format!("is no {kind} that the alert names as {role}"));
            }
            let is_address = parameter.value.parse::<IpAddr>().is_ok();
            (kind == EntityKind::Ip && !is_address).then(|| "is no address".into())
        }
    }
}
