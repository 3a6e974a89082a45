//! `POST /v1/cases/{id}/reject`: do not do what is asked; the case is over.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::Deserialize;

use super::answered::answered;
use crate::{
    app::answer::{Ending, Wish},
    domain::{canonical::Digest, draft::Disposition, key::Scope},
    inbound::http::{
        caller::Caller,
        command::{Named, Wait, command},
        problem::Problem,
        reception::Reception,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejection {
    digest: Digest,
    disposition: Disposition,
    reason: String,
    #[serde(default)]
    mattered: Vec<String>,
}

/// 200 with the case after it; 409 where what was seen is not what is asked.
pub async fn reject(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
    wait: Wait,
    request: Request,
) -> Result<Response, Problem> {
    caller.speaks(&Scope::Approve)?;
    let body: Rejection = command(&reception, request).await?;
    let ending = Ending {
        disposition: body.disposition,
        reason: body.reason,
        mattered: body.mattered,
    };
    let wish = Wish::Reject(body.digest, ending);
    answered(&reception, &caller, id, &wish, wait).await
}
