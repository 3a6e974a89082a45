//! Admission: everything that can have changed is read again and the start is appended, in one transaction.
//!
//! What must still hold is not decided here: the caller's check is run on what was read.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    BEGIN, Store, error::StoreError, evidence::Key, operation::kills, rows::Append, sighting::seen,
    start::starts, to_its_end,
};
use crate::domain::{
    alert::Alert,
    canonical::Digest,
    case::Case,
    event::Event,
    facts::{Evidence, Kill, Known, Start},
    id::TenantId,
};

/// What the store knows about an alert at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Fresh {
    /// The precedents of its key.
    pub evidence: Evidence,
    /// When its occurrence was seen before.
    pub occurrence_seen: Known<Option<Timestamp>>,
    /// What the tenant started lately.
    pub starts: Known<Vec<Start>>,
    /// What is switched off.
    pub kills: Known<BTreeSet<Kill>>,
}

/// What came of an admission.
#[derive(Clone, Debug)]
pub enum Admitted<R> {
    /// The start is appended.
    Started {
        /// The case after it.
        case: Box<Case>,
        /// The start.
        event: Box<Event>,
    },
    /// The check refused it; nothing was written.
    Refused(R),
}

impl Store {
    /// Reads what can have changed since `case` was decided, and where `check` gives a start on it, appends that, all in one
    /// transaction that no other writer can come between. `since` is how far back starts are read.
    pub async fn admit<R: Send + 'static>(
        &self,
        tenant: &TenantId,
        case: &Case,
        since: Timestamp,
        check: impl FnOnce(&Case, Fresh) -> Result<Event, R> + Send + 'static,
    ) -> Result<Admitted<R>, StoreError> {
        let (tenant, case, writer) = (tenant.clone(), case.clone(), self.writer.clone());
        to_its_end(async move {
            let mut transaction = writer.begin_with(BEGIN).await?;
            let alert = case.alert()?.clone();
            let sealed = case.alert.digest();
            let fresh = fresh(&mut transaction, &tenant, &alert, sealed, since).await?;
            let event = match check(&case, fresh) {
                Ok(event) => event,
                Err(refusal) => {
                    transaction.rollback().await?;
                    return Ok(Admitted::Refused(refusal));
                }
            };
            let mut after = case.clone();
            after.apply(&event)?;
            let append = Append::new(
                &tenant,
                Some(&case),
                &after,
                std::slice::from_ref(&event),
                &event,
            )?;
            append.write(&mut transaction).await?;
            transaction.commit().await?;
            Ok(Admitted::Started {
                case: Box::new(after),
                event: Box::new(event),
            })
        })
        .await
    }

    /// What the store knows about `alert` now, at one moment. `sealed` is the digest under which it was appended.
    pub async fn fresh(
        &self,
        tenant: &TenantId,
        alert: &Alert,
        sealed: Digest,
        since: Timestamp,
    ) -> Result<Fresh, StoreError> {
        let (tenant, alert, readers) = (tenant.clone(), alert.clone(), self.readers.clone());
        to_its_end(async move {
            let mut snapshot = readers.begin().await?;
            let fresh = fresh(&mut snapshot, &tenant, &alert, sealed, since).await?;
            snapshot.rollback().await?;
            Ok(fresh)
        })
        .await
    }
}

async fn fresh(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    alert: &Alert,
    sealed: Digest,
    since: Timestamp,
) -> Result<Fresh, StoreError> {
    let key = Key::of(tenant, alert);
    Ok(Fresh {
        evidence: key.evidence(connection).await?,
        occurrence_seen: known(seen(connection, tenant, alert, sealed).await),
        starts: known(starts(connection, tenant, since).await),
        kills: known(kills(connection, tenant).await),
    })
}

fn known<T>(read: Result<T, StoreError>) -> Known<T> {
    match read {
        Ok(value) => Known::Read(value),
        Err(cause) => Known::Unreadable(cause.to_string()),
    }
}
