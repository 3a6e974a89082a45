//! Requests: what whoever asked in Slack was told, and of which of them there is more to tell.

use jiff::Timestamp;

use super::{
    Store,
    case::{case_id, time},
    error::StoreError,
    integer,
};
use crate::domain::{
    id::{CaseId, TenantId},
    request::{Request, Requested, Told},
};

/// Requests that are not settled and whose case moved since, and those that are and whose case moved lately all the same.
const OUTDATED: &str = "select moved.case_id from ( \
     select r.case_id from slack_requests r where r.tenant = $1 and r.settled = 0 \
     union select c.id from cases c join slack_requests r on r.tenant = c.tenant and r.case_id = c.id \
     where c.tenant = $1 and c.open in (0, 1, 2) and c.updated_at >= $3) moved \
     join slack_requests r on r.tenant = $1 and r.case_id = moved.case_id \
     join cases c on c.tenant = $1 and c.id = moved.case_id where r.events < c.events order by c.updated_at, c.id limit $2";
const READ: &str = "select case_id, asker, channel, thread, place, message, state, events, asked_at, helped_at \
     from slack_requests where tenant = $1 and case_id = $2";
const KEEP: &str = "insert into slack_requests \
     (tenant, case_id, asker, channel, thread, place, message, state, events, asked_at, helped_at, settled) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, exists (select 1 from cases where tenant = $1 and id = $2 and open = 0 and events = $9)) \
     on conflict (tenant, case_id) do update set place = excluded.place, message = excluded.message, state = excluded.state, \
     events = excluded.events, settled = excluded.settled, helped_at = coalesce(slack_requests.helped_at, excluded.helped_at)";
const HELPED: &str = "update slack_requests set helped_at = $3, events = 0, settled = 0 \
     where tenant = $1 and case_id = $2 and helped_at is null";
const COUNT: &str =
    "select count(*), count(helped_at) from slack_requests where tenant = $1 and asked_at >= $2";

type Row = (
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    i64,
    i64,
    Option<i64>,
);

impl Store {
    /// At most `limit` cases of requests of which whoever asked was told less than there is, the longest unchanged first. One that is over is
    /// found again where it moved after `since`.
    pub async fn outdated_requests(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<CaseId>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(OUTDATED)
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .bind(since.as_microsecond())
            .fetch_all(&self.readers)
            .await?;
        ids.iter().map(|id| case_id(id)).collect()
    }

    /// The request that a case is.
    pub async fn request(
        &self,
        tenant: &TenantId,
        case: CaseId,
    ) -> Result<Option<Request>, StoreError> {
        let row: Option<Row> = sqlx::query_as(READ)
            .bind(tenant.as_str())
            .bind(case.to_string())
            .fetch_optional(&self.readers)
            .await?;
        row.map(read).transpose()
    }

    /// Keeps a request, with what whoever asked was told.
    pub async fn keep_request(
        &self,
        tenant: &TenantId,
        request: &Request,
    ) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query(KEEP)
            .bind(tenant.as_str())
            .bind(request.case.to_string())
            .bind(&request.asker)
            .bind(&request.channel)
            .bind(request.thread.as_deref())
            .bind(request.told.as_ref().map(|told| told.place.as_str()))
            .bind(request.told.as_ref().map(|told| told.message.as_str()))
            .bind(&request.state)
            .bind(integer(request.events))
            .bind(request.asked_at.as_microsecond())
            .bind(request.helped_at.map(Timestamp::as_microsecond))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Keeps that whoever asked said that the answer solved it, once.
    pub async fn request_helped(
        &self,
        tenant: &TenantId,
        case: CaseId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query(HELPED)
            .bind(tenant.as_str())
            .bind(case.to_string())
            .bind(at.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// How many requests there were since then.
    pub async fn requested(
        &self,
        tenant: &TenantId,
        since: Timestamp,
    ) -> Result<Requested, StoreError> {
        let (requests, helped): (i64, i64) = sqlx::query_as(COUNT)
            .bind(tenant.as_str())
            .bind(since.as_microsecond())
            .fetch_one(&self.readers)
            .await?;
        Ok(Requested {
            requests: requests.unsigned_abs(),
            helped: helped.unsigned_abs(),
        })
    }
}

fn read(row: Row) -> Result<Request, StoreError> {
    let (case, asker, channel, thread, place, message, state, events, asked_at, helped_at) = row;
    let told = place.zip(message);
    Ok(Request {
        case: case_id(&case)?,
        asker,
        channel,
        thread,
        told: told.map(|(place, message)| Told { place, message }),
        state,
        events: events.unsigned_abs(),
        asked_at: time(asked_at)?,
        helped_at: helped_at.map(time).transpose()?,
    })
}
