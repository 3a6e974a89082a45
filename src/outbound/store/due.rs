//! Which cases need tierone itself by now, of every tenant: workers take them up after a crash, and when an ask or an attempt runs out.

use jiff::Timestamp;

use super::{
    Store,
    case::{case_id, time},
    error::StoreError,
};
use crate::domain::id::{CaseId, TenantId};

const DUE: &str =
    "select tenant, id from cases where due_at <= $1 order by due_at, tenant, id limit $2";

const OPEN: &str = "select urgency, count(*) from cases where open > 0 group by urgency";
const BEHIND: &str = "select count(*), min(due_at) from cases where due_at <= $1";

/// What is to be done yet, over all tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Cases that are not over, by the word of their urgency.
    pub open: Vec<(String, u64)>,
    /// Cases that need tierone itself.
    pub due: u64,
    /// Since when the longest of these waits.
    pub since: Option<Timestamp>,
}

impl Store {
    /// What is to be done yet at `now`.
    pub async fn backlog(&self, now: Timestamp) -> Result<Backlog, StoreError> {
        let open: Vec<(String, i64)> = sqlx::query_as(OPEN).fetch_all(&self.readers).await?;
        let (due, since): (i64, Option<i64>) = sqlx::query_as(BEHIND)
            .bind(now.as_microsecond())
            .fetch_one(&self.readers)
            .await?;
        let open = open.into_iter();
        Ok(Backlog {
            open: open
                .map(|(urgency, cases)| (urgency, cases.unsigned_abs()))
                .collect(),
            due: due.unsigned_abs(),
            since: since.map(time).transpose()?,
        })
    }

    /// At most `limit` cases that are due at `now`, the longest due first.
    pub async fn due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, CaseId)>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(DUE)
            .bind(now.as_microsecond())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter()
            .map(|(tenant, id)| Ok((TenantId::new(tenant), case_id(&id)?)))
            .collect()
    }
}
