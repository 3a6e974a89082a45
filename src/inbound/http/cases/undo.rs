//! `POST /v1/cases/{id}/undo`: a named person takes back what was done. It goes on where the caller goes away.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::Deserialize;

use super::show::shown;
use crate::{
    domain::key::Scope,
    inbound::http::{
        caller::Caller,
        command::{Named, command},
        problem::Problem,
        reception::Reception,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Undoing {
    reason: String,
}

/// 200 with the case after it, whether it was undone or is in doubt: the case says which.
pub async fn undo(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
    request: Request,
) -> Result<Response, Problem> {
    let claimant = caller.speaks(&Scope::Approve)?;
    let Undoing { reason } = command(&reception, request).await?;
    let (tenant, now) = (caller.tenant(), reception.app.now());
    let own = Arc::clone(&reception);
    let undone = tokio::spawn(async move {
        let undone = own.app.undo(&tenant, id, &claimant, reason, now);
        Box::pin(undone).await
    });
    undone.await.map_err(|_| Problem::broken())??;
    shown(&reception, &caller.tenant(), id).await
}
