//! Stages: how far each release was promoted. One that nobody promoted is in shadow; a stage that cannot be read is an error, not shadow.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{Store, error::StoreError};
use crate::domain::{canonical::Digest, id::TenantId, release::Stage};

const PROMOTE: &str = "insert into stages (tenant, release, stage, since) values ($1, $2, $3, $4) \
     on conflict (tenant, release) do update set stage = excluded.stage, since = excluded.since";
const HALT: &str = "delete from stages where tenant = $1";
const STAGE: &str = "select stage from stages where tenant = $1 and release = $2";

impl Store {
    /// How far `release` was promoted by the chain of `tenant`; promotions are in everyone's.
    pub async fn stage(&self, tenant: &TenantId, release: Digest) -> Result<Stage, StoreError> {
        stage(&mut *self.readers.acquire().await?, tenant, release).await
    }
}

/// The same, as this connection sees it.
pub(super) async fn stage(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    release: Digest,
) -> Result<Stage, StoreError> {
    let word: Option<String> = sqlx::query_scalar(STAGE)
        .bind(tenant.as_str())
        .bind(release.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?;
    of_column(word.as_deref())
}

/// The stage of a column; shadow where there is no row.
pub(super) fn of_column(word: Option<&str>) -> Result<Stage, StoreError> {
    let Some(word) = word else {
        return Ok(Stage::Shadow);
    };
    Stage::of_word(word)
        .ok_or_else(|| StoreError::corrupt("the stage of the release", &format!("it is `{word}`")))
}

pub(super) async fn promote(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    release: Digest,
    stage: Stage,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(PROMOTE)
        .bind(tenant.as_str())
        .bind(release.as_bytes().as_slice())
        .bind(stage.word())
        .bind(at.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn halt(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
) -> Result<(), StoreError> {
    sqlx::query(HALT)
        .bind(tenant.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
