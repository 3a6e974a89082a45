//! Which cases need tierone itself by now, of every tenant: workers take them up after a crash, and when an ask or an attempt runs out.

use jiff::Timestamp;

use super::{Store, case::case_id, error::StoreError};
use crate::domain::id::{CaseId, TenantId};

const DUE: &str = "select tenant, id from cases where open = 1 and updated_at <= $1 order by updated_at, tenant, id limit $2";

impl Store {
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
