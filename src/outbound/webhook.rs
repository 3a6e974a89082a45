//! Posts orders to the site's own receiver, signed as Standard Webhooks (standardwebhooks.com) asks.
//!
//! | what | `type` | `webhook-id` |
//! |---|---|---|
//! | do it | `tierone.action` | the order's key: the same at every try |
//! | undo it | `tierone.undo` | the key and `-undo` |
//! | did it work? | `tierone.verify` | the key, `-verify-` and the time: a question is never a repeat |
//!
//! `data.order` is the order's key in all three. No alert text and no model text is in any of them. A receiver that has seen a
//! `webhook-id` answers 2xx again and does nothing; that is why this executor is idempotent where the configuration does not deny it.

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP};

use super::endpoint::{Accepted, Endpoint, EndpointSettings, Length};
use crate::{
    domain::{
        event::Probe,
        order::{Authorized, Order},
    },
    ports::{Executor, Fault, Repetition},
};

/// The longest answer that is read, in words.
const ANSWER_MAX: &str = "64 KiB";
const ANSWER_SHAPE: &str = "{\"holds\": true} or {\"holds\": false}";

/// What a webhook is made from.
#[derive(Debug)]
pub struct WebhookSettings {
    /// Whom it calls.
    pub endpoint: EndpointSettings,
    /// The signing secret: base64, with or without `whsec_` before it.
    pub secret: SecretString,
    /// Whether the receiver does nothing when it gets a `webhook-id` again.
    pub repetition: Repetition,
    /// The time that a message is signed at.
    pub clock: fn() -> Timestamp,
}

/// A receiver that carries out orders.
pub struct Webhook {
    endpoint: Endpoint,
    key: standardwebhooks::Webhook,
    repetition: Repetition,
    clock: fn() -> Timestamp,
}

/// What is posted.
#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    timestamp: &'a str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(rename = "order")]
    key: &'a str,
    #[serde(flatten)]
    what: What<'a>,
    tenant: &'a str,
    case: String,
    action: &'a str,
    parameters: &'a std::collections::BTreeMap<String, String>,
    targets: &'a [String],
    disposition: crate::domain::draft::Disposition,
    texts: &'a std::collections::BTreeMap<String, String>,
}

