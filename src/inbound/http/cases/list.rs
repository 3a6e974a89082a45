//! `GET /v1/cases`: the cases of the caller's tenant, page by page, the last changed first.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};

use crate::{
    app::find::{Reach, Wanted},
    domain::{id::SourceId, severity::Severity},
    inbound::{
        case_view::ListedView,
        http::{caller::Caller, problem::Problem, reception::Reception, reply::reply},
    },
};

/// Cases of a page where the caller does not say.
const LIMIT: u32 = 50;
/// The most cases of a page.
const LIMIT_MAX: u32 = 200;

/// The filters; each that is left out lets everything through.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filters {
    #[serde(default)]
    state: Standing,
    source: Option<SourceId>,
    urgency: Option<Severity>,
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    #[default]
    Open,
    All,
}

#[derive(Serialize)]
struct Page {
    cases: Vec<ListedView>,
    /// What `after` must be for the next page; null on the last.
    next: Option<String>,
}

/// 200 with a page.
pub async fn list(
    State(reception): State<Arc<Reception>>,
    caller: Caller,
    filters: Result<Query<Filters>, QueryRejection>,
) -> Result<Response, Problem> {
    caller.may_read()?;
    let wanted = wanted(filters)?;
    let found = reception.app.cases(&caller.tenant(), wanted).await?;
    let page = Page {
        cases: found.cases.iter().map(ListedView::of).collect(),
        next: found.next.map(|place| place.to_string()),
    };
    reply(StatusCode::OK, &page)
}

fn wanted(filters: Result<Query<Filters>, QueryRejection>) -> Result<Wanted, Problem> {
    let Query(filters) = filters.map_err(|cause| {
        let cause = cause.body_text();
        Problem::unreadable(&format!(
            "the query is not what this route takes: {cause}; give state, source, urgency, after and limit, or leave them out"
        ))
    })?;
    let after = filters.after.map(|place| {
        place.parse().map_err(|cause| {
            Problem::unreadable(&format!(
                "`{place}` is not where a page begins: {cause}; give what `next` of the page before says"
            ))
        })
    });
    Ok(Wanted {
        reach: match filters.state {
            Standing::Open => Reach::Open,
            Standing::All => Reach::All,
        },
        source: filters.source,
        urgency: filters.urgency,
        after: after.transpose()?,
        limit: filters.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX),
    })
}
