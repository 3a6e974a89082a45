//! `GET /v1/release`: what is running, how far it was promoted, what attests it, and what is missing.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};

use super::{caller::Caller, problem::Problem, reception::Reception, reply::reply};
use crate::inbound::release_view::ReleaseView;

/// 200 with the release.
pub async fn show(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
) -> Result<Response, Problem> {
    caller.may_read()?;
    let standing = reception.app.release(reception.app.now()).await;
    reply(StatusCode::OK, &ReleaseView::of(&standing))
}
