//! Evidence: all precedents of one tenant, source and detection, by the exact index. Which of them are in scope is not decided here.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;

use super::{Store, error::StoreError, precedent::read};
use crate::domain::{
    alert::Alert,
    facts::{EVIDENCE_MAX_ROWS, Evidence, Known},
    id::{PrecedentId, SourceId, TenantId},
    precedent::Precedent,
};

/// The rows of the key, the number of all of them, and every id in quarantine: one statement sees one moment.
const EVIDENCE: &str = "select * from (select id, document, \
     (select count(*) from precedents where tenant = $1 and source = $2 and detection_id = $3) from precedents \
     where tenant = $1 and source = $2 and detection_id = $3 order by received_at, id limit $4) as rows \
     union all select precedent_id, null, null from quarantine where tenant = $1";
/// The same where the quarantine cannot be read.
const ROWS: &str = "select id, document, \
     (select count(*) from precedents where tenant = $1 and source = $2 and detection_id = $3) from precedents \
     where tenant = $1 and source = $2 and detection_id = $3 order by received_at, id limit $4";

/// An id in quarantine, or the id and document of a precedent and how many its key has.
type Row = (String, Option<String>, Option<i64>);

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
        key.evidence(&mut *self.readers.acquire().await?).await
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
        match self.rows(EVIDENCE, connection).await {
            Ok(rows) => of_rows(rows, Known::Read(BTreeSet::new())),
            Err(cause) => {
                let rows = self.rows(ROWS, connection).await?;
                of_rows(rows, Known::Unreadable(cause.to_string()))
            }
        }
    }

    async fn rows(
        &self,
        statement: &'static str,
        connection: &mut SqliteConnection,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query_as(statement)
            .bind(self.tenant.as_str())
            .bind(self.source.as_str())
            .bind(&self.detection_id)
            .bind(i64::try_from(EVIDENCE_MAX_ROWS).unwrap_or(i64::MAX))
            .fetch_all(connection)
            .await?;
        Ok(rows)
    }
}

fn of_rows(
    rows: Vec<Row>,
    mut quarantine: Known<BTreeSet<PrecedentId>>,
) -> Result<Evidence, StoreError> {
    let mut precedents = Vec::with_capacity(rows.len());
    let mut total = 0;
    for (id, document, count) in rows {
        match (document, &mut quarantine) {
            (Some(document), _) => {
                total = count.unwrap_or(0).unsigned_abs();
                precedents.push((id, document));
            }
            (None, Known::Read(ids)) => {
                ids.insert(PrecedentId::new(id));
            }
            (None, Known::Unreadable(_)) => {}
        }
    }
    if let Known::Read(ids) = &quarantine {
        precedents.retain(|(id, _)| !ids.contains(&PrecedentId::new(id.as_str())));
    }
    let rows: Result<Vec<Precedent>, StoreError> = precedents.iter().map(read).collect();
    let mut rows = rows?;
    rows.sort_by(|one, other| (one.received_at, &one.id).cmp(&(other.received_at, &other.id)));
    Ok(Evidence {
        rows,
        total,
        quarantine,
    })
}
