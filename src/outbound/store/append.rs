//! Appending: the events of one case, what lies beside them, and the case's row, all or nothing. Committed in groups (see `group`).

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    BEGIN, Store,
    error::StoreError,
    operation::operate_in,
    rows::{Append, Since},
    to_its_end,
};
use crate::domain::{
    case::Case,
    id::{PersonId, TenantId},
    operation::Deed,
    recorded::Recorded,
    sealed::Payload,
};

const OPEN_CASE: &str = "insert into cases (tenant, id, phase, urgency, events, head, updated_at, open, due_at, source, detection_id, fingerprint, opened_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
/// A case that is opened again beside another open one of its fingerprint has `open` = 2: repeats join the other.
const ADVANCE_CASE: &str = "update cases set phase = $3, urgency = $4, events = $5, head = $6, updated_at = $7, due_at = $9, \
     open = case when $8 = 1 and exists (select 1 from cases other where other.tenant = $1 and other.fingerprint = cases.fingerprint \
     and other.open = 1 and other.id <> $2) then 2 else $8 end \
     where tenant = $1 and id = $2 and events = $10 and head = $11";
const ADD_EVENTS: &str =
    "insert into events (tenant, case_id, number, kind, at, hash, payload, bytes) ";
const ADD_PAYLOADS: &str = "insert into payloads (tenant, digest, salt, bytes) ";
const ADD_SIGHTING: &str = "insert into occurrences (tenant, source, occurrence_id, seen_at, case_id, alert) \
     values ($1, $2, $3, $4, $5, $6)";

impl Store {
    /// Appends `events`, which lead from `before` (`None`: they open the case) to `after`. [`StoreError::Conflict`] when the stored case
    /// is no longer `before`, or when another open case has its fingerprint. What returned `Ok` is on the disk.
    pub async fn append(
        &self,
        tenant: &TenantId,
        before: Option<&Case>,
        after: &Case,
        events: &[Recorded],
    ) -> Result<(), StoreError> {
        let Some(last) = events.last() else {
            return Ok(());
        };
        let append = Append::new(tenant, before, after, events, last)?;
        self.group.append(append).await
    }
}

impl Store {
    /// The same, with what `by` did to tierone itself in one transaction: a case whose ending falls, and the precedent that falls with it.
    pub async fn append_with(
        &self,
        tenant: &TenantId,
        before: &Case,
        after: &Case,
        event: &Recorded,
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
    /// Writes the rows into an open transaction. On a conflict it has changed nothing there, so that the transaction can go on.
    pub(super) async fn write(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        self.write_case(connection).await?;
        self.write_events(connection).await?;
        self.write_payloads(connection).await?;
        self.write_sightings(connection).await
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
            .bind(i64::from(case.open))
            .bind(case.due_at);
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

    async fn write_events(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let mut events = QueryBuilder::<Sqlite>::new(ADD_EVENTS);
        events.push_values(&self.events, |mut row, event| {
            row.push_bind(self.tenant.as_str())
                .push_bind(&self.case.id)
                .push_bind(event.number)
                .push_bind(event.kind)
                .push_bind(event.at)
                .push_bind(event.hash.as_bytes().as_slice())
                .push_bind(
                    event
                        .payload
                        .as_ref()
                        .map(|name| name.as_bytes().as_slice()),
                )
                .push_bind(&event.bytes);
        });
        events.build().execute(connection).await?;
        Ok(())
    }

    async fn write_payloads(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let payloads: Vec<&Payload> = self
            .events
            .iter()
            .filter_map(|e| e.beside.as_ref())
            .collect();
        if payloads.is_empty() {
            return Ok(());
        }
        let mut rows = QueryBuilder::<Sqlite>::new(ADD_PAYLOADS);
        rows.push_values(payloads, |mut row, payload| {
            row.push_bind(self.tenant.as_str())
                .push_bind(payload.digest.as_bytes().as_slice())
                .push_bind(payload.salt.as_slice())
                .push_bind(&payload.bytes);
        });
        rows.push(" on conflict (tenant, digest) do nothing");
        rows.build().execute(connection).await?;
        Ok(())
    }

    async fn write_sightings(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        for sighting in self
            .events
            .iter()
            .filter_map(|event| event.sighting.as_ref())
        {
            sqlx::query(ADD_SIGHTING)
                .bind(self.tenant.as_str())
                .bind(&sighting.source)
                .bind(&sighting.occurrence_id)
                .bind(sighting.seen_at)
                .bind(&self.case.id)
                .bind(sighting.alert.as_bytes().as_slice())
                .execute(&mut *connection)
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
