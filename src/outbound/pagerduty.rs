//! Pages through `PagerDuty`'s Events API v2: `trigger` under the order's key, `resolve` for undo.
//!
//! The key is the `dedup_key`, so a second trigger under it opens no second incident while the first is open. The API has no way to ask
//! about an event: its `success` is the delivery, and [`Executor::execute`] takes nothing else for done.

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::endpoint::{Accepted, Endpoint, EndpointSettings};
use crate::{
    domain::{
        event::Probe,
        id::{CaseId, GroupId, TenantId},
        order::{Authorized, Order},
        severity::Severity,
    },
    ports::{Executor, Fault, Repetition},
};

/// The probe that `success` answers.
const DELIVERED: &str = "page-delivered";
/// The API cuts a summary there.
const SUMMARY_MAX_CHARS: usize = 1024;
/// The API refuses a longer key.
const DEDUP_KEY_MAX_CHARS: usize = 255;
const PATH: &str = "/v2/enqueue";
const HIDDEN: &str = "<routing key>";

/// A service that pages whoever is on call.
#[derive(Debug)]
pub struct Pagerduty {
    endpoint: Endpoint,
    routing_key: SecretString,
}

/// A case that nobody answered. Nothing of what its alert says is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Whose.
    pub tenant: TenantId,
    /// The case.
    pub case: CaseId,
    /// The number of the decision that nobody answered: with the case, the key of the page.
    pub decided: u64,
    /// The gravest severity of the case.
    pub urgency: Severity,
    /// Who was asked last.
    pub group: Option<GroupId>,
    /// Since when it is late.
    pub since: Timestamp,
}

#[derive(Deserialize)]
struct Said {
    status: String,
    #[serde(default)]
    message: String,
}

impl Pagerduty {
    /// A service, or why there can be none. The API's path is added to the settings' URL.
    pub fn new(settings: &EndpointSettings, routing_key: SecretString) -> Result<Self, Fault> {
        let settings = EndpointSettings {
            url: format!("{}{PATH}", settings.url.trim_end_matches('/')),
            ..settings.clone()
        };
        Ok(Self {
            endpoint: Endpoint::new(&settings, routing_key.clone())?,
            routing_key,
        })
    }

    /// Pages for a case that nobody answered. Not an action: nobody decides on it, and no switch stops it.
    pub async fn alarm(&self, alarm: &Alarm) -> Result<String, Fault> {
        self.send(&overdue(alarm, self.routing_key.expose_secret()))
            .await
    }

    /// Resolves the page about a case that somebody answered after all.
    pub async fn call_off(&self, case: CaseId, decided: u64) -> Result<String, Fault> {
        let event = json!({
            "routing_key": self.routing_key.expose_secret(),
            "event_action": "resolve",
            "dedup_key": overdue_key(case, decided),
        });
        self.send(&event).await
    }

    async fn send(&self, event: &Value) -> Result<String, Fault> {
        let accepted = self
            .endpoint
            .post(HeaderMap::new(), event.to_string())
            .await?;
        self.receipt(&accepted)
    }

    fn receipt(&self, accepted: &Accepted) -> Result<String, Fault> {
        let code = accepted.status.as_u16();
        match serde_json::from_slice::<Said>(&accepted.body) {
            Ok(said) if said.status == "success" => {
                let said = self.endpoint.shown(said.message.as_bytes());
                Ok(format!("{code} success: {said}"))
            }
            Ok(_) | Err(_) => Err(Fault::InDoubt(format!(
                "pagerduty answered `{code}` without `success`: {}; it may have paged",
                self.endpoint.shown(&accepted.body)
            ))),
        }
    }
}

#[async_trait]
impl Executor for Pagerduty {
    fn repetition(&self) -> Repetition {
        Repetition::Idempotent
    }

    fn preview(&self, order: &Order) -> Result<String, Fault> {
        let body = trigger(order, HIDDEN).to_string();
        Ok(self.endpoint.preview(&[], &body))
    }

    fn preview_undo(&self, order: &Order, _undo: &str) -> Result<String, Fault> {
        let body = resolve(order, HIDDEN).to_string();
        Ok(self.endpoint.preview(&[], &body))
    }

    async fn execute(&self, authorized: &Authorized) -> Result<String, Fault> {
        self.send(&trigger(
            authorized.order(),
            self.routing_key.expose_secret(),
        ))
        .await
    }

    async fn undo(&self, authorized: &Authorized, _undo: &str) -> Result<String, Fault> {
        let key = self.routing_key.expose_secret();
        self.send(&resolve(authorized.order(), key)).await
    }

    async fn verify(&self, _order: &Order, probe: &str) -> Result<Probe, Fault> {
        if probe == DELIVERED {
            return Ok(Probe::Held);
        }
        Err(Fault::Permanent(format!(
            "pagerduty has no probe `{probe}`; use `{DELIVERED}` in the catalogue"
        )))
    }
}

fn trigger(order: &Order, routing_key: &str) -> Value {
    let summary: String = order.text().chars().take(SUMMARY_MAX_CHARS).collect();
    json!({
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": dedup_key(order),
        "client": "tierone",
        "payload": {
            "summary": summary,
            "source": "tierone",
            "severity": "critical",
            "custom_details": {
                "tenant": order.tenant,
                "case": order.case,
                "action": order.action,
                "parameters": order.parameters,
                "targets": order.targets,
                "disposition": order.disposition,
            },
        },
    })
}

fn resolve(order: &Order, routing_key: &str) -> Value {
    json!({
        "routing_key": routing_key,
        "event_action": "resolve",
        "dedup_key": dedup_key(order),
    })
}

fn overdue(alarm: &Alarm, routing_key: &str) -> Value {
    let Alarm {
        tenant,
        case,
        decided,
        urgency,
        group,
        since,
    } = alarm;
    json!({
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": overdue_key(*case, *decided),
        "client": "tierone",
        "payload": {
            "summary": format!("Nobody answered about case {case} of {tenant}"),
            "source": "tierone",
            "severity": pager_severity(*urgency),
            "custom_details": {
                "tenant": tenant,
                "case": case,
                "urgency": urgency,
                "asked_last": group,
                "since": since,
                "look": format!("tierone cases show {case} --tenant {tenant}"),
            },
        },
    })
}

fn overdue_key(case: CaseId, decided: u64) -> String {
    format!("overdue/{case}/{decided}")
}

/// The API's four words.
const fn pager_severity(urgency: Severity) -> &'static str {
    match urgency {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "info",
    }
}

fn dedup_key(order: &Order) -> String {
    let key = order.idempotency_key.chars();
    key.take(DEDUP_KEY_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests;
