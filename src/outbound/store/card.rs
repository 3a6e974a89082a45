//! Cards and folds: what Slack was shown of which case, which of it is out of date, and what Slack sent already.

use jiff::Timestamp;

use super::{
    Store,
    case::{case_id, time},
    error::StoreError,
    integer,
};
use crate::domain::{
    canonical::Digest,
    card::{Card, Counted, Fold},
    id::{CaseId, TenantId},
};

/// Open cases that nobody was shown or that moved since, cases whose end was not shown, those to which something was added after it lately, and
/// those in which something was started and of which nobody was shown anything: it was done alone.
/// Each part has an index that is as small as what is open or new.
const OUTDATED: &str = "select id from ( \
     select c.id, c.updated_at from cases c where c.tenant = $1 and c.open > 0 and (case \
     when exists (select 1 from slack_cards k where k.tenant = c.tenant and k.case_id = c.id) \
     then exists (select 1 from slack_cards k where k.tenant = c.tenant and k.case_id = c.id and k.events < c.events) \
     else c.phase = 'asked' end) \
     union select c.id, c.updated_at from slack_cards k join cases c on c.tenant = k.tenant and c.id = k.case_id \
     where k.tenant = $1 and k.settled = 0 and c.open = 0 and k.events < c.events \
     union select c.id, c.updated_at from cases c join slack_cards k on k.tenant = c.tenant and k.case_id = c.id \
     where c.tenant = $1 and c.open = 0 and c.updated_at >= $3 and k.events < c.events \
     union select c.id, c.updated_at from events e join cases c on c.tenant = e.tenant and c.id = e.case_id \
     where e.tenant = $1 and e.kind = 'started' and e.at >= $4 \
     and not exists (select 1 from slack_cards k where k.tenant = e.tenant and k.case_id = e.case_id)) order by updated_at, id limit $2";
const OF_CASE: &str = "select case_id, channel, message, fold, events, posted_at from slack_cards \
     where tenant = $1 and case_id = $2 order by posted_at, channel";
const KEEP: &str = "insert into slack_cards (tenant, case_id, channel, message, fold, events, posted_at, settled) \
     values ($1, $2, $3, $4, $5, $6, $7, exists (select 1 from cases where tenant = $1 and id = $2 and open = 0 and events = $6)) \
     on conflict (tenant, case_id, channel) do update set \
     message = excluded.message, fold = excluded.fold, events = excluded.events, settled = excluded.settled";
const AT: &str =
    "select case_id from slack_cards where tenant = $1 and channel = $2 and message = $3";
const ALIKE: &str = "select count(*) from slack_cards k join cases c on c.tenant = k.tenant and c.id = k.case_id \
     where k.tenant = $1 and k.channel = $2 and k.posted_at >= $3 and c.source = $4 and c.detection_id is $5";
const FOLDS: &str = "select channel, fold, message, shown, begun_at from slack_folds where tenant = $1 and begun_at >= $2";
const KEEP_FOLD: &str = "insert into slack_folds (tenant, channel, fold, message, shown, begun_at) \
     values ($1, $2, $3, $4, $5, $6) on conflict (tenant, channel, fold) do update set \
     message = excluded.message, shown = excluded.shown";
const COUNT: &str = "select count(*), count(*) filter (where c.open > 0), count(*) filter (where c.open > 0 and k.message is not null) \
     from slack_cards k join cases c on c.tenant = k.tenant and c.id = k.case_id \
     where k.tenant = $1 and k.channel = $2 and k.fold = $3";
const FOLDED: &str = "select c.id from slack_cards k join cases c on c.tenant = k.tenant and c.id = k.case_id \
     where k.tenant = $1 and k.channel = $2 and k.fold = $3 and k.message is null and c.phase = 'asked' \
     order by c.opened_at, c.id limit $4";
const DELIVERED: &str = "insert into slack_deliveries (tenant, id, at) values ($1, $2, $3) \
     on conflict (tenant, id) do nothing";
const FORGET: &str = "delete from slack_deliveries where tenant = $1 and at < $2";

type Row = (String, String, Option<String>, Option<String>, i64, i64);
type FoldRow = (String, String, Option<String>, String, i64);

impl Store {
    /// At most `limit` cases of which Slack shows less than there is, the longest unchanged first. What was added to a case whose end was shown
    /// is found where that was after `since`, and what was done alone where that was begun after `alone_since`.
    pub async fn outdated_cards(
        &self,
        tenant: &TenantId,
        (since, alone_since): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<CaseId>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(OUTDATED)
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .bind(since.as_microsecond())
            .bind(alone_since.as_microsecond())
            .fetch_all(&self.readers)
            .await?;
        ids.iter().map(|id| case_id(id)).collect()
    }

