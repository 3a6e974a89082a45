//! `GET /v1/cases/{id}/events`: everything that happened to a case, oldest first, as it is stored.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;

use crate::{
    domain::event::Event,
    inbound::http::{
        caller::Caller, command::Named, problem::Problem, reception::Reception, reply::reply,
    },
};

#[derive(Serialize)]
struct Events {
    events: Vec<Event>,
}

/// 200 with the events.
pub async fn events(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    caller.may_read()?;
    let story = reception.app.find(&caller.tenant(), id).await?;
    let story = story.ok_or_else(|| Problem::no_case(&id.to_string()))?;
    let events = story.events;
    reply(StatusCode::OK, &Events { events })
}
