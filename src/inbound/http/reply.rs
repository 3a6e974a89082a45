//! A reply: JSON in which nothing hidden can act when somebody looks at it in a terminal.

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::problem::Problem;
use crate::inbound::safe_json;

/// `value` as JSON under `status`.
pub fn reply<T: Serialize>(status: StatusCode, value: &T) -> Result<Response, Problem> {
    let mut body = Vec::new();
    safe_json::write_line(&mut body, value).map_err(|cause| {
        tracing::error!(%cause, "a reply cannot be written as JSON");
        Problem::broken()
    })?;
    let mut response = (status, body).into_response();
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}
