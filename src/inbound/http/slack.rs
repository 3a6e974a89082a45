//! `POST /v1/slack/events`, `/v1/slack/interactions`, `/v1/slack/commands`: what Slack posts, known for its own by its signature and by nothing else. It is
//! acknowledged when it is remembered, and worked on then. Where no signing secret is configured there are no such routes.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap},
    },
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use super::{problem::Problem, reception::Reception, reply::reply};
use crate::inbound::slack::{
    incoming::{Delivery, command, event, interaction},
    signature::verify,
};

/// Bytes of one post: a card comes back whole with each press.
const BODY_MAX_BYTES: usize = 1_024 * 1_024;
const FORM: &str = "application/x-www-form-urlencoded";

/// What a post says.
enum Posted {
    /// Prove that you are there.
    Challenge(Value),
    /// Something that somebody did.
    Delivery(Box<Delivery>),
    /// Nothing that we know.
    Nothing,
}

/// 200 when it is taken, with what a form still lacks; 401 where it is not Slack's; 503 where it should come again.
pub async fn receive(
    State(reception): State<Arc<Reception>>,
    request: Request,
) -> Result<Response, Problem> {
    let bot = reception.slack.as_ref().ok_or_else(Problem::no_route)?;
    let secret = bot.signing_secret().ok_or_else(Problem::no_route)?;
    let (parts, body) = request.into_parts();
    let body = reception.body(&parts.headers, body, BODY_MAX_BYTES).await?;
    if let Err(why) = verify(secret, &parts.headers, &body, reception.app.now()) {
        tracing::warn!(%why, "something was posted for Slack's and is not");
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "the request is not signed by Slack, or not lately; check slack.signing_secret and the clock",
        ));
    }
    let delivery = match posted(&parts.headers, &body) {
        Posted::Delivery(delivery) => *delivery,
        Posted::Challenge(challenge) => {
            return reply(StatusCode::OK, &json!({ "challenge": challenge }));
        }
        Posted::Nothing => return Ok(StatusCode::OK.into_response()),
    };
    let taken = bot.take(delivery).await;
    let taken = taken.map_err(|_| Problem::busy(reception.config.retry_after_seconds.get()))?;
    match taken.body() {
        Some(body) => reply(StatusCode::OK, &body),
        None => Ok(StatusCode::OK.into_response()),
    }
}

fn posted(headers: &HeaderMap, body: &[u8]) -> Posted {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let is_form = kind.is_some_and(|kind| kind.starts_with(FORM));
    let delivery = if is_form {
        of_form(body)
    } else {
        of_json(body)
    };
    delivery.unwrap_or(Posted::Nothing)
}

fn of_json(body: &[u8]) -> Option<Posted> {
    let payload: Value = serde_json::from_slice(body).ok()?;
    match payload.get("type").and_then(Value::as_str)? {
        "url_verification" => Some(Posted::Challenge(payload.get("challenge")?.clone())),
        "event_callback" => event(&payload).map(delivered),
        _ => None,
    }
}

fn of_form(body: &[u8]) -> Option<Posted> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        fields.insert(name.into_owned(), Value::String(value.into_owned()));
    }
    let fields = match fields.get("payload").and_then(Value::as_str) {
        Some(payload) => {
            return interaction(&serde_json::from_str(payload).ok()?).map(delivered);
        }
        None => Value::Object(fields),
    };
    command(&fields).map(delivered)
}

fn delivered(delivery: Delivery) -> Posted {
    Posted::Delivery(Box::new(delivery))
}
