//! `POST /v1/alerts/{source}`: alerts in. 202 is said only when every one of them is on the disk.
//!
//! What is inside the body of a caller who may send it is never refused: what cannot be read becomes a case, of severity high.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;

use crate::{
    app::{
        Place,
        accept::{Accepted, Entry, Post},
        worker::{Offered, Ticket},
    },
    domain::{
        alert::Origin,
        id::{SourceId, TenantId},
    },
    inbound::http::{
        caller::Caller,
        command::Wait,
        problem::Problem,
        reception::Reception,
        reply::reply,
        view::{self, CaseView},
    },
    pipeline::normalise::Asked,
};

/// Characters of a source's name in a route.
const SOURCE_MAX: usize = 64;

#[derive(Serialize)]
struct Answer<T> {
    alerts: Vec<T>,
}

/// What came of one item, where nobody waits for a decision.
#[derive(Serialize)]
#[serde(untagged)]
enum Taken {
    Alert {
        case_id: String,
        duplicate: bool,
        status_url: String,
    },
    Control {
        control: String,
    },
}

/// The same, where somebody does.
#[derive(Serialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "nearly all are cases")]
enum Decided {
    Case(CaseView),
    Control { control: String },
}

/// Takes alerts in: 202, or 200 with what was decided where the caller waits and it was decided in time.
pub async fn receive(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    source: Result<Path<String>, PathRejection>,
    wait: Wait,
    request: Request,
) -> Result<Response, Problem> {
    let Path(source) = source.map_err(|_| Problem::no_route())?;
    let source = named(source)?;
    let origin = caller.may_send(&source)?;
    let tenant = caller.tenant();
    let accepted = store(&reception, tenant.clone(), source, origin, request).await?;
    let tickets: Vec<Ticket> = accepted
        .iter()
        .filter_map(|item| match item {
            Accepted::Alert(entry) => Some(Ticket {
                tenant: tenant.clone(),
                case: entry.case,
            }),
            Accepted::Control { .. } => None,
        })
        .collect();
    let is_taken = |ticket: &&Ticket| reception.workers.offer(ticket) == Offered::Taken;
    let are_taken = tickets.iter().filter(is_taken).count() == tickets.len();
    if let Some(seconds) = wait.wait.filter(|_| are_taken)
        && settled(&reception, &tickets, seconds).await
        && let Some(alerts) = decided(&reception, &tenant, &accepted).await?
    {
        return reply(StatusCode::OK, &Answer { alerts });
    }
    let alerts = accepted.into_iter().map(taken).collect();
    reply(StatusCode::ACCEPTED, &Answer { alerts })
}

/// A name that could be a source's. One that is none is a case all the same: a sender whose route is wrong must not lose alerts.
fn named(source: String) -> Result<SourceId, Problem> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if source.is_empty() || source.len() > SOURCE_MAX || !source.bytes().all(known) {
        return Err(Problem::no_route());
    }
    Ok(SourceId::new(source))
}

async fn store(
    reception: &Reception,
    tenant: TenantId,
    source: SourceId,
    origin: Origin,
    request: Request,
) -> Result<Vec<Accepted>, Problem> {
    let (parts, body) = request.into_parts();
    let _place = reception.place(&parts.headers)?;
    let max = reception.config.body_max_bytes.get();
    let post = Post {
        tenant,
        name: format!("post to {source}"),
        bytes: reception.body(&parts.headers, body, max).await?,
        source: Asked::Source { id: source, origin },
        received_at: reception.app.now(),
    };
    let accepted = reception.app.accept(post).await;
    Ok(accepted.inspect_err(|error| reception.app.note(error))?)
}

/// Whether all was worked on in time.
async fn settled(reception: &Reception, tickets: &[Ticket], seconds: u64) -> bool {
    let seconds = seconds.min(reception.config.wait_max_seconds.get());
    let all = async {
        for ticket in tickets {
            reception.workers.settled(ticket).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(seconds), all)
        .await
        .is_ok()
}

/// What was decided, in the order of the post; `None` where something still is to be.
async fn decided(
    reception: &Reception,
    tenant: &TenantId,
    accepted: &[Accepted],
) -> Result<Option<Vec<Decided>>, Problem> {
    let now = reception.app.now();
    let mut alerts = Vec::with_capacity(accepted.len());
    for item in accepted {
        alerts.push(match item {
            Accepted::Control { control, .. } => Decided::Control {
                control: control.clone(),
            },
            Accepted::Alert(entry) => {
                let outcome = reception.app.outcome_of(tenant, *entry, now).await?;
                let Some(outcome) = outcome.filter(|outcome| !outcome.case.is_due(now)) else {
                    return Ok(None);
                };
                Decided::Case(view::case(outcome, None))
            }
        });
    }
    Ok(Some(alerts))
}

fn taken(item: Accepted) -> Taken {
    match item {
        Accepted::Control { control, .. } => Taken::Control { control },
        Accepted::Alert(Entry { case, place, .. }) => Taken::Alert {
            case_id: case.to_string(),
            duplicate: place == Place::Joined,
            status_url: format!("/v1/cases/{case}"),
        },
    }
}
