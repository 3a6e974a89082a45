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
    domain::{canonical::Digest, draft::Disposition},
    inbound::http::{
        caller::Caller,
        command::{Named, Wait},
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

impl From<Rejection> for Wish {
    fn from(said: Rejection) -> Self {
        let ending = Ending {
            disposition: said.disposition,
            reason: said.reason,
            mattered: said.mattered,
        };
        Self::Reject(said.digest, ending)
    }
}

/// 200 with the case after it; 409 where what was seen is not what is asked.
pub async fn reject(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
    wait: Wait,
    request: Request,
) -> Result<Response, Problem> {
    answered::<Rejection>(&reception, &caller, id, wait, request).await
}
