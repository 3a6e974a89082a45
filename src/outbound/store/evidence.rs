//! Evidence: all precedents of one tenant, source and detection, by the exact index. Which of them are in scope is not decided here.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;

use super::{error::StoreError, memo::Text, precedent::read};
use crate::domain::{
    alert::Alert,
    facts::{EVIDENCE_MAX_ROWS, Evidence, Known},
    id::{PrecedentId, TenantId},
    precedent::Precedent,
};

/// The rows of the key and the number of all of them: one statement sees one moment.
const ROWS: &str = "select id, document, \
     (select count(*) from precedents where tenant = $1 and source = $2 and detection_id = $3) from precedents \
     where tenant = $1 and source = $2 and detection_id = $3 order by received_at, id limit $4";
const QUARANTINE: &str = "select precedent_id from quarantine where tenant = $1";

/// The id and document of a precedent, and how many its key has.
type Row = (String, String, i64);

/// What precedents are looked up by.
pub(super) struct Key<'a> {
    tenant: &'a TenantId,
    alert: &'a Alert,
}

impl<'a> Key<'a> {
    /// The key of `alert`. Without a detection it has no precedents.
    pub(super) const fn of(tenant: &'a TenantId, alert: &'a Alert) -> Self {
        Self { tenant, alert }
    }

    /// The evidence of this key, as this connection sees it: oldest first, those in quarantine left out, and no more than
    /// [`EVIDENCE_MAX_ROWS`] read, while the total counts every row of the key. Where the quarantine cannot be read, no row is left out
    /// and the evidence says so.
    pub(super) async fn evidence(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<Evidence, StoreError> {
        let rows = self.rows(connection).await?;
        let total = rows.first().map_or(0, |(_, _, total)| *total);
        let precedents = rows
            .into_iter()
            .map(|(id, document, _)| read(&(id, document)));
        let precedents: Vec<Precedent> = precedents.collect::<Result<_, _>>()?;
        let quarantine = match self.quarantine(connection).await {
            Ok(ids) => Known::Read(ids),
            Err(cause) => Known::Unreadable(StoreError::from(cause).to_string()),
        };
        Ok(evidence(total, precedents, quarantine))
    }

    async fn rows(&self, connection: &mut SqliteConnection) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query_as(ROWS)
            .bind(self.tenant.as_str())
            .bind(self.alert.source.as_str())
            .bind(&self.alert.detection_id)
            .bind(i64::try_from(EVIDENCE_MAX_ROWS).unwrap_or(i64::MAX))
            .fetch_all(connection)
            .await?;
        Ok(rows)
    }

    async fn quarantine(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<BTreeSet<PrecedentId>, sqlx::Error> {
        let ids: Vec<String> = sqlx::query_scalar(QUARANTINE)
            .bind(self.tenant.as_str())
            .fetch_all(connection)
            .await?;
        Ok(ids.into_iter().map(PrecedentId::new).collect())
    }
}

/// The evidence in a text whose documents are joined by commas and whose quarantine is a JSON array of ids.
pub(super) fn of_text(text: &Text) -> Result<Evidence, StoreError> {
    let damaged = |cause: serde_json::Error| StoreError::corrupt("the precedents of a key", &cause);
    let documents = format!("[{}]", text.documents.as_deref().unwrap_or_default());
    let precedents: Vec<Precedent> = serde_json::from_str(&documents).map_err(damaged)?;
    let quarantine = serde_json::from_str(&text.quarantine).map_err(damaged)?;
    let rows = usize::try_from(text.total).unwrap_or(usize::MAX);
    if precedents.len() != rows.min(EVIDENCE_MAX_ROWS) {
        let cause = format!("{rows} rows hold {} precedents", precedents.len());
        return Err(StoreError::corrupt("the precedents of a key", &cause));
    }
    Ok(evidence(text.total, precedents, Known::Read(quarantine)))
}

fn evidence(
    total: i64,
    mut rows: Vec<Precedent>,
    quarantine: Known<BTreeSet<PrecedentId>>,
) -> Evidence {
    if let Known::Read(ids) = &quarantine {
        rows.retain(|row| !ids.contains(&row.id));
    }
    rows.sort_by(|one, other| (one.received_at, &one.id).cmp(&(other.received_at, &other.id)));
    Evidence {
        rows: rows.into(),
        total: total.unsigned_abs(),
        quarantine,
    }
}
