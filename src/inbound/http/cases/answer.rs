//! `POST /v1/cases/{id}/VERB`: a person's word on a case. Which verb it is, is which form the body is (`forms`); the rest is the same for all.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::de::DeserializeOwned;

use super::show::shown;
use crate::{
    app::{answer::Wish, worker::Ticket},
    domain::key::Scope,
    inbound::http::{
        caller::Caller,
        command::{Named, Wait, command},
        problem::Problem,
        reception::Reception,
    },
};

/// How long an answer is waited for where the caller does not say, in seconds: long enough for a gate, short enough for a person.
const WAIT_SECONDS: u64 = 10;

/// Grants the wish that the body is, waits a little for what comes of it, and shows the case: 200. Whether the wish was granted is the
/// status, 409 where what was seen is not what is asked; what the gate then said and what was done is in the case. Whoever may not answer
/// has no body read.
pub async fn answer<Form: DeserializeOwned + Into<Wish>>(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
    wait: Wait,
    request: Request,
) -> Result<Response, Problem> {
    let claimant = caller.speaks(&Scope::Approve)?;
    let wish: Wish = command::<Form>(&reception, request).await?.into();
    let (tenant, now) = (caller.tenant(), reception.app.now());
    Box::pin(reception.app.grant(&tenant, id, &claimant, &wish, now)).await?;
    let ticket = Ticket {
        tenant: tenant.clone(),
        case: id,
    };
    reception.workers.offer(&ticket);
    let seconds = wait.wait.unwrap_or(WAIT_SECONDS);
    let within = Duration::from_secs(seconds.min(reception.config.wait_max_seconds.get()));
    // Whoever does not want to wait longer sees the case as it is by then.
    drop(tokio::time::timeout(within, reception.workers.settled(&ticket)).await);
    shown(&reception, &tenant, id).await
}
