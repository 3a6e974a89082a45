//! `GET /readyz`: whether alerts can be taken in and worked on, what stands in the way, and what soon will: an attestation that ends is a
//! warning, because without one tierone asks and works on.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::json;

use crate::inbound::http::{problem::Problem, reception::Reception, reply::reply};

/// 200 or 503, with the names of what is not ready, and warnings.
pub async fn ready(State(reception): State<Arc<Reception>>) -> Result<Response, Problem> {
    let seen = reception.app.store_seen();
    let parts = [
        ("store", reception.app.key_count().await.is_ok()),
        ("store_writes", seen.writes),
        ("store_pages", seen.sound),
        ("workers", reception.workers.can_scan()),
        ("queue", reception.workers.has_room()),
    ];
    let not_ready: Vec<&str> = parts
        .into_iter()
        .filter_map(|(name, is_ready)| (!is_ready).then_some(name))
        .collect();
    let status = if not_ready.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let ready = not_ready.is_empty();
    let warning = reception.app.release_warning(reception.app.now());
    let warnings: Vec<String> = warning.into_iter().collect();
    let said = json!({ "ready": ready, "not_ready": not_ready, "warnings": warnings });
    reply(status, &said)
}