    /// The cards of a case, the first one first.
    pub async fn cards(&self, tenant: &TenantId, case: CaseId) -> Result<Vec<Card>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(OF_CASE)
            .bind(tenant.as_str())
            .bind(case.to_string())
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Keeps what was shown of a case.
    pub async fn keep_card(&self, tenant: &TenantId, card: &Card) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query(KEEP)
            .bind(tenant.as_str())
            .bind(card.case.to_string())
            .bind(&card.channel)
            .bind(card.message.as_deref())
            .bind(card.fold.as_deref())
            .bind(integer(card.events))
            .bind(card.posted_at.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// The case whose card this message is.
    pub async fn case_of_message(
        &self,
        tenant: &TenantId,
        channel: &str,
        message: &str,
    ) -> Result<Option<CaseId>, StoreError> {
        let id: Option<String> = sqlx::query_scalar(AT)
            .bind(tenant.as_str())
            .bind(channel)
            .bind(message)
            .fetch_optional(&self.readers)
            .await?;
        id.as_deref().map(case_id).transpose()
    }

    /// How many cases of this source and detection the channel was first shown or had counted since then.
    pub async fn cards_alike(
        &self,
        tenant: &TenantId,
        channel: &str,
        since: Timestamp,
        (source, detection): (&str, Option<&str>),
    ) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(ALIKE)
            .bind(tenant.as_str())
            .bind(channel)
            .bind(since.as_microsecond())
            .bind(source)
            .bind(detection)
            .fetch_one(&self.readers)
            .await?;
        Ok(count.unsigned_abs())
    }

    /// The folds that began since then.
    pub async fn folds(
        &self,
        tenant: &TenantId,
        since: Timestamp,
    ) -> Result<Vec<Fold>, StoreError> {
        let rows: Vec<FoldRow> = sqlx::query_as(FOLDS)
            .bind(tenant.as_str())
            .bind(since.as_microsecond())
            .fetch_all(&self.readers)
            .await?;
        let fold = |(channel, name, message, shown, begun_at): FoldRow| {
            Ok(Fold {
                channel,
                name,
                message,
                shown,
                begun_at: time(begun_at)?,
            })
        };
        rows.into_iter().map(fold).collect()
    }

    /// Keeps a fold.
    pub async fn keep_fold(&self, tenant: &TenantId, fold: &Fold) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query(KEEP_FOLD)
            .bind(tenant.as_str())
            .bind(&fold.channel)
            .bind(&fold.name)
            .bind(fold.message.as_deref())
            .bind(&fold.shown)
            .bind(fold.begun_at.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// How many cases a fold has, and at most `limit` of those that are asked about and have no card, the oldest first.
    pub async fn folded(
        &self,
        tenant: &TenantId,
        (channel, fold): (&str, &str),
        limit: u32,
    ) -> Result<(Counted, Vec<CaseId>), StoreError> {
        let (cases, open, shown): (i64, i64, i64) = sqlx::query_as(COUNT)
            .bind(tenant.as_str())
            .bind(channel)
            .bind(fold)
            .fetch_one(&self.readers)
            .await?;
        let ids: Vec<String> = sqlx::query_scalar(FOLDED)
            .bind(tenant.as_str())
            .bind(channel)
            .bind(fold)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        let counted = Counted {
            cases: cases.unsigned_abs(),
            open: open.unsigned_abs(),
            shown: shown.unsigned_abs(),
        };
        let ids = ids.iter().map(|id| case_id(id));
        Ok((counted, ids.collect::<Result<_, _>>()?))
    }

    /// Whether this delivery is the first of its name. Those from before `forget` are forgotten.
    pub async fn is_first_delivery(
        &self,
        tenant: &TenantId,
        id: Digest,
        at: Timestamp,
        forget: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query(FORGET)
            .bind(tenant.as_str())
            .bind(forget.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        let done = sqlx::query(DELIVERED)
            .bind(tenant.as_str())
            .bind(id.as_bytes().as_slice())
            .bind(at.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read((case, channel, message, fold, events, posted_at): Row) -> Result<Card, StoreError> {
    Ok(Card {
        case: case_id(&case)?,
        channel,
        message,
        fold,
        events: events.unsigned_abs(),
        posted_at: time(posted_at)?,
    })
}
