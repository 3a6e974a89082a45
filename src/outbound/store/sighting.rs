//! Sightings: when an occurrence was seen before, so that a replayed alert is known for one.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{case::time, error::StoreError};
use crate::domain::{alert::Alert, canonical::Digest, id::TenantId};

const SEEN: &str = "select max(seen_at) from occurrences \
     where tenant = $1 and source = $2 and occurrence_id = $3 and sequence < coalesce( \
     (select max(sequence) from occurrences where tenant = $1 and alert = $4), 9223372036854775807)";

/// When the occurrence of `alert` was last received before it, to the microsecond, in whatever case. `sealed` is the digest under which this
/// alert itself was appended: it and what came later are no replay of it. Where it was not appended yet, all sightings count.
pub(super) async fn seen(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    alert: &Alert,
    sealed: Digest,
) -> Result<Option<Timestamp>, StoreError> {
    let seen_at: Option<i64> = sqlx::query_scalar(SEEN)
        .bind(tenant.as_str())
        .bind(alert.source.as_str())
        .bind(&alert.occurrence_id)
        .bind(sealed.as_bytes().as_slice())
        .fetch_one(connection)
        .await?;
    seen_at.map(time).transpose()
}
