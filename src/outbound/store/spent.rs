//! What calls of models took since some moment: the sum of a tenant's `called` events.

use jiff::Timestamp;

use super::{Store, error::StoreError};
use crate::domain::{case::Spent, id::TenantId};

/// A case was updated when its last event was appended, so that only the cases of the day are looked through.
const SPENT: &str = "select coalesce(sum(json_extract(cast(e.bytes as text), '$.body.tokens')), 0), \
     coalesce(sum(json_extract(cast(e.bytes as text), '$.body.cost_micros')), 0) \
     from cases c join events e on e.tenant = c.tenant and e.case_id = c.id \
     where c.tenant = $1 and c.open in (0, 1) and c.updated_at >= $2 and e.kind = 'called' and e.at >= $2";

impl Store {
    /// What the calls for cases of `tenant` took from `since` on.
    pub async fn spent(&self, tenant: &TenantId, since: Timestamp) -> Result<Spent, StoreError> {
        let (tokens, cost_micros): (i64, i64) = sqlx::query_as(SPENT)
            .bind(tenant.as_str())
            .bind(since.as_microsecond())
            .fetch_one(&self.readers)
            .await?;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Spent {
            tokens: count(tokens),
            cost_micros: count(cost_micros),
        })
    }
}
