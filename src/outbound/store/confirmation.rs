//! Confirmation: what of a precedent waited for a second person counts, and the operation that says so is appended with it.

use jiff::Timestamp;

use super::{Store, error::StoreError, operation::operate_in, precedent::read, to_its_end};
use crate::domain::{
    canonical::to_bytes,
    id::{PersonId, PrecedentId, TenantId},
    operation::Deed,
    person::Proof,
    precedent::PrecedentOrigin,
};

const DOCUMENT: &str = "select document from precedents where tenant = $1 and id = $2";
const CONFIRM: &str = "update precedents set origin = $3, received_at = $4, document = $5 \
     where tenant = $1 and id = $2";

impl Store {
    /// Has what of the precedent `id` waited count, on the word of `by`: one that was brought in counts in this kind of store as of `now`; one
    /// that was decided here counts in its wider scope, as of the day of its alert.
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
            let mut transaction = writer.begin().await?;
            let document: Option<String> = sqlx::query_scalar(DOCUMENT)
                .bind(tenant.as_str())
                .bind(id.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
            let absent = || StoreError::Conflict {
                what: format!("precedent `{id}`"),
            };
            let mut precedent = read(&(id.to_string(), document.ok_or_else(absent)?))?;
            if !precedent.waits() {
                return Err(absent());
            }
            if precedent.origin == PrecedentOrigin::Imported {
                precedent.origin = counts;
                precedent.confirmed_by = by.clone();
                precedent.proof = proof;
                precedent.received_at = now;
            }
            if let Some(wider) = precedent.wider.take() {
                precedent.scope = wider;
            }
            let document = String::from_utf8(to_bytes(&precedent)?)
                .map_err(|cause| StoreError::corrupt("a precedent", &cause))?;
            sqlx::query(CONFIRM)
                .bind(tenant.as_str())
                .bind(id.as_str())
                .bind(precedent.origin.word())
                .bind(precedent.received_at.as_microsecond())
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
