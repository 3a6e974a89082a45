//! Starts: which actions a tenant began since when, for budgets and settle times. They are read from the events themselves.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{Store, case::verified, error::StoreError};
use crate::domain::{event::Body, facts::Start, id::TenantId};

const STARTS: &str = "select case_id, number, hash, bytes from events \
     where tenant = $1 and kind = 'started' and at >= $2 order by at, case_id, number";

impl Store {
    /// The starts of `tenant` at or after `since`, oldest first.
    pub async fn starts(
        &self,
        tenant: &TenantId,
        since: Timestamp,
    ) -> Result<Vec<Start>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        starts(&mut connection, tenant, since).await
    }
}

/// The same, as this connection sees it.
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
    let mut starts = Vec::with_capacity(rows.len());
    for (case, number, hash, bytes) in rows {
        let what = || format!("event {number} of case `{case}`");
        let event = verified(&bytes, &hash, what)?;
        let Body::Started {
            action, targets, ..
        } = event.body
        else {
            return Err(StoreError::corrupt(
                what(),
                &"its row says that it is a start",
            ));
        };
        starts.push(Start {
            action,
            targets,
            at: event.at,
        });
    }
    Ok(starts)
}
