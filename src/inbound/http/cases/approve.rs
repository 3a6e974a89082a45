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
    domain::{canonical::Digest, id::ActionId, key::Scope},
    inbound::http::{
        caller::Caller,
        command::{Named, Wait, command},
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

/// 200 with the case after it; 409 where what was seen is not what is asked.
pub async fn approve(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    Named(id): Named,
    wait: Wait,
    request: Request,
) -> Result<Response, Problem> {
    caller.speaks(&Scope::Approve)?;
    let body: Approval = command(&reception, request).await?;
    let wish = if body.action.is_none() && body.set.is_empty() {
        Wish::Approve(body.digest)
    } else {
        Wish::Propose {
            digest: body.digest,
            action: body.action,
            set: body.set.into_iter().collect(),
        }
    };
    answered(&reception, &caller, id, &wish, wait).await
}
