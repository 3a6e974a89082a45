//! An order: what an executor is to do, and the authorisation without which it does nothing.

use std::collections::BTreeMap;

use super::{
    action::Action,
    decision::Decision,
    draft::Disposition,
    event::{Body, Event},
    id::{ActionId, CaseId, TenantId},
};

/// What an executor is to do. Its texts are templates of the catalogue, filled with handles.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Order {
    /// Whose.
    pub tenant: TenantId,
    /// For which case.
    pub case: CaseId,
    /// What.
    pub action: ActionId,
    /// With what, by name.
    pub parameters: BTreeMap<String, String>,
    /// On what.
    pub targets: Vec<String>,
    /// What the case is taken for.
    pub disposition: Disposition,
    /// The catalogue's texts, filled.
    pub texts: BTreeMap<String, String>,
    /// The same for every attempt to carry out one `Started` event: the event's own name.
    pub idempotency_key: String,
}

/// An order that a `Started` event allows. Made only from that event, by the process that appended it.
#[derive(Debug)]
pub struct Authorized {
    order: Order,
    attempt: u32,
}

impl Order {
    /// The order that `decision` is for, under the name of the event that starts it.
    pub fn of(
        decision: &Decision,
        action: &Action,
        case: CaseId,
        tenant: &TenantId,
        number: u64,
    ) -> Option<Self> {
        let proposal = decision.proposal.as_ref()?;
        let parameters: BTreeMap<String, String> = proposal
            .parameters
            .iter()
            .map(|(name, parameter)| (name.clone(), parameter.value.clone()))
            .collect();
        let texts = action.templates.iter();
        Some(Self {
            tenant: tenant.clone(),
            case,
            action: proposal.action.clone(),
            targets: decision.targets.clone(),
            disposition: proposal.disposition,
            texts: texts
                .map(|(name, text)| (name.clone(), filled(text, &parameters, case)))
                .collect(),
            idempotency_key: format!("{case}-{number}"),
            parameters,
        })
    }
}

impl Order {
    /// Its main text; where the catalogue gives none, what it does and for which case.
    pub fn text(&self) -> String {
        let plain = || format!("{} for case {}", self.action, self.case);
        self.texts.get("text").cloned().unwrap_or_else(plain)
    }
}

impl Authorized {
    /// The authorisation that `started` gives; `None` where it is no start, or one of another process.
    pub(crate) fn from_started(
        started: &Event,
        decision: &Decision,
        action: &Action,
        process: &str,
    ) -> Option<Self> {
        let Body::Started {
            attempt,
            digest,
            owner,
            ..
        } = &started.body
        else {
            return None;
        };
        if owner != process || *digest != decision.digest {
            return None;
        }
        Some(Self {
            order: Order::of(
                decision,
                action,
                started.case,
                &started.tenant,
                started.number,
            )?,
            attempt: *attempt,
        })
    }

    /// The authorisation to repeat, under the same key, what another process started and left without a receipt. Only for executors
    /// that do no harm twice.
    pub(crate) fn again(started: &Event, decision: &Decision, action: &Action) -> Option<Self> {
        let Body::Started { owner, .. } = &started.body else {
            return None;
        };
        Self::from_started(started, decision, action, owner)
    }

    /// An authorisation without an event, to test executors with.
    #[cfg(test)]
    pub(crate) const fn for_test(order: Order, attempt: u32) -> Self {
        Self { order, attempt }
    }

    /// What is to be done.
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// The number of the attempt.
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// `template` with each `{{name}}` replaced, in one pass, so that no value is read as a template. A name that is no parameter stays
/// as it is, so that it is seen.
fn filled(template: &str, parameters: &BTreeMap<String, String>, case: CaseId) -> String {
    let mut pieces = template.split("{{");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        match parameters.get(name) {
            Some(value) => text.push_str(value),
            None if name == "case" => text.push_str(&case.to_string()),
            None => text.extend(["{{", name, "}}"]),
        }
        text.push_str(rest);
    }
    text
}
