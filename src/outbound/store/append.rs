//! Appending: the events of one case, what lies beside them, and the case's row, in one transaction or not at all.

use sqlx::SqliteConnection;

use super::{
    BEGIN, Store,
    error::StoreError,
    operation::operate_in,
    rows::{Append, EventRow, Since},
    to_its_end,
};
use crate::domain::{
    case::Case,
    event::Event,
    id::{PersonId, TenantId},
    operation::Deed,
};

const OPEN_CASE: &str = "insert into cases (tenant, id, phase, urgency, events, head, updated_at, open, source, detection_id, fingerprint, opened_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
/// A case that is opened again beside another open one of its fingerprint has `open` = 2: repeats join the other.
const ADVANCE_CASE: &str = "update cases set phase = $3, urgency = $4, events = $5, head = $6, updated_at = $7, \
     open = case when $8 = 1 and exists (select 1 from cases other where other.tenant = $1 and other.fingerprint = cases.fingerprint \
     and other.open = 1 and other.id <> $2) then 2 else $8 end \
     where tenant = $1 and id = $2 and events = $9 and head = $10";
const ADD_EVENT: &str = "insert into events (tenant, case_id, number, kind, at, hash, payload, bytes) \
     values ($1, $2, $3, $4, $5, $6, $7, $8)";
const ADD_PAYLOAD: &str = "insert into payloads (tenant, digest, salt, bytes) values ($1, $2, $3, $4) \
     on conflict (tenant, digest) do nothing";
const ADD_SIGHTING: &str = "insert into occurrences (tenant, source, occurrence_id, seen_at, case_id, alert) \
     values ($1, $2, $3, $4, $5, $6)";

impl Store {
    /// Appends `events`, which lead from `before` (`None`: they open the case) to `after`. [`StoreError::Conflict`] when the stored case
    /// is no longer `before`, or when another open case has its fingerprint.
    pub async fn append(
        &self,
        tenant: &TenantId,
        before: Option<&Case>,
        after: &Case,
        events: &[Event],
    ) -> Result<(), StoreError> {
        let Some(last) = events.last() else {
            return Ok(());
        };
        let append = Append::new(tenant, before, after, events, last)?;
        let writer = self.writer.clone();
        to_its_end(async move {
            let mut transaction = writer.begin_with(BEGIN).await?;
            append.write(&mut transaction).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }
}

impl Store {
    /// The same, with what `by` did to tierone itself in one transaction: a case whose ending falls, and the precedent that falls with it.
    pub async fn append_with(
        &self,
        tenant: &TenantId,
        before: &Case,
        after: &Case,
        event: &Event,
        (by, deed): (&PersonId, Deed),
    ) -> Result<(), StoreError> {
        let events = std::slice::from_ref(event);
        let append = Append::new(tenant, Some(before), after, events, event)?;
        let (tenant, by, at) = (tenant.clone(), by.clone(), event.at);
        let writer = self.writer.clone();
        to_its_end(async move {
            let mut transaction = writer.begin_with(BEGIN).await?;
            append.write(&mut transaction).await?;
            operate_in(&mut transaction, &tenant, by, deed, at).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }
}

impl Append {
    /// Writes the rows into an open transaction.
    pub(super) async fn write(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        self.write_case(connection).await?;
        for event in &self.events {
            self.write_event(connection, event).await?;
        }
        Ok(())
    }

    async fn write_case(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let case = &self.case;
        let statement = match &case.since {
            Since::Nothing(_) => OPEN_CASE,
            Since::Before(..) => ADVANCE_CASE,
        };
        let query = sqlx::query(statement)
            .bind(self.tenant.as_str())
            .bind(&case.id)
            .bind(case.phase)
            .bind(case.urgency)
            .bind(case.events)
            .bind(case.head.as_bytes().as_slice())
            .bind(case.updated_at)
            .bind(i64::from(case.open));
        let query = match &case.since {
            Since::Nothing(opening) => query
                .bind(&opening.source)
                .bind(&opening.detection_id)
                .bind(opening.fingerprint.as_bytes().as_slice())
                .bind(opening.opened_at),
            Since::Before(events, head) => query.bind(events).bind(head.as_bytes().as_slice()),
        };
        match query.execute(connection).await {
            Ok(done) if done.rows_affected() == 1 => Ok(()),
            Ok(_) => Err(self.conflict()),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Err(self.conflict())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn write_event(
        &self,
        connection: &mut SqliteConnection,
        event: &EventRow,
    ) -> Result<(), StoreError> {
        sqlx::query(ADD_EVENT)
            .bind(self.tenant.as_str())
            .bind(&self.case.id)
            .bind(event.number)
            .bind(event.kind)
            .bind(event.at)
            .bind(event.hash.as_bytes().as_slice())
            .bind(
                event
                    .payload
                    .as_ref()
                    .map(|name| name.as_bytes().as_slice()),
            )
            .bind(&event.bytes)
            .execute(&mut *connection)
            .await?;
        if let Some(payload) = &event.beside {
            sqlx::query(ADD_PAYLOAD)
                .bind(self.tenant.as_str())
                .bind(payload.digest.as_bytes().as_slice())
                .bind(payload.salt.as_slice())
                .bind(&payload.bytes)
                .execute(&mut *connection)
                .await?;
        }
        if let Some(sighting) = &event.sighting {
            sqlx::query(ADD_SIGHTING)
                .bind(self.tenant.as_str())
                .bind(&sighting.source)
                .bind(&sighting.occurrence_id)
                .bind(sighting.seen_at)
                .bind(&self.case.id)
                .bind(sighting.alert.as_bytes().as_slice())
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    fn conflict(&self) -> StoreError {
        let what = match &self.case.since {
            Since::Nothing(opening) => format!(
                "the open case of fingerprint `{}`",
                opening.fingerprint.short()
            ),
            Since::Before(..) => format!("case `{}`", self.case.id),
        };
        StoreError::Conflict { what }
    }
}
