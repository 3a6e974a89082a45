//! `POST /v1/cases/{id}/claim`: a person takes the case. Nothing that is asked changes by it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::Deserialize;

use super::answered::answered;
use crate::{
    app::answer::Wish,
    inbound::http::{
        caller::Caller,
        command::{Named, Wait},
        problem::Problem,
        reception::Reception,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl From<Nothing> for Wish {
    fn from(Nothing {}: Nothing) -> Self {
        Self::Claim
    }
}

/// 200 with the case after it.
pub async fn claim(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
    wait: Wait,
    request: Request,
) -> Result<Response, Problem> {
    answered::<Nothing>(&reception, &caller, id, wait, request).await
}
