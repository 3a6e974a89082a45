//! `POST /v1/kill`: switches everything, the caller's tenant or one action off, and the last two on again. On takes a reason.
//!
//! A key speaks for one tenant. It may stop everything, because to stop is safe; that everyone is started again is for a person on the machine.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::status::off;
use crate::{
    app::operate::Order,
    domain::{
        facts::Kill,
        id::{ActionId, TenantId},
        key::Scope,
    },
    inbound::http::{caller::Caller, command::command, problem::Problem, reception::Reception},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    turn: Turn,
    what: What,
    #[serde(default)]
    reason: String,
}

/// As for a light: what is off does nothing.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Turn {
    Off,
    On,
}

/// Nobody can name another tenant: there is no word for it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Everything,
    Tenant,
    Action(ActionId),
}

impl What {
    fn kill(self, tenant: &TenantId) -> Kill {
        match self {
            Self::Everything => Kill::Global,
            Self::Tenant => Kill::Tenant(tenant.clone()),
            Self::Action(action) => Kill::Action(action),
        }
    }
}

/// 200 with what is off after it.
pub async fn switch(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let claimant = caller.speaks(&Scope::Admin)?;
    let Switch { turn, what, reason } = command(&reception, request).await?;
    let tenant = caller.tenant();
    let what = what.kill(&tenant);
    let order = match turn {
        Turn::Off => Order::Kill(what, reason),
        Turn::On if reason.trim().is_empty() => {
            return Err(Problem::unreadable(
                "switching on again needs a reason; give one in `reason`",
            ));
        }
        Turn::On if what == Kill::Global => {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "no key can switch everything on again, because every tenant would be; do it on the machine by `tierone kill off`",
            ));
        }
        Turn::On => Order::Unkill(what, reason),
    };
    let now = reception.app.now();
    reception
        .app
        .operate(&tenant, &claimant, order, now)
        .await?;
    off(&reception, &tenant).await
}
