//! `GET /metrics`: figures as Prometheus reads them. A caller needs a key of scope `metrics`, or to be on this machine while there is no key.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use metrics::gauge;

use super::{caller::Caller, problem::Problem, reception::Reception};
use crate::{app::backlog::Backlog, telemetry};

/// The text format of Prometheus.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// 200 with everything that was counted since the process began, and what is to be done now.
pub async fn metrics(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
) -> Result<Response, Problem> {
    caller.may_scrape()?;
    let app = &reception.app;
    let seen = app.store_seen();
    gauge!("tierone_ready", "part" => "store_writes").set(f64::from(u8::from(seen.writes)));
    gauge!("tierone_ready", "part" => "store_pages").set(f64::from(u8::from(seen.sound)));
    let can_scan = reception.workers.can_scan();
    gauge!("tierone_ready", "part" => "workers").set(f64::from(u8::from(can_scan)));
    let has_room = reception.workers.has_room();
    gauge!("tierone_ready", "part" => "queue").set(f64::from(u8::from(has_room)));
    match app.backlog(app.now()).await {
        Ok(backlog) => show(&backlog),
        Err(cause) => tracing::warn!(%cause, "what is to be done cannot be counted"),
    }
    let text = telemetry::figures().unwrap_or_default();
    Ok((StatusCode::OK, [(CONTENT_TYPE, FORMAT)], text).into_response())
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 cases")]
fn show(backlog: &Backlog) {
    for (urgency, cases) in &backlog.open {
        gauge!("tierone_cases_open", "urgency" => *urgency).set(*cases as f64);
    }
    gauge!("tierone_cases_due").set(backlog.due as f64);
    gauge!("tierone_oldest_due_seconds").set(backlog.behind_seconds);
}
