//! What the store knows about an alert at one moment: one statement reads it, and where that fails each part is read alone.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store,
    case::{case_id, open_case, time},
    error::StoreError,
    evidence::{Key, of_text},
    memo::{self, Memo, Text},
    operation::{kills, of_kills},
    sighting::seen,
    stage::{of_column, stage},
    start::{of_starts, starts},
};
use crate::domain::{
    alert::Alert,
    canonical::Digest,
    facts::{EVIDENCE_MAX_ROWS, Evidence, Kill, Known, Start},
    id::{CaseId, TenantId},
    operation::everyone,
    release::Stage,
};

/// Documents are canonical JSON, so those that are joined by commas are the inside of an array.
const FRESH: &str = "select \
     (select count(*) from precedents where tenant = $1 and source = $2 and detection_id = $3), \
     (select group_concat(document, ',') from (select document from precedents \
      where tenant = $1 and source = $2 and detection_id = $3 order by received_at, id limit $4)), \
     (select json_group_array(precedent_id) from quarantine where tenant = $1), \
     (select max(seen_at) from occurrences where tenant = $1 and source = $2 and occurrence_id = $5 and sequence < coalesce( \
      (select max(sequence) from occurrences where tenant = $1 and alert = $6), 9223372036854775807)), \
     (select json_group_array(json_array(case_id, number, hex(hash), cast(bytes as text))) from (select case_id, number, hash, bytes \
      from events where tenant = $1 and kind = 'started' and at >= $7 order by at, case_id, number)), \
     (select json_group_array(what) from kills where tenant = $1 or tenant = $8), \
     (select id from cases where tenant = $1 and fingerprint = $9 and open = 1), \
     (select stage from stages where tenant = $8 and release = $10)";

/// Rows of the key, their documents, ids in quarantine, when the occurrence was seen, starts, what is switched off, the open case,
/// the stage.
type Row = (
    i64,
    Option<String>,
    String,
    Option<i64>,
    String,
    String,
    Option<String>,
    Option<String>,
);

/// What is to be read beside what the alert names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Starts from then on.
    pub starts_since: Timestamp,
    /// The stage of this release.
    pub stage_of: Digest,
}

/// What the store knows about an alert at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Fresh {
    /// The precedents of its key.
    pub evidence: Evidence,
    /// When its occurrence was seen before.
    pub occurrence_seen: Known<Option<Timestamp>>,
    /// What the tenant started lately, oldest first.
    pub starts: Known<Vec<Start>>,
    /// What is switched off, for the tenant or for everyone.
    pub kills: Known<BTreeSet<Kill>>,
    /// How far the release was promoted.
    pub stage: Known<Stage>,
    /// The open case of its fingerprint: there is at most one.
    pub open_case: Option<CaseId>,
}

impl Store {
    /// What the store knows about `alert` now. `sealed` is the digest under which it was appended: it and what came later are no replay of
    /// it; where it was not appended yet, all sightings count.
    pub async fn fresh(
        &self,
        tenant: &TenantId,
        alert: &Alert,
        sealed: Digest,
        wanted: Wanted,
    ) -> Result<Fresh, StoreError> {
        let mut connection = self.readers.acquire().await?;
        let memo = &self.memo;
        fresh(&mut connection, memo, tenant, alert, sealed, wanted).await
    }
}

/// The same, as this connection sees it.
pub(super) async fn fresh(
    connection: &mut SqliteConnection,
    memo: &Memo,
    tenant: &TenantId,
    alert: &Alert,
    sealed: Digest,
    wanted: Wanted,
) -> Result<Fresh, StoreError> {
    let row: Result<Row, sqlx::Error> = sqlx::query_as(FRESH)
        .bind(tenant.as_str())
        .bind(alert.source.as_str())
        .bind(&alert.detection_id)
        .bind(i64::try_from(EVIDENCE_MAX_ROWS).unwrap_or(i64::MAX))
        .bind(&alert.occurrence_id)
        .bind(sealed.as_bytes().as_slice())
        .bind(wanted.starts_since.as_microsecond())
        .bind(everyone().as_str())
        .bind(alert.fingerprint.as_bytes().as_slice())
        .bind(wanted.stage_of.as_bytes().as_slice())
        .fetch_one(&mut *connection)
        .await;
    let key = (
        tenant.clone(),
        alert.source.to_string(),
        alert.detection_id.clone(),
    );
    let together = row.map_err(StoreError::from);
    let together = together.and_then(|row| of_row(row, memo, key));
    match together {
        Ok(fresh) => Ok(fresh),
        Err(_) => each_alone(connection, tenant, alert, sealed, wanted).await,
    }
}

fn of_row(row: Row, memo: &Memo, key: memo::Key) -> Result<Fresh, StoreError> {
    let (total, documents, quarantine, seen_at, starts, kills, open_case, stage) = row;
    let text = Text {
        total,
        documents,
        quarantine,
    };
    Ok(Fresh {
        evidence: memo.evidence(key, text, of_text)?,
        occurrence_seen: Known::Read(seen_at.map(time).transpose()?),
        starts: Known::Read(of_starts(&starts)?),
        kills: Known::Read(of_kills(&kills)?),
        stage: Known::Read(of_column(stage.as_deref())?),
        open_case: open_case.as_deref().map(case_id).transpose()?,
    })
}

/// Where some part cannot be read, the others still can, and it is said which one and why. What is in quarantine is read after the rows, so
/// that none that came between is missed.
async fn each_alone(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    alert: &Alert,
    sealed: Digest,
    wanted: Wanted,
) -> Result<Fresh, StoreError> {
    let key = Key::of(tenant, alert);
    Ok(Fresh {
        evidence: key.evidence(connection).await?,
        occurrence_seen: known(seen(connection, tenant, alert, sealed).await),
        starts: known(starts(connection, tenant, wanted.starts_since).await),
        kills: known(kills(connection, tenant).await),
        stage: known(stage(connection, &everyone(), wanted.stage_of).await),
        open_case: open_case(connection, tenant, alert.fingerprint).await?,
    })
}

fn known<T>(read: Result<T, StoreError>) -> Known<T> {
    match read {
        Ok(value) => Known::Read(value),
        Err(cause) => Known::Unreadable(cause.to_string()),
    }
}
