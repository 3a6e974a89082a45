//! Import: precedents from elsewhere, all in one transaction. What is stored already under an id is the same by its id, and stays as it is.

use super::{Store, error::StoreError, precedent::Row, to_its_end};
use crate::domain::{id::TenantId, precedent::Precedent};

impl Store {
    /// Adds those of `precedents` whose id is not stored yet, all or none, and says how many these were. Their ids must be made of their
    /// content; one that was confirmed meanwhile, or put into quarantine, is left so.
    pub async fn import_precedents(
        &self,
        tenant: &TenantId,
        precedents: &[Precedent],
    ) -> Result<u64, StoreError> {
        let rows: Result<Vec<Row>, StoreError> =
            precedents.iter().map(|row| Row::new(tenant, row)).collect();
        let (rows, tenant, writer) = (rows?, tenant.clone(), self.writer.clone());
        to_its_end(async move {
            let mut transaction = writer.begin().await?;
            let mut added = 0;
            for row in &rows {
                added += row.add(&tenant, &mut transaction).await?;
            }
            transaction.commit().await?;
            Ok(added)
        })
        .await
    }
}
