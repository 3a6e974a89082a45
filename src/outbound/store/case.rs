//! Reading cases: their events with what lies beside them, checked against their chain, and the lists of cases.

use jiff::Timestamp;
use serde::Deserialize;
use sqlx::SqliteConnection;

use super::{Store, error::StoreError};
use crate::domain::{
    canonical::Digest,
    case::{Case, replay},
    event::{EVENT_VERSION, Event},
    id::{CaseId, TenantId},
};

const CASE: &str = "select events, head from cases where tenant = $1 and id = $2";
const EVENTS: &str = "select e.number, e.hash, e.bytes, p.salt, p.bytes from events e \
     left join payloads p on p.tenant = e.tenant and p.digest = e.payload \
     where e.tenant = $1 and e.case_id = $2 and e.number <= $3 order by e.number";
const OPEN_CASE: &str = "select id from cases where tenant = $1 and fingerprint = $2 and open = 1";
const OPEN_CASES: &str =
    "select id from cases where tenant = $1 and open > 0 order by updated_at desc, id limit $2";
const ALL_CASES: &str =
    "select id from cases where tenant = $1 order by updated_at desc, id limit $2";

/// Number, hash and bytes of an event, and salt and bytes of what lies beside it.
type EventRow = (i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

/// Which cases a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that are not over.
    Open,
    /// Every one.
    All,
}

impl Store {
    /// The case, folded from its events; `None` where there is none.
    pub async fn case(&self, tenant: &TenantId, id: CaseId) -> Result<Option<Case>, StoreError> {
        let events = self.events(tenant, id).await?;
        if events.is_empty() {
            return Ok(None);
        }
        let unfoldable = |illegal| StoreError::unfoldable(format!("case `{id}`"), illegal);
        replay(&events).map(Some).map_err(unfoldable)
    }

    /// The events of a case, oldest first, with everything that was not erased; empty where there is no such case. Each one's bytes hash
    /// to what the next one names, and the last one to the case's head.
    pub async fn events(&self, tenant: &TenantId, id: CaseId) -> Result<Vec<Event>, StoreError> {
        let case: Option<(i64, Vec<u8>)> = sqlx::query_as(CASE)
            .bind(tenant.as_str())
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await?;
        let Some((count, head)) = case else {
            return Ok(Vec::new());
        };
        let rows: Vec<EventRow> = sqlx::query_as(EVENTS)
            .bind(tenant.as_str())
            .bind(id.to_string())
            .bind(count)
            .fetch_all(&self.readers)
            .await?;
        let mut events = Vec::with_capacity(rows.len());
        let mut previous = Digest::ZERO;
        for (place, row) in (1..).zip(rows) {
            let event = read(tenant, id, place, previous, &row)?;
            previous = Digest::of_bytes(&row.2);
            events.push(event);
        }
        let whole = i64::try_from(events.len()) == Ok(count);
        if !whole || previous.as_bytes().as_slice() != head {
            let why = "its last events are missing or are not those that its row names";
            return Err(StoreError::corrupt(format!("case `{id}`"), &why));
        }
        Ok(events)
    }

    /// The open case of `fingerprint`: there is at most one.
    pub async fn open_case(
        &self,
        tenant: &TenantId,
        fingerprint: Digest,
    ) -> Result<Option<CaseId>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        open_case(&mut connection, tenant, fingerprint).await
    }

    /// At most `limit` cases, the last changed first.
    pub async fn case_ids(
        &self,
        tenant: &TenantId,
        which: Which,
        limit: u32,
    ) -> Result<Vec<CaseId>, StoreError> {
        let statement = match which {
            Which::Open => OPEN_CASES,
            Which::All => ALL_CASES,
        };
        let ids: Vec<String> = sqlx::query_scalar(statement)
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        ids.iter().map(|id| case_id(id)).collect()
    }
}

/// The open case of `fingerprint`, as this connection sees it.
pub(super) async fn open_case(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    fingerprint: Digest,
) -> Result<Option<CaseId>, StoreError> {
    let id: Option<String> = sqlx::query_scalar(OPEN_CASE)
        .bind(tenant.as_str())
        .bind(fingerprint.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?;
    id.as_deref().map(case_id).transpose()
}

/// The event at `place`, if it is the one that was appended there, with its content where that was not erased.
fn read(
    tenant: &TenantId,
    case: CaseId,
    place: u64,
    previous: Digest,
    (_, hash, bytes, salt, content): &EventRow,
) -> Result<Event, StoreError> {
    let what = || format!("event {place} of case `{case}`");
    let mut event = verified(bytes, hash, what)?;
    let placed = event.number == place && event.case == case && event.tenant == *tenant;
    if !placed || event.previous != previous {
        return Err(StoreError::corrupt(
            what(),
            &"it does not follow the event before it",
        ));
    }
    if let (Some(sealed), Some(salt), Some(content)) = (event.body.payload_mut(), salt, content) {
        let salt = <[u8; 32]>::try_from(salt.as_slice())
            .map_err(|cause| StoreError::corrupt(what(), &cause))?;
        sealed
            .fill(salt, content)
            .map_err(|cause| StoreError::corrupt(what(), &cause))?;
    }
    Ok(event)
}

/// The event in `bytes`, if they are those that were hashed and say nothing that this build does not read.
pub(super) fn verified(
    bytes: &[u8],
    hash: &[u8],
    what: impl Fn() -> String,
) -> Result<Event, StoreError> {
    if Digest::of_bytes(bytes).as_bytes().as_slice() != hash {
        return Err(StoreError::corrupt(what(), &"it does not match its digest"));
    }
    let unreadable = |cause: serde_json::Error| StoreError::corrupt(what(), &cause);
    let Versioned { version } = serde_json::from_slice(bytes).map_err(unreadable)?;
    if version > EVENT_VERSION {
        return Err(StoreError::Newer {
            what: what(),
            found: version.into(),
            known: EVENT_VERSION.into(),
        });
    }
    let event: Event = serde_json::from_slice(bytes).map_err(unreadable)?;
    if event.bytes()? != bytes {
        return Err(StoreError::corrupt(what(), &"it is not in canonical form"));
    }
    Ok(event)
}

/// The one field that every version of the event format has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

pub(super) fn case_id(text: &str) -> Result<CaseId, StoreError> {
    text.parse()
        .map_err(|cause| StoreError::corrupt(format!("case `{text}`"), &cause))
}

/// A time as the database keeps it: microseconds since 1970 UTC.
pub(super) fn time(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds)
        .map_err(|cause| StoreError::corrupt("a time in the store", &cause))
}
