//! `POST /v1/cases/{id}/resolve`: the case is over without what is asked, or without anything having been asked.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::Deserialize;

use super::answered::answered;
use crate::{
    app::answer::{Ending, Wish},
    domain::draft::Disposition,
    inbound::http::{
        caller::Caller,
        command::{Named, Wait},
        problem::Problem,
        reception::Reception,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resolution {
    disposition: Disposition,
    reason: String,
    #[serde(default)]
    mattered: Vec<String>,
}

impl From<Resolution> for Wish {
    fn from(said: Resolution) -> Self {
        Self::Resolve(Ending {
            disposition: said.disposition,
            reason: said.reason,
            mattered: said.mattered,
        })
    }
}

/// 200 with the case after it.
pub async fn resolve(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
    wait: Wait,
    request: Request,
) -> Result<Response, Problem> {
    answered::<Resolution>(&reception, &caller, id, wait, request).await
}
