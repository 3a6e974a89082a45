//! `GET /healthz`: the process answers.

use axum::{http::StatusCode, response::Response};
use serde_json::json;

use crate::inbound::http::{problem::Problem, reply::reply};

/// Always 200.
pub async fn alive() -> Result<Response, Problem> {
    reply(StatusCode::OK, &json!({ "status": "alive" }))
}
