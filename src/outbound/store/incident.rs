//! Incidents: which cases a channel was shown lately that name the same thing, and which cases there were of one detection.

use jiff::Timestamp;

use super::{Store, case::case_id, error::StoreError};
use crate::domain::{
    canonical::Digest,
    id::{CaseId, SourceId, TenantId},
};

const KEEP: &str = "insert into slack_entities (tenant, channel, entity, case_id, at) values ($1, $2, $3, $4, $5) \
     on conflict (tenant, channel, entity, case_id) do nothing";
const FORGET: &str = "delete from slack_entities where tenant = $1 and at < $2";
const SHARING: &str = "select case_id from slack_entities \
     where tenant = $1 and channel = $2 and entity = $3 and at >= $4 and case_id <> $5 order by at, case_id limit 1";
const OF_DETECTION: &str = "select id from cases where tenant = $1 and source = $2 and detection_id is $3 and id <> $4 \
     order by opened_at desc, id limit $5";

impl Store {
    /// Keeps what the alert of a case names. What was kept before `forget` is forgotten.
    pub async fn keep_entities(
        &self,
        tenant: &TenantId,
        (channel, case): (&str, CaseId),
        entities: &[Digest],
        (at, forget): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query(FORGET)
            .bind(tenant.as_str())
            .bind(forget.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        for entity in entities {
            sqlx::query(KEEP)
                .bind(tenant.as_str())
                .bind(channel)
                .bind(entity.as_bytes().as_slice())
                .bind(case.to_string())
                .bind(at.as_microsecond())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The first other case of which the channel was shown something since then, and whose alert names this.
    pub async fn case_sharing(
        &self,
        tenant: &TenantId,
        (channel, case): (&str, CaseId),
        entity: Digest,
        since: Timestamp,
    ) -> Result<Option<CaseId>, StoreError> {
        let id: Option<String> = sqlx::query_scalar(SHARING)
            .bind(tenant.as_str())
            .bind(channel)
            .bind(entity.as_bytes().as_slice())
            .bind(since.as_microsecond())
            .bind(case.to_string())
            .fetch_optional(&self.readers)
            .await?;
        id.as_deref().map(case_id).transpose()
    }

    /// At most `limit` other cases of this source and detection, the last opened first.
    pub async fn cases_of_detection(
        &self,
        tenant: &TenantId,
        (source, detection): (&SourceId, Option<&str>),
        but: CaseId,
        limit: u32,
    ) -> Result<Vec<CaseId>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(OF_DETECTION)
            .bind(tenant.as_str())
            .bind(source.as_str())
            .bind(detection)
            .bind(but.to_string())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        ids.iter().map(|id| case_id(id)).collect()
    }
}
