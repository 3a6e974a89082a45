//! Who calls, by their key and nothing else. On loopback, before the first key is made, everyone is nobody: they may send alerts, which
//! then ask, and look.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, HOST, ORIGIN},
        request::Parts,
    },
};

use super::{
    problem::Problem,
    reception::{Exposure, Reception},
};
use crate::{
    app::{answer::Claimant, demo},
    domain::{
        alert::Origin,
        id::{SourceId, TenantId},
        key::{ApiKey, Scope},
        person::Proof,
    },
};

/// Headers of requests that came through somebody else's server: a proxy on this machine speaks for the whole network.
const OF_PROXIES: [&str; 6] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];
/// Names under which a program on this machine is called: under any other, a browser was led here by somebody else's page.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody knows. Only on loopback, and only before the first key is made.
    Nobody,
    /// The holder of this key.
    Key(ApiKey),
}

impl FromRequestParts<Arc<Reception>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        reception: &Arc<Reception>,
    ) -> Result<Self, Problem> {
        if let Some(token) = token(&parts.headers)? {
            let key = reception.app.key_of(token).await?;
            return key.map(Self::Key).ok_or_else(Problem::unknown_caller);
        }
        let is_open = reception.exposure == Exposure::Loopback && is_local(&parts.headers);
        if is_open && reception.app.key_count().await?.made == 0 {
            Ok(Self::Nobody)
        } else {
            Err(Problem::unknown_caller())
        }
    }
}

impl Caller {
    /// Whose data they see.
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::Nobody => demo::tenant(),
            Self::Key(key) => key.tenant.clone(),
        }
    }

    /// Whether they may look.
    pub fn may_read(&self) -> Result<(), Problem> {
        match self {
            Self::Nobody => Ok(()),
            Self::Key(key) => has(key, &Scope::Read),
        }
    }

    /// Whether they may read the figures of all tenants together.
    pub fn may_scrape(&self) -> Result<(), Problem> {
        match self {
            Self::Nobody => Ok(()),
            Self::Key(key) => has(key, &Scope::Metrics),
        }
    }

    /// Whether they may send alerts of `source`, and how its alerts are then known.
    pub fn may_send(&self, source: &SourceId) -> Result<Origin, Problem> {
        match self {
            Self::Nobody => Ok(Origin::Named),
            Self::Key(key) if key.may_send(source) => Ok(Origin::Route {
                key: key.id.to_string(),
                sender: key.sender.clone(),
            }),
            Self::Key(_) => Err(Problem::lacks(&format!("ingest:{source}"))),
        }
    }

    /// Whose word they bring, where they may bring anyone's by `scope`. The people file says for whom a key speaks.
    pub fn speaks(&self, scope: &Scope) -> Result<Claimant, Problem> {
        match self {
            Self::Nobody => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "nobody may do this without a key; make one with `tierone keys create`",
            )),
            Self::Key(key) => {
                has(key, scope)?;
                Ok(Claimant {
                    proof: Proof::ApiKey,
                    identity: key.id.to_string(),
                })
            }
        }
    }
}

fn has(key: &ApiKey, scope: &Scope) -> Result<(), Problem> {
    if key.scopes.contains(scope) {
        Ok(())
    } else {
        Err(Problem::lacks(&scope.to_string()))
    }
}

/// The token of `authorization: Bearer TOKEN`. Whatever else is said there lets nobody in.
fn token(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut said = headers.get_all(AUTHORIZATION).iter();
    let Some(first) = said.next() else {
        return Ok(None);
    };
    if said.next().is_some() {
        return Err(Problem::unknown_caller());
    }
    let text = first.to_str().map_err(|_| Problem::unknown_caller())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(Problem::unknown_caller)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::unknown_caller());
    }
    Ok(Some(token.trim()))
}

/// Whether the request was made to this machine by name, by no page in a browser and through no proxy that says that it is one.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let name = host.map(|host| match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    });
    let relayed = OF_PROXIES.iter().any(|name| headers.contains_key(*name));
    name.is_some_and(|name| OWN_NAMES.contains(&name)) && !headers.contains_key(ORIGIN) && !relayed
}
