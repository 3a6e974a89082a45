//! A problem: what a caller is told where it does not get what it asked for (RFC 9457), with the value, the cause and the cure apart.

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    app::{
        denied::Denied,
        failure::{StoreFailure, store_failure},
    },
    domain::case::Illegal,
    inbound::{cli::Complaint, safe_json},
};

/// Seconds after which a store that could not be used is tried again.
const STORE_RETRY_SECONDS: u32 = 5;

/// What a caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    complaint: Complaint,
    retry_after_seconds: Option<u32>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(flatten)]
    complaint: &'a Complaint,
}

impl Problem {
    /// A problem in our error texts' form: "… `value` …: cause; cure".
    pub fn new(status: StatusCode, text: &str) -> Self {
        Self {
            status,
            complaint: Complaint::of(text),
            retry_after_seconds: None,
        }
    }

    /// The caller shows no key, or none that is known.
    pub fn unknown_caller() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "no valid API key came with the request; send `authorization: Bearer KEY`",
        )
    }

    /// The caller's key may not do this. Nothing was looked up.
    pub fn lacks(scope: &str) -> Self {
        let text = format!("the key has no scope `{scope}`; use one that has");
        Self::new(StatusCode::FORBIDDEN, &text)
    }

    /// There is no such case, or it is somebody else's: nobody can tell which.
    pub fn no_case(id: &str) -> Self {
        let text = format!("no case `{id}`; check the id and the tenant of the key");
        Self::new(StatusCode::NOT_FOUND, &text)
    }

    /// There is no such route.
    pub fn no_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "there is no such route; check the path",
        )
    }

    /// The route has no such method.
    pub fn no_method() -> Self {
        let text = "the route has no such method; use the one that it has";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, text)
    }

    /// The request is not what the route takes.
    pub fn unreadable(cause: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, cause)
    }

    /// There is too much to do.
    pub fn busy(retry_after_seconds: u32) -> Self {
        let text = "there is more to do than can be done now; send it again later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, text).after(retry_after_seconds)
    }

    /// A fault of ours.
    pub fn broken() -> Self {
        let text = "tierone failed at this; it is in its log, report it";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, text)
    }

    /// The same, to be tried again after this time.
    #[must_use]
    pub const fn after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        let (status, retry_after_seconds) = kind(&error);
        if status.is_server_error() {
            tracing::warn!(error = %format!("{error:#}"), "a request could not be served");
        }
        Self {
            status,
            complaint: Complaint::of_error(&error),
            retry_after_seconds,
        }
    }
}

/// What an error is to a caller. What is not foreseen is a fault of ours.
fn kind(error: &anyhow::Error) -> (StatusCode, Option<u32>) {
    if let Some(denied) = error.downcast_ref::<Denied>() {
        return (denied_status(denied), None);
    }
    if matches!(error.downcast_ref::<Illegal>(), Some(Illegal::Order { .. })) {
        return (StatusCode::CONFLICT, None);
    }
    match store_failure(error) {
        Some(StoreFailure::Conflict) => (StatusCode::CONFLICT, None),
        Some(StoreFailure::Unavailable) => {
            (StatusCode::SERVICE_UNAVAILABLE, Some(STORE_RETRY_SECONDS))
        }
        Some(StoreFailure::Broken) | None => (StatusCode::INTERNAL_SERVER_ERROR, None),
    }
}

fn denied_status(denied: &Denied) -> StatusCode {
    match denied {
        Denied::NoSuchCase { .. } => StatusCode::NOT_FOUND,
        Denied::Nobody { .. }
        | Denied::NotAllowed { .. }
        | Denied::NoCurator { .. }
        | Denied::OwnWord { .. } => StatusCode::FORBIDDEN,
        Denied::Moved { .. }
        | Denied::Blind { .. }
        | Denied::NothingAsked { .. }
        | Denied::Expired { .. }
        | Denied::NothingToUndo { .. }
        | Denied::NoUndo { .. }
        | Denied::UndoBegun { .. }
        | Denied::NotOff { .. }
        | Denied::NothingToConfirm { .. }
        | Denied::NotAttested { .. }
        | Denied::NotProven { .. }
        | Denied::OtherRelease { .. }
        | Denied::InQuarantine { .. }
        | Denied::NotNow { .. } => StatusCode::CONFLICT,
        Denied::NoSuchValue { .. }
        | Denied::NoSuchFacet { .. }
        | Denied::NoSuchTime { .. }
        | Denied::NoDisposition
        | Denied::NoReason => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let complaint = &self.complaint;
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("problem"),
            status: self.status.as_u16(),
            detail: match &complaint.cure {
                Some(cure) => format!("{}; {cure}", complaint.cause),
                None => complaint.cause.clone(),
            },
            complaint,
        };
        let mut body = Vec::new();
        // Text cannot fail to be written as JSON into memory; the status says it all the same.
        drop(safe_json::write_line(&mut body, &document));
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(CONTENT_TYPE, kind);
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
