//! What requests carry beside their caller: the id of a case, how long to wait, and a small JSON body.

use axum::{
    extract::{FromRequestParts, Path, Query, Request},
    http::request::Parts,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{problem::Problem, reception::Reception};
use crate::domain::id::CaseId;

/// Bytes of a command's body.
const COMMAND_MAX_BYTES: usize = 64 * 1024;

/// The case that the path names.
pub struct Named(pub CaseId);

/// How long the caller waits for what comes of it, in seconds.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Wait {
    /// `?wait=`
    pub wait: Option<u64>,
}

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::no_route())?;
        id.parse().map(Self).map_err(|_| Problem::no_case(&id))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Wait {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<Self>::from_request_parts(parts, state).await {
            Ok(Query(wait)) => Ok(wait),
            Err(_) => Err(Problem::unreadable(
                "`wait` is no number of seconds; give one, or leave it out",
            )),
        }
    }
}

/// The JSON object in the body of `request`; an empty body is an empty object.
pub async fn command<T: DeserializeOwned>(
    reception: &Reception,
    request: Request,
) -> Result<T, Problem> {
    let (parts, body) = request.into_parts();
    let body = reception.body(&parts.headers, body, COMMAND_MAX_BYTES);
    let bytes = body.await?;
    let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    serde_json::from_slice(bytes).map_err(|cause| {
        Problem::unreadable(&format!(
            "the body is not what this route takes: {cause}; send a JSON object with these fields"
        ))
    })
}
