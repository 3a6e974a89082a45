//! Precedents: adding and listing them, and the list of those in quarantine. Which ones count is not decided here.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{Store, error::StoreError, to_its_end, writer::Writer};
use crate::domain::{
    canonical::to_bytes,
    id::{PrecedentId, TenantId},
    precedent::Precedent,
};

const ADD: &str = "insert into precedents (tenant, id, source, detection_id, origin, received_at, document) \
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant, id) do nothing";
const DOCUMENT: &str = "select document from precedents where tenant = $1 and id = $2";
const ALL: &str = "select id, document from precedents where tenant = $1 order by id";
const QUARANTINE: &str = "insert into quarantine (tenant, precedent_id, since) values ($1, $2, $3) \
     on conflict (tenant, precedent_id) do nothing";

impl Store {
    /// Adds precedents, all or none. One that is stored already is left as it is; another one under its id is [`StoreError::Taken`].
    pub async fn add_precedents(
        &self,
        tenant: &TenantId,
        precedents: &[Precedent],
    ) -> Result<(), StoreError> {
        let rows: Result<Vec<Row>, StoreError> =
            precedents.iter().map(|row| Row::new(tenant, row)).collect();
        to_its_end(add(self.writer.clone(), tenant.clone(), rows?)).await
    }

    /// Every precedent of `tenant`, by id, those in quarantine too: an index is made of them.
    pub async fn precedents(&self, tenant: &TenantId) -> Result<Vec<Precedent>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(ALL)
            .bind(tenant.as_str())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The precedents with these ids, in their order; an id that is not stored is left out.
    pub async fn precedents_named(
        &self,
        tenant: &TenantId,
        ids: &[PrecedentId],
    ) -> Result<Vec<Precedent>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let document: Option<String> = sqlx::query_scalar(DOCUMENT)
                .bind(tenant.as_str())
                .bind(id.as_str())
                .fetch_optional(&self.readers)
                .await?;
            if let Some(document) = document {
                found.push(read(&(id.to_string(), document))?);
            }
        }
        Ok(found)
    }

    /// Puts precedents into quarantine, where they are no evidence. The first `since` of each is kept.
    pub async fn quarantine(
        &self,
        tenant: &TenantId,
        precedents: &[PrecedentId],
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let (tenant, ids) = (tenant.clone(), precedents.to_vec());
        let writer = self.writer.clone();
        to_its_end(async move {
            let mut transaction = writer.begin().await?;
            add_quarantine(&mut transaction, &tenant, &ids, since).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }
}

/// Puts precedents into quarantine, in an open transaction.
pub(super) async fn add_quarantine(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    ids: &[PrecedentId],
    since: Timestamp,
) -> Result<(), StoreError> {
    for id in ids {
        sqlx::query(QUARANTINE)
            .bind(tenant.as_str())
            .bind(id.as_str())
            .bind(since.as_microsecond())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// A precedent as a row.
pub(super) struct Row {
    id: PrecedentId,
    source: String,
    detection_id: String,
    origin: &'static str,
    received_at: i64,
    document: String,
}

impl Row {
    pub(super) fn new(tenant: &TenantId, precedent: &Precedent) -> Result<Self, StoreError> {
        let misplaced = |cause: String| StoreError::Misplaced {
            what: format!("precedent `{}`", precedent.id),
            cause,
        };
        let scope = &precedent.scope;
        if scope.tenant != *tenant {
            let cause = format!("its scope is of tenant `{}`", scope.tenant);
            return Err(misplaced(cause));
        }
        Ok(Self {
            id: precedent.id.clone(),
            source: scope.source.to_string(),
            detection_id: scope.detection_id.clone(),
            origin: precedent.origin.word(),
            received_at: precedent.received_at.as_microsecond(),
            document: String::from_utf8(to_bytes(precedent)?)
                .map_err(|cause| misplaced(cause.to_string()))?,
        })
    }

    /// Adds it unless its id is stored, and says how many rows that made.
    pub(super) async fn add(
        &self,
        tenant: &TenantId,
        connection: &mut SqliteConnection,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(ADD)
            .bind(tenant.as_str())
            .bind(self.id.as_str())
            .bind(&self.source)
            .bind(&self.detection_id)
            .bind(self.origin)
            .bind(self.received_at)
            .bind(&self.document)
            .execute(connection)
            .await?;
        Ok(done.rows_affected())
    }
}

async fn add(writer: Writer, tenant: TenantId, rows: Vec<Row>) -> Result<(), StoreError> {
    let mut transaction = writer.begin().await?;
    for row in rows {
        if row.add(&tenant, &mut transaction).await? == 0 {
            refuse_another(&mut transaction, &tenant, row).await?;
        }
    }
    Ok(transaction.commit().await?)
}

/// Refuses a row whose id has another document: what people confirmed is not replaced by an import.
async fn refuse_another(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    row: Row,
) -> Result<(), StoreError> {
    let stored: String = sqlx::query_scalar(DOCUMENT)
        .bind(tenant.as_str())
        .bind(row.id.as_str())
        .fetch_one(connection)
        .await?;
    if stored == row.document {
        Ok(())
    } else {
        Err(StoreError::Taken { id: row.id })
    }
}

/// The precedent in a row of id and document.
pub(super) fn read((id, document): &(String, String)) -> Result<Precedent, StoreError> {
    serde_json::from_str(document)
        .map_err(|cause| StoreError::corrupt(format!("precedent `{id}`"), &cause))
}
