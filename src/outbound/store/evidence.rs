//! Evidence: all precedents of one tenant, source and detection, by the exact index. Which of them are in scope is not decided here.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;

use super::{Store, error::StoreError, precedent::read, to_its_end};
use crate::domain::{
    alert::Alert,
    facts::{EVIDENCE_MAX_ROWS, Evidence, Known},
    id::{PrecedentId, SourceId, TenantId},
    precedent::Precedent,
};

const ROWS: &str = "select id, document from precedents \
     where tenant = $1 and source = $2 and detection_id = $3 order by received_at, id limit $4";
const TOTAL: &str =
    "select count(*) from precedents where tenant = $1 and source = $2 and detection_id = $3";
const QUARANTINED: &str = "select precedent_id from quarantine where tenant = $1";

impl Store {
    /// The evidence of one key, as of one moment: oldest first, those in quarantine left out, and no more than [`EVIDENCE_MAX_ROWS`] read,
    /// while the total counts every row of the key. Where the quarantine cannot be read, no row is left out and the evidence says so.
    pub async fn evidence(
        &self,
        tenant: &TenantId,
        source: &SourceId,
        detection_id: &str,
    ) -> Result<Evidence, StoreError> {
        let key = Key {
            tenant: tenant.clone(),
            source: source.clone(),
            detection_id: Some(detection_id.into()),
        };
        let readers = self.readers.clone();
        to_its_end(async move {
            let mut snapshot = readers.begin().await?;
            let evidence = key.evidence(&mut snapshot).await?;
            snapshot.rollback().await?;
            Ok(evidence)
        })
        .await
    }
}

/// What precedents are looked up by.
pub(super) struct Key {
    tenant: TenantId,
    source: SourceId,
    detection_id: Option<String>,
}

impl Key {
    /// The key of `alert`. Without a detection it has no precedents.
    pub(super) fn of(tenant: &TenantId, alert: &Alert) -> Self {
        Self {
            tenant: tenant.clone(),
            source: alert.source.clone(),
            detection_id: alert.detection_id.clone(),
        }
    }

    /// The evidence of this key, as this connection sees it.
    pub(super) async fn evidence(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<Evidence, StoreError> {
        let rows = self.rows(connection).await?;
        let total = self.total(connection).await?;
        let quarantine = match self.quarantine(connection).await {
            Ok(ids) => Known::Read(ids),
            Err(error) => Known::Unreadable(error.to_string()),
        };
        let counts = |row: &Precedent| match &quarantine {
            Known::Read(ids) => !ids.contains(&row.id),
            Known::Unreadable(_) => true,
        };
        Ok(Evidence {
            rows: rows.into_iter().filter(counts).collect(),
            total,
            quarantine,
        })
    }

    async fn rows(&self, connection: &mut SqliteConnection) -> Result<Vec<Precedent>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(ROWS)
            .bind(self.tenant.as_str())
            .bind(self.source.as_str())
            .bind(&self.detection_id)
            .bind(i64::try_from(EVIDENCE_MAX_ROWS).unwrap_or(i64::MAX))
            .fetch_all(connection)
            .await?;
        rows.iter().map(read).collect()
    }

    async fn total(&self, connection: &mut SqliteConnection) -> Result<u64, StoreError> {
        let total: i64 = sqlx::query_scalar(TOTAL)
            .bind(self.tenant.as_str())
            .bind(self.source.as_str())
            .bind(&self.detection_id)
            .fetch_one(connection)
            .await?;
        Ok(total.unsigned_abs())
    }

    async fn quarantine(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<BTreeSet<PrecedentId>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(QUARANTINED)
            .bind(self.tenant.as_str())
            .fetch_all(connection)
            .await?;
        Ok(ids.into_iter().map(PrecedentId::new).collect())
    }
}
