//! Cases: each one's chain, its fold against its row, and the columns that are read of its events.

use jiff::Timestamp;

use super::{Backing, Look, RESTORE, count};
use crate::{
    domain::{
        alert::Alert,
        case::{Case, replay},
        event::{Body, Event},
        id::{CaseId, TenantId},
        sealed::{Seal, Sealed},
    },
    outbound::store::{Store, Which, error::StoreError},
};

const ROW: &str = "select phase, urgency, open, due_at, updated_at, opened_at, source, detection_id, fingerprint \
     from cases where tenant = $1 and id = $2";
const COLUMNS: &str =
    "select kind, at, payload from events where tenant = $1 and case_id = $2 order by number";

const SIGHTINGS: &str = "select source, occurrence_id, seen_at, alert from occurrences \
     where tenant = $1 and case_id = $2 order by sequence";
const STRAYS: &str = "select count(*) from occurrences o where o.tenant = $1 and not exists \
     (select 1 from cases c where c.tenant = o.tenant and c.id = o.case_id)";

/// Phase, urgency, whether it is open, when it is due, when it was changed and opened, and what it is about.
type Row = (
    String,
    String,
    i64,
    Option<i64>,
    i64,
    i64,
    String,
    Option<String>,
    Vec<u8>,
);

/// Source, occurrence, time of receipt and digest of an alert that was seen.
type Sighting = (String, String, i64, Vec<u8>);

/// Kind and time of an event, and the name of what lies beside it.
type Column = (String, i64, Option<Vec<u8>>);

impl Look {
    pub(super) async fn cases(
        &mut self,
        store: &Store,
        tenant: &TenantId,
        backing: &mut Backing,
    ) -> Result<(), StoreError> {
        for id in store.case_ids(tenant, Which::All, u32::MAX).await? {
            self.found.counted.cases += 1;
            backing.cases.insert(id.to_string());
            match store.events(tenant, id).await {
                Ok(events) => self.case(tenant, id, &events).await?,
                Err(error) => self.take(error)?,
            }
        }
        let strays: i64 = sqlx::query_scalar(STRAYS)
            .bind(tenant.as_str())
            .fetch_one(&self.pool)
            .await?;
        if strays > 0 {
            let what = format!("the sightings of tenant `{tenant}`");
            let shows = format!("name cases that are not there, {strays} times");
            self.damaged(&what, &shows, RESTORE);
        }
        Ok(())
    }

    async fn case(
        &mut self,
        tenant: &TenantId,
        id: CaseId,
        events: &[Event],
    ) -> Result<(), StoreError> {
        self.found.counted.events += count(events.len());
        let what = format!("case `{id}`");
        let case = match replay(events) {
            Ok(case) => case,
            Err(illegal) => return self.take(StoreError::unfoldable(what, illegal)),
        };
        let row: Row = sqlx::query_as(ROW)
            .bind(tenant.as_str())
            .bind(id.to_string())
            .fetch_one(&self.pool)
            .await?;
        let differing = differing(&case, events, &row);
        if !differing.is_empty() {
            let shows = format!(
                "has a row that its events do not lead to: {}",
                differing.join(", ")
            );
            self.damaged(&what, &shows, RESTORE);
        }
        let columns: Vec<Column> = sqlx::query_as(COLUMNS)
            .bind(tenant.as_str())
            .bind(id.to_string())
            .fetch_all(&self.pool)
            .await?;
        let own: Vec<Column> = events.iter().map(column).collect();
        if columns != own {
            let shows = "has events beside its row, or rows of events that are not what they say";
            self.damaged(&what, shows, RESTORE);
        }
        let sightings: Vec<Sighting> = sqlx::query_as(SIGHTINGS)
            .bind(tenant.as_str())
            .bind(id.to_string())
            .fetch_all(&self.pool)
            .await?;
        if !are_those_of(&sightings, events) {
            let shows = "has sightings that are not those of its alerts, so that a replay could be taken for news";
            self.damaged(&what, shows, RESTORE);
        }
        Ok(())
    }
}

/// The columns of a case's row that its fold contradicts.
fn differing(case: &Case, events: &[Event], row: &Row) -> Vec<&'static str> {
    let (phase, urgency, open, due_at, updated_at, opened_at, source, detection, fingerprint) = row;
    let last = events.last().map_or(case.opened_at, |event| event.at);
    // To be looked at too early does no harm: rows that an older schema made are due at once.
    let due = match case.due(last).map(Timestamp::as_microsecond) {
        Some(due) => due_at.is_some_and(|at| at <= due),
        None => true,
    };
    let alert = events.first().and_then(|first| match &first.body {
        Body::Received { alert, .. } => alert.content(),
        _ => None,
    });
    let about = alert.is_none_or(|alert| {
        alert.source.as_str() == source
            && alert.detection_id == *detection
            && alert.fingerprint.as_bytes().as_slice() == fingerprint
    });
    [
        ("phase", phase == case.phase.word()),
        ("urgency", urgency == case.urgency.word()),
        ("open", (*open > 0) == case.is_open()),
        ("due_at", due),
        ("updated_at", *updated_at == last.as_microsecond()),
        ("opened_at", *opened_at == case.opened_at.as_microsecond()),
        ("source, detection or fingerprint", about),
    ]
    .into_iter()
    .filter_map(|(name, same)| (!same).then_some(name))
    .collect()
}

fn column(event: &Event) -> Column {
    let payload = event.body.payload().map(Seal::name);
    (
        event.body.kind().into(),
        event.at.as_microsecond(),
        payload.map(|name| name.as_bytes().to_vec()),
    )
}

/// Whether each alert of `events` was written down as seen, in their order, and nothing else. Of one that was erased only the digest is left.
fn are_those_of(sightings: &[Sighting], events: &[Event]) -> bool {
    let alerts: Vec<&Sealed<Alert>> = events
        .iter()
        .filter_map(|event| match &event.body {
            Body::Received { alert, .. }
            | Body::Repeated { alert, .. }
            | Body::Resolved { alert } => Some(alert),
            _ => None,
        })
        .collect();
    let same = |(sighting, alert): (&Sighting, &&Sealed<Alert>)| {
        let (source, occurrence, seen_at, digest) = sighting;
        alert.digest().as_bytes().as_slice() == digest
            && alert.content().is_none_or(|alert| {
                alert.source.as_str() == source
                    && alert.occurrence_id == *occurrence
                    && alert.received_at.as_microsecond() == *seen_at
            })
    };
    sightings.len() == alerts.len() && sightings.iter().zip(&alerts).all(same)
}
