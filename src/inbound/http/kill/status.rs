//! `GET /v1/kill`: what is switched off for the caller's tenant.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;

use crate::{
    domain::id::TenantId,
    inbound::http::{caller::Caller, problem::Problem, reception::Reception, reply::reply},
};

#[derive(Serialize)]
struct Off {
    off: Vec<String>,
}

/// 200 with what is off, in words; what cannot be read is off.
pub async fn status(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
) -> Result<Response, Problem> {
    caller.may_read()?;
    off(&reception, &caller.tenant()).await
}

/// What is off now.
pub async fn off(reception: &Reception, tenant: &TenantId) -> Result<Response, Problem> {
    let off = reception.app.kills(tenant).await?;
    reply(StatusCode::OK, &Off { off })
}
