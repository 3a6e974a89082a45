//! Draft: what would be done, in words. Whoever writes it, it is a second key and nothing else.

use std::collections::BTreeMap;

use super::{plan::fill, reply::Grounded, rules::Rules};
use crate::{
    domain::{
        alert::Alert,
        canonical::Digest,
        case::Case,
        draft::{Disposition, Draft, Drafter, Standing},
        precedent::Precedent,
        proposal::{Plan, Proposal},
    },
    ports::{Drafting, Reply, Shown},
};

/// How many precedents a draft cites.
const CITATIONS_MAX: usize = 5;

/// The draft of `case`. With no model configured it is the plan, else what the nearest precedents did.
///
/// With one configured, a draft that it did not write is shown and is no key.
pub async fn draft(
    case: &Case,
    alert: &Alert,
    near: &[Precedent],
    model: Option<&dyn Drafting>,
    rules: &Rules,
) -> (Draft, Standing) {
    let nothing = nothing();
    let plan = case.plan.as_ref().unwrap_or(&nothing);
    let Some(model) = model else {
        return (own(plan, alert, near, rules), Standing::Key);
    };
    let shown = Shown {
        alert,
        plan,
        found: &case.found,
    };
    match model.reply(&shown).await {
        Ok(reply) => (written(model.name(), reply), Standing::Key),
        Err(fault) => stand_in(case, alert, near, rules, &fault.to_string()),
    }
}

/// The draft that stands in for that of a model that did not write one.
pub fn stand_in(
    case: &Case,
    alert: &Alert,
    near: &[Precedent],
    rules: &Rules,
    why: &str,
) -> (Draft, Standing) {
    let nothing = nothing();
    let plan = case.plan.as_ref().unwrap_or(&nothing);
    let standing = Standing::Shown {
        because: format!("the configured model did not write it: {why}"),
    };
    (own(plan, alert, near, rules), standing)
}

/// The draft that a model wrote, once it was grounded.
pub fn of_model(name: &str, grounded: Grounded, prompt: Digest, tokens: u64) -> Draft {
    Draft {
        drafter: Drafter::Model(name.into()),
        disposition: grounded.disposition,
        action: grounded.action,
        parameters: grounded.parameters,
        rationale: grounded.rationale,
        citations: grounded.citations,
        reply: grounded.reply,
        prompt: Some(prompt),
        tokens,
        missing: grounded.missing,
        unverified: grounded.unverified,
    }
}

fn nothing() -> Plan {
    Plan::None {
        why: "nothing was planned".into(),
    }
}

fn written(name: &str, reply: Reply) -> Draft {
    Draft {
        drafter: Drafter::Model(name.into()),
        disposition: reply.disposition,
        action: reply.action,
        parameters: reply.parameters,
        rationale: reply.rationale,
        citations: reply.citations,
        reply: reply.reply,
        prompt: None,
        tokens: reply.tokens,
        missing: Vec::new(),
        unverified: Vec::new(),
    }
}

fn own(plan: &Plan, alert: &Alert, near: &[Precedent], rules: &Rules) -> Draft {
    match plan {
        Plan::Complete { proposal, because } => Draft {
            rationale: format!(
                "{} confirmed precedents in scope did the same.",
                because.len()
            ),
            citations: because.iter().take(CITATIONS_MAX).cloned().collect(),
            ..of_proposal(proposal, Drafter::Plan)
        },
        Plan::Incomplete { .. } | Plan::None { .. } => nearest(alert, near, rules),
    }
}

/// What the nearest precedent with a known outcome did, where its roles can be filled from this alert.
fn nearest(alert: &Alert, near: &[Precedent], rules: &Rules) -> Draft {
    let known = near.iter().find(|row| row.disposition.side().is_some());
    let filled = known.and_then(|row| {
        let action = row.action.clone()?;
        let parameters = fill(&row.parameters, &action, alert, rules).ok()?;
        Some((action, parameters))
    });
    let (action, parameters) = filled.map_or((None, BTreeMap::new()), |(action, parameters)| {
        let values = parameters
            .into_iter()
            .map(|(name, parameter)| (name, parameter.value));
        (Some(action), values.collect())
    });
    Draft {
        drafter: Drafter::Precedents,
        disposition: known.map_or(Disposition::Undetermined, |row| row.disposition),
        action,
        parameters,
        rationale: match known {
            Some(row) => format!("The nearest precedent: {}", row.summary),
            None => "Nothing like it was resolved before.".into(),
        },
        citations: near
            .iter()
            .take(CITATIONS_MAX)
            .map(|row| row.id.clone())
            .collect(),
        reply: None,
        prompt: None,
        tokens: 0,
        missing: Vec::new(),
        unverified: Vec::new(),
    }
}

fn of_proposal(proposal: &Proposal, drafter: Drafter) -> Draft {
    let values = proposal.parameters.iter();
    Draft {
        drafter,
        disposition: proposal.disposition,
        action: Some(proposal.action.clone()),
        parameters: values
            .map(|(name, parameter)| (name.clone(), parameter.value.clone()))
            .collect(),
        rationale: String::new(),
        citations: Vec::new(),
        reply: None,
        prompt: None,
        tokens: 0,
        missing: Vec::new(),
        unverified: Vec::new(),
    }
}
