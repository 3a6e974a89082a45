//! The rows of an append, made only of events that lead from the case before to the case after.

use jiff::Timestamp;

use super::{error::StoreError, integer};
use crate::domain::{
    canonical::Digest,
    case::Case,
    event::Body,
    id::TenantId,
    recorded::Recorded,
    sealed::{Payload, Seal},
};

/// What one append writes.
pub(super) struct Append {
    pub(super) tenant: TenantId,
    pub(super) case: CaseRow,
    pub(super) events: Vec<EventRow>,
    /// An open case of the same fingerprint that cannot be read, and beside which this one is opened.
    pub(super) beside: Option<String>,
}

pub(super) struct CaseRow {
    pub(super) id: String,
    pub(super) phase: &'static str,
    pub(super) urgency: &'static str,
    pub(super) events: i64,
    pub(super) head: Digest,
    pub(super) updated_at: i64,
    pub(super) open: bool,
    pub(super) due_at: Option<i64>,
    pub(super) since: Since,
}

/// What the case's row is now.
pub(super) enum Since {
    /// There is none.
    Nothing(Opening),
    /// It has these events, and this is the last one's digest.
    Before(i64, Digest),
}

/// What never changes in a case's row.
pub(super) struct Opening {
    pub(super) source: String,
    pub(super) detection_id: Option<String>,
    pub(super) fingerprint: Digest,
    pub(super) opened_at: i64,
}

pub(super) struct EventRow {
    pub(super) number: i64,
    pub(super) kind: &'static str,
    pub(super) at: i64,
    pub(super) hash: Digest,
    pub(super) payload: Option<Digest>,
    pub(super) bytes: Vec<u8>,
    pub(super) beside: Option<Payload>,
    pub(super) sighting: Option<Sighting>,
}

/// When the occurrence of an event's alert was seen.
pub(super) struct Sighting {
    pub(super) source: String,
    pub(super) occurrence_id: String,
    pub(super) seen_at: i64,
}

impl Append {
    /// The rows, once it is certain that `events`, the last of which is `last`, lead from `before` to `after` in `tenant`.
    pub(super) fn new(
        tenant: &TenantId,
        before: Option<&Case>,
        after: &Case,
        events: &[Recorded],
        last: &Recorded,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: tenant.clone(),
            events: event_rows(tenant, before, after, events)?,
            case: case_row(before, after, last)?,
            beside: None,
        })
    }
}

fn case_row(before: Option<&Case>, after: &Case, last: &Recorded) -> Result<CaseRow, StoreError> {
    let since = match before {
        Some(case) => Since::Before(integer(case.events), case.head),
        None => Since::Nothing(opening(after)?),
    };
    Ok(CaseRow {
        id: after.id.to_string(),
        phase: after.phase.word(),
        urgency: after.urgency.word(),
        events: integer(after.events),
        head: after.head,
        updated_at: last.at.as_microsecond(),
        open: after.is_open(),
        due_at: after.due(last.at).map(Timestamp::as_microsecond),
        since,
    })
}

fn opening(case: &Case) -> Result<Opening, StoreError> {
    let alert = case
        .alert
        .content()
        .ok_or_else(|| misplaced(case, "a case is opened with an alert whose content is gone"))?;
    Ok(Opening {
        source: alert.source.to_string(),
        detection_id: alert.detection_id.clone(),
        fingerprint: alert.fingerprint,
        opened_at: case.opened_at.as_microsecond(),
    })
}

/// The events as they are stored, once it is certain that they lead from `before` to `after` in `tenant`.
fn event_rows(
    tenant: &TenantId,
    before: Option<&Case>,
    after: &Case,
    events: &[Recorded],
) -> Result<Vec<EventRow>, StoreError> {
    let (mut number, mut head) = before.map_or((0, Digest::ZERO), |case| (case.events, case.head));
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        number += 1;
        let follows = event.number == number && event.previous == head;
        if !follows || event.case != after.id || event.tenant != *tenant {
            return Err(misplaced(
                after,
                &format!("event {number} does not follow the one before it"),
            ));
        }
        head = event.digest();
        rows.push(event_row(event));
    }
    let same_case = before.is_none_or(|case| case.id == after.id && case.tenant == *tenant);
    if after.events != number || after.head != head || after.tenant != *tenant || !same_case {
        return Err(misplaced(after, "its events do not lead to it"));
    }
    Ok(rows)
}

fn event_row(event: &Recorded) -> EventRow {
    let sealed = event.body.payload();
    EventRow {
        number: integer(event.number),
        kind: event.body.kind(),
        at: event.at.as_microsecond(),
        hash: event.digest(),
        payload: sealed.map(Seal::name),
        bytes: event.bytes().to_vec(),
        beside: sealed.and_then(Seal::stored),
        sighting: sighting(&event.body),
    }
}

fn sighting(body: &Body) -> Option<Sighting> {
    let (Body::Received { alert, .. } | Body::Repeated { alert, .. } | Body::Resolved { alert }) =
        body
    else {
        return None;
    };
    alert.content().map(|alert| Sighting {
        source: alert.source.to_string(),
        occurrence_id: alert.occurrence_id.clone(),
        seen_at: alert.received_at.as_microsecond(),
    })
}

fn misplaced(case: &Case, why: &str) -> StoreError {
    StoreError::Misplaced {
        what: format!("what was to be appended to case `{}`", case.id),
        cause: why.into(),
    }
}
