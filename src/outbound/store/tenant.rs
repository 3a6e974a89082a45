//! Tenants: nothing names them but what is theirs.

use super::{Store, error::StoreError};
use crate::domain::id::TenantId;

const WITH_PRECEDENTS: &str = "select distinct tenant from precedents order by tenant";

impl Store {
    /// Every tenant that has precedents: a service looks for all of them.
    pub async fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        let tenants: Vec<String> = sqlx::query_scalar(WITH_PRECEDENTS)
            .fetch_all(&self.readers)
            .await?;
        Ok(tenants.into_iter().map(TenantId::new).collect())
    }
}
