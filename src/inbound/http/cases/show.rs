//! `GET /v1/cases/{id}`: the alert that is decided on, what was decided, and what is asked.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};

use crate::{
    domain::id::{CaseId, TenantId},
    inbound::http::{
        caller::Caller, command::Named, problem::Problem, reception::Reception, reply::reply, view,
    },
};

/// 200 with the case.
pub async fn show(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    caller.may_read()?;
    shown(&reception, &caller.tenant(), id).await
}

/// The case as it is now.
pub async fn shown(
    reception: &Reception,
    tenant: &TenantId,
    id: CaseId,
) -> Result<Response, Problem> {
    let outcome = reception.app.standing(tenant, id, reception.app.now());
    let outcome = outcome.await?;
    let outcome = outcome.ok_or_else(|| Problem::no_case(&id.to_string()))?;
    let waiting = reception.app.waiting(&outcome.case).await?;
    reply(StatusCode::OK, &view::case(outcome, waiting.as_ref()))
}
