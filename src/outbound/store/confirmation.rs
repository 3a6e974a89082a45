//! Confirmation: an imported precedent becomes one that counts, and the operation that says so is appended with it.

use jiff::Timestamp;

use super::{BEGIN, Store, error::StoreError, operation::operate_in, precedent::read, to_its_end};
use crate::domain::{
    canonical::to_bytes,
    id::{PersonId, PrecedentId, TenantId},
    operation::Deed,
    person::Proof,
    precedent::PrecedentOrigin,
};

const DOCUMENT: &str = "select document from precedents where tenant = $1 and id = $2";
const CONFIRM: &str = "update precedents set origin = $3, received_at = $4, document = $5 \
     where tenant = $1 and id = $2 and origin = 'imported'";

impl Store {
    /// Makes the imported precedent `id` one that counts in this kind of store, as of `now`, on the word of `by`.
    pub async fn confirm_precedent(
        &self,
        tenant: &TenantId,
        id: &PrecedentId,
        by: &PersonId,
        proof: Proof,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (tenant, id, by) = (tenant.clone(), id.clone(), by.clone());
        let (writer, counts) = (self.writer.clone(), self.kind.counts());
        to_its_end(async move {
            let mut transaction = writer.begin_with(BEGIN).await?;
            let document: Option<String> = sqlx::query_scalar(DOCUMENT)
                .bind(tenant.as_str())
                .bind(id.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
            let absent = || StoreError::Conflict {
                what: format!("precedent `{id}`"),
            };
            let mut precedent = read(&(id.to_string(), document.ok_or_else(absent)?))?;
            if precedent.origin != PrecedentOrigin::Imported {
                return Err(absent());
            }
            precedent.origin = counts;
            precedent.confirmed_by = by.clone();
            precedent.proof = proof;
            precedent.received_at = now;
            let document = String::from_utf8(to_bytes(&precedent)?)
                .map_err(|cause| StoreError::corrupt("a precedent", &cause))?;
            sqlx::query(CONFIRM)
                .bind(tenant.as_str())
                .bind(id.as_str())
                .bind(precedent.origin.word())
                .bind(now.as_microsecond())
                .bind(document)
                .execute(&mut *transaction)
                .await?;
            let deed = Deed::Confirmed { precedent: id };
            operate_in(&mut transaction, &tenant, by, deed, now).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }
}
