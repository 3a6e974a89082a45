//! Tenants: nothing names them but what is theirs.

use super::{Store, error::StoreError};
use crate::domain::id::TenantId;

const WITH_PRECEDENTS: &str = "select distinct tenant from precedents order by tenant";
/// What is switched off for everyone is of tenant `*`.
const WITH_ANYTHING: &str = "select tenant from cases union select tenant from operations union select tenant from kills \
     union select tenant from quarantine union select tenant from stages union select tenant from precedents union select tenant from api_keys order by 1";

impl Store {
    /// Every tenant that has precedents: a service looks for all of them.
    pub async fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        let tenants: Vec<String> = sqlx::query_scalar(WITH_PRECEDENTS)
            .fetch_all(&self.readers)
            .await?;
        Ok(tenants.into_iter().map(TenantId::new).collect())
    }

    /// Every tenant of whom anything is stored; `*` is among them where something was done for everyone.
    pub async fn all_tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        let tenants: Vec<String> = sqlx::query_scalar(WITH_ANYTHING)
            .fetch_all(&self.readers)
            .await?;
        Ok(tenants.into_iter().map(TenantId::new).collect())
    }
}
