//! Every route.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use tower_http::catch_panic::CatchPanicLayer;

use super::{
    alerts,
    cases::{self, forms},
    health, kill, metrics,
    problem::Problem,
    reception::Reception,
    release, slack,
};

/// The routes over what they have at hand.
pub fn router(reception: Arc<Reception>) -> Router {
    Router::new()
        .route("/v1/alerts/{source}", post(alerts::receive))
        .route("/v1/cases", get(cases::list))
        .route("/v1/cases/{id}", get(cases::show))
        .route("/v1/cases/{id}/events", get(cases::events))
        .route(
            "/v1/cases/{id}/approve",
            post(cases::answer::<forms::Approve>),
        )
        .route(
            "/v1/cases/{id}/reject",
            post(cases::answer::<forms::Reject>),
        )
        .route(
            "/v1/cases/{id}/resolve",
            post(cases::answer::<forms::Resolve>),
        )
        .route("/v1/cases/{id}/claim", post(cases::answer::<forms::Claim>))
        .route(
            "/v1/cases/{id}/escalate",
            post(cases::answer::<forms::Escalate>),
        )
        .route(
            "/v1/cases/{id}/snooze",
            post(cases::answer::<forms::Snooze>),
        )
        .route(
            "/v1/cases/{id}/reopen",
            post(cases::answer::<forms::Reopen>),
        )
        .route("/v1/cases/{id}/undo", post(cases::undo))
        .route("/v1/kill", get(kill::status).post(kill::switch))
        .route("/v1/release", get(release::show))
        .route("/metrics", get(metrics::metrics))
        .route("/v1/slack/events", post(slack::receive))
        .route("/v1/slack/interactions", post(slack::receive))
        .route("/v1/slack/commands", post(slack::receive))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || Problem::no_route())
        .method_not_allowed_fallback(async || Problem::no_method())
        .with_state(reception)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(told))
}

/// Each request is logged by its route and what came of it, never by what is in it.
async fn told(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    tracing::debug!(%method, path = %path.escape_debug(), status = response.status().as_u16(), "answered");
    response
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request broke off; this is a fault in tierone, report it");
    Problem::broken().into_response()
}
