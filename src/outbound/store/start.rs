//! Starts: which actions a tenant began since when, for budgets and settle times. They are read from the events themselves.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{case::verified, error::StoreError};
use crate::domain::{event::Body, facts::Start, id::TenantId};

const STARTS: &str = "select case_id, number, hash, bytes from events \
     where tenant = $1 and kind = 'started' and at >= $2 order by at, case_id, number";

/// What the columns of a start hold: case, number, hash in hexadecimal digits, bytes.
type Columns = (String, i64, String, String);

/// The starts of `tenant` at or after `since`, oldest first.
pub(super) async fn starts(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    since: Timestamp,
) -> Result<Vec<Start>, StoreError> {
    let rows: Vec<(String, i64, Vec<u8>, Vec<u8>)> = sqlx::query_as(STARTS)
        .bind(tenant.as_str())
        .bind(since.as_microsecond())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|(case, number, hash, bytes)| start(case, *number, hash, bytes))
        .collect()
}

/// The starts in a JSON array of their columns.
pub(super) fn of_starts(rows: &str) -> Result<Vec<Start>, StoreError> {
    let damaged = |cause: &dyn std::fmt::Display| StoreError::corrupt("the starts", cause);
    let rows: Vec<Columns> = serde_json::from_str(rows).map_err(|cause| damaged(&cause))?;
    rows.iter()
        .map(|(case, number, hash, bytes)| {
            let hash = hex::decode(hash).map_err(|cause| damaged(&cause))?;
            start(case, *number, &hash, bytes.as_bytes())
        })
        .collect()
}

fn start(case: &str, number: i64, hash: &[u8], bytes: &[u8]) -> Result<Start, StoreError> {
    let what = || format!("event {number} of case `{case}`");
    let event = verified(bytes, hash, what)?;
    let Body::Started {
        action, targets, ..
    } = event.body
    else {
        return Err(StoreError::corrupt(
            what(),
            &"its row says that it is a start",
        ));
    };
    Ok(Start {
        action,
        targets,
        at: event.at,
    })
}