/// The part that differs.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
enum What<'a> {
    Action { attempt: Number },
    Undo { attempt: Number, undo: &'a str },
    Verify { probe: &'a str },
}

/// The number of an attempt, or its place in a preview.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
enum Number {
    Is(u32),
    Open(&'static str),
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `holds`")]
struct Holds {
    holds: bool,
}

impl Webhook {
    /// A webhook, or why there can be none.
    pub fn new(settings: &WebhookSettings) -> Result<Self, Fault> {
        let secret = &settings.secret;
        let key = standardwebhooks::Webhook::new(secret.expose_secret()).map_err(|_| {
            Fault::Permanent(
                "the webhook secret is no base64; make one by `openssl rand -base64 32`".into(),
            )
        })?;
        Ok(Self {
            endpoint: Endpoint::new(&settings.endpoint, secret.clone())?,
            key,
            repetition: settings.repetition,
            clock: settings.clock,
        })
    }

    async fn send(&self, order: &Order, what: What<'_>) -> Result<Accepted, Fault> {
        let now = (self.clock)();
        let id = what.id(order, now);
        let body = body(order, what, &now.to_string())?;
        let signature = self.key.sign(&id, now.as_second(), body.as_bytes());
        let signature = signature.map_err(|cause| unsendable(&cause))?;
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (HEADER_WEBHOOK_ID, id),
            (HEADER_WEBHOOK_TIMESTAMP, now.as_second().to_string()),
            (HEADER_WEBHOOK_SIGNATURE, signature),
        ] {
            let value = HeaderValue::try_from(value).map_err(|cause| unsendable(&cause))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        self.endpoint.post(headers, body).await
    }

    /// The message with its id, without what is only known when it is sent.
    fn shown(&self, order: &Order, what: What<'_>, id: &str) -> Result<String, Fault> {
        let body = body(order, what, "<timestamp>")?;
        let headers = [
            (HEADER_WEBHOOK_ID, id),
            (HEADER_WEBHOOK_TIMESTAMP, "<timestamp>"),
            (HEADER_WEBHOOK_SIGNATURE, "<signature>"),
        ];
        Ok(self.endpoint.preview(&headers, &body))
    }

    fn receipt(&self, accepted: &Accepted) -> String {
        let said = self.endpoint.shown(&accepted.body);
        format!("{} {said}", accepted.status.as_u16())
            .trim()
            .to_owned()
    }
}

#[async_trait]
impl Executor for Webhook {
    fn repetition(&self) -> Repetition {
        self.repetition
    }

    fn preview(&self, order: &Order) -> Result<String, Fault> {
        let attempt = Number::Open("<attempt>");
        self.shown(order, What::Action { attempt }, &order.idempotency_key)
    }

    fn preview_undo(&self, order: &Order, undo: &str) -> Result<String, Fault> {
        let attempt = Number::Open("<attempt>");
        let id = undo_id(order);
        self.shown(order, What::Undo { attempt, undo }, &id)
    }

    async fn execute(&self, authorized: &Authorized) -> Result<String, Fault> {
        let attempt = Number::Is(authorized.attempt());
        let accepted = self
            .send(authorized.order(), What::Action { attempt })
            .await?;
        Ok(self.receipt(&accepted))
    }

    async fn undo(&self, authorized: &Authorized, undo: &str) -> Result<String, Fault> {
        let attempt = Number::Is(authorized.attempt());
        let accepted = self
            .send(authorized.order(), What::Undo { attempt, undo })
            .await?;
        Ok(self.receipt(&accepted))
    }

    async fn verify(&self, order: &Order, probe: &str) -> Result<Probe, Fault> {
        let accepted = self.send(order, What::Verify { probe }).await?;
        if accepted.length == Length::TooLong {
            return Err(Fault::TooLarge(format!(
                "the answer to probe `{probe}` is over {ANSWER_MAX}; answer {ANSWER_SHAPE}"
            )));
        }
        match serde_json::from_slice(&accepted.body) {
            Ok(Holds { holds: true }) => Ok(Probe::Held),
            Ok(Holds { holds: false }) => Ok(Probe::NotHeld),
            Err(cause) => Err(Fault::Permanent(format!(
                "the answer to probe `{probe}` cannot be read: {cause}; answer {ANSWER_SHAPE}"
            ))),
        }
    }
}

impl What<'_> {
    const fn name(self) -> &'static str {
        match self {
            Self::Action { .. } => "tierone.action",
            Self::Undo { .. } => "tierone.undo",
            Self::Verify { .. } => "tierone.verify",
        }
    }

    fn id(self, order: &Order, now: Timestamp) -> String {
        let key = &order.idempotency_key;
        match self {
            Self::Action { .. } => key.clone(),
            Self::Undo { .. } => undo_id(order),
            Self::Verify { .. } => format!("{key}-verify-{}", now.as_millisecond()),
        }
    }
}

fn undo_id(order: &Order) -> String {
    format!("{}-undo", order.idempotency_key)
}

fn body(order: &Order, what: What<'_>, timestamp: &str) -> Result<String, Fault> {
    let message = Message {
        r#type: what.name(),
        timestamp,
        data: Data {
            key: &order.idempotency_key,
            what,
            tenant: order.tenant.as_str(),
            case: order.case.to_string(),
            action: order.action.as_str(),
            parameters: &order.parameters,
            targets: &order.targets,
            disposition: order.disposition,
            texts: &order.texts,
        },
    };
    serde_json::to_string(&message).map_err(|cause| unsendable(&cause))
}

fn unsendable(cause: &dyn std::error::Error) -> Fault {
    Fault::Permanent(format!("the order cannot be sent: {cause}"))
}

#[cfg(test)]
mod tests;
