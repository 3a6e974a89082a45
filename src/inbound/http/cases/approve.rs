//! `POST /v1/cases/{id}/approve`: do what is asked; or, with another action or other values, put that to the gate and ask anew.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::Deserialize;

use super::answered::answered;
use crate::{
    app::answer::Wish,
    domain::{canonical::Digest, id::ActionId},
    inbound::http::{
        caller::Caller,
        command::{Named, Wait},
        problem::Problem,
        reception::Reception,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    digest: Digest,
    action: Option<ActionId>,
    #[serde(default)]
    set: BTreeMap<String, String>,
}

impl From<Approval> for Wish {
    fn from(said: Approval) -> Self {
        if said.action.is_none() && said.set.is_empty() {
            return Self::Approve(said.digest);
        }
        Self::Propose {
            digest: said.digest,
            action: said.action,
            set: said.set.into_iter().collect(),
        }
    }
}

/// 200 with the case after it; 409 where what was seen is not what is asked.
pub async fn approve(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
    wait: Wait,
    request: Request,
) -> Result<Response, Problem> {
    answered::<Approval>(&reception, &caller, id, wait, request).await
}
