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

use super::{alerts, cases, health, kill, problem::Problem, reception::Reception};

/// The routes over what they have at hand.
pub fn router(reception: Arc<Reception>) -> Router {
    Router::new()
        .route("/v1/alerts/{source}", post(alerts::receive))
        .route("/v1/cases/{id}", get(cases::show))
        .route("/v1/cases/{id}/events", get(cases::events))
        .route("/v1/cases/{id}/approve", post(cases::approve))
        .route("/v1/cases/{id}/reject", post(cases::reject))
        .route("/v1/cases/{id}/resolve", post(cases::resolve))
        .route("/v1/cases/{id}/claim", post(cases::claim))
        .route("/v1/kill", get(kill::status).post(kill::switch))
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
