//! Appending: the events of one case, what lies beside them, and the case's row, all or nothing by one statement: each call of the database
//! wakes its thread, and that costs more than what it then does. Those that wait are committed in groups (see `group`).

use std::ops::Deref;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection, query_builder::Separated};

use super::{
    Store,
    error::StoreError,
    figures,
    operation::operate_in,
    rows::{Append, CaseRow, EventRow, Since},
    schema::{SCHEMA, refuse_newer},
    to_its_end,
};
use crate::domain::{
    case::Case,
    id::{CaseId, PersonId, TenantId},
    operation::Deed,
    recorded::Recorded,
};

/// The columns of the view `appends`: those of every row, the case's, an event's.
const APPEND: &str = "insert into appends (tenant, case_id, \
     known, damaged, phase, urgency, events, head, updated_at, open, due_at, was_events, was_head, source, detection_id, fingerprint, opened_at, \
     number, kind, at, hash, payload, bytes, salt, beside, occurrence_id, seen_at) ";
/// What the database says where the case is another by now.
const CONFLICT: &str = "the case is not what it was";
/// What it says where a newer build has changed the schema meanwhile.
const NEWER: &str = "the store is a newer build's";

/// The values of one row.
type Values<'a> = Separated<'a, Sqlite, &'static str>;

/// A row of the view `appends`.
enum Row<'a> {
    Case(&'a CaseRow),
    Event(&'a EventRow),
}

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
        self.group.append(append).await?;
        figures::appended(&self.news, after, events.iter().map(Deref::deref));
        Ok(())
    }
}

impl Store {
    /// Opens a case by `events`, beside an open one of its fingerprint that cannot be read: repeats join the new one from then on.
    pub async fn append_beside(
        &self,
        tenant: &TenantId,
        damaged: CaseId,
        after: &Case,
        events: &[Recorded],
    ) -> Result<(), StoreError> {
        let Some(last) = events.last() else {
            return Ok(());
        };
        let append = Append::new(tenant, None, after, events, last)?;
        let append = Append {
            beside: Some(damaged.to_string()),
            ..append
        };
        self.group.append(append).await?;
        figures::appended(&self.news, after, events.iter().map(Deref::deref));
        Ok(())
    }

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
            let mut transaction = writer.begin().await?;
            append.write(&mut transaction).await?;
            operate_in(&mut transaction, &tenant, by, deed, at).await?;
            Ok(transaction.commit().await?)
        })
        .await?;
        figures::appended(&self.news, after, [&**event]);
        Ok(())
    }
}

impl Append {
    /// Writes the rows by one statement, which is a transaction of its own where none is open. On a conflict it has changed nothing, and an
    /// open transaction can go on.
    pub(super) async fn write(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let rows = std::iter::once(Row::Case(&self.case));
        let rows = rows.chain(self.events.iter().map(Row::Event));
        let mut statement = QueryBuilder::<Sqlite>::new(APPEND);
        statement.push_values(rows, |mut values, row| {
            values.push_bind(self.tenant.as_str());
            values.push_bind(&self.case.id);
            match row {
                Row::Case(case) => case.bind(self.beside.as_ref(), &mut values),
                Row::Event(event) => event.bind(&mut values),
            }
        });
        match statement.build().execute(&mut *connection).await {
            Ok(_) => Ok(()),
            Err(sqlx::Error::Database(error)) if error.message() == CONFLICT => {
                Err(self.conflict())
            }
            Err(sqlx::Error::Database(error)) if error.message() == NEWER => {
                refuse_newer(connection).await?;
                Err(sqlx::Error::Database(error).into())
            }
            Err(error) => Err(error.into()),
        }
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

impl CaseRow {
    fn bind(&self, damaged: Option<&String>, values: &mut Values<'_>) {
        values
            .push_bind(SCHEMA)
            .push_bind(damaged.cloned())
            .push_bind(self.phase)
            .push_bind(self.urgency)
            .push_bind(self.events)
            .push_bind(self.head.as_bytes().as_slice())
            .push_bind(self.updated_at)
            .push_bind(i64::from(self.open))
            .push_bind(self.due_at);
        match &self.since {
            Since::Nothing(opening) => values
                .push("null, null")
                .push_bind(&opening.source)
                .push_bind(&opening.detection_id)
                .push_bind(opening.fingerprint.as_bytes().as_slice())
                .push_bind(opening.opened_at),
            Since::Before(events, head) => values
                .push_bind(events)
                .push_bind(head.as_bytes().as_slice())
                .push("null, null, null, null"),
        };
        values.push("null, null, null, null, null, null, null, null, null, null");
    }
}

impl EventRow {
    fn bind(&self, values: &mut Values<'_>) {
        let payload = self.payload.as_ref();
        let (beside, sighting) = (self.beside.as_ref(), self.sighting.as_ref());
        values
            .push("null, null, null, null, null, null, null, null, null, null, null")
            .push_bind(sighting.map(|sighting| &sighting.source))
            .push("null, null, null")
            .push_bind(self.number)
            .push_bind(self.kind)
            .push_bind(self.at)
            .push_bind(self.hash.as_bytes().as_slice())
            .push_bind(payload.map(|name| name.as_bytes().as_slice()))
            .push_bind(&self.bytes)
            .push_bind(beside.map(|beside| beside.salt.as_slice()))
            .push_bind(beside.map(|beside| &beside.bytes))
            .push_bind(sighting.map(|sighting| &sighting.occurrence_id))
            .push_bind(sighting.map(|sighting| sighting.seen_at));
    }
}
