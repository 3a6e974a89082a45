//! Accept: intake for a service. Every alert of a post is stored in its case and nothing else is done, so that a sender waits for the disk
//! only; what the cases need then is the workers' part.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use tokio::sync::{Mutex, MutexGuard};

use super::{App, CONFLICTS_MAX, Outcome, Place, intake::Arrival};
use crate::{
    domain::{
        alert::Alert,
        canonical::Digest,
        case::{Case, replay},
        event::{Body, Event},
        id::{CaseId, SourceId, TenantId},
        recorded::Recorded,
    },
    outbound::store::StoreError,
    pipeline::normalise::{Asked, Intake, Item, unread},
};

/// How many cases of one post are written at once: they share commits.
const CASES_AT_ONCE: usize = 256;
/// How many alerts of one case are one append: the values of one statement are bounded.
const ALERTS_TOGETHER: usize = 1_000;

/// A payload as a service gets it.
#[derive(Clone, Debug)]
pub struct Post {
    /// Whose it is.
    pub tenant: TenantId,
    /// The title of what cannot be read.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The source that it is from.
    pub source: Asked,
    /// When it was received.
    pub received_at: Timestamp,
}

/// What came of one item of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// An alert: it is on the disk.
    Alert(Entry),
    /// A message about the sending itself.
    Control {
        /// The source that knows it.
        source: SourceId,
        /// Its name.
        control: String,
    },
}

/// An alert in its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The case.
    pub case: CaseId,
    /// The number of the alert's event.
    pub number: u64,
    /// Whether it opened the case.
    pub place: Place,
}

/// Lets the alerts of one fingerprint in one after the other, so that a storm of repeats does not fight over its case.
pub(super) struct Doors([Mutex<()>; 64]);

impl Doors {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }

    async fn through(&self, fingerprint: Digest) -> Option<MutexGuard<'_, ()>> {
        let [first, ..] = fingerprint.as_bytes();
        match self.0.get(usize::from(*first) % self.0.len()) {
            Some(door) => Some(door.lock().await),
            None => None,
        }
    }
}

/// An alert with its place in the post.
type Placed = (usize, Alert);

impl App {
    /// Stores every alert of `post` and says where it went, in the order of the post. On an error some may be stored and some not: the
    /// sender sends all again, and what was stored is then a repeat.
    pub async fn accept(self: &Arc<Self>, post: Post) -> anyhow::Result<Vec<Accepted>> {
        let (tenant, now) = (post.tenant.clone(), post.received_at);
        let items = self.read(post).await;
        let mut accepted = BTreeMap::new();
        let mut cases: BTreeMap<Digest, Vec<Placed>> = BTreeMap::new();
        for (place, item) in items.into_iter().enumerate() {
            match item {
                Item::Control { source, control } => {
                    accepted.insert(place, Accepted::Control { source, control });
                }
                Item::Alert(alert) => {
                    let same = cases.entry(alert.fingerprint).or_default();
                    same.push((place, alert));
                }
            }
        }
        let entries = stream::iter(cases)
            .map(|(fingerprint, alerts)| self.enter(&tenant, fingerprint, alerts, now))
            .buffer_unordered(CASES_AT_ONCE);
        let entries: Vec<Vec<(usize, Entry)>> = entries.try_collect().await?;
        for (place, entry) in entries.into_iter().flatten() {
            accepted.insert(place, Accepted::Alert(entry));
        }
        Ok(accepted.into_values().collect())
    }

    /// What is said of the alert of `entry` as things stand; `None` where its case is gone or the alert was erased.
    pub async fn outcome_of(
        &self,
        tenant: &TenantId,
        entry: Entry,
        now: Timestamp,
    ) -> anyhow::Result<Option<Outcome>> {
        let events = self.store.events(tenant, entry.case).await?;
        let own = events.iter().find(|event| event.number == entry.number);
        let Some(alert) = own.and_then(alert_of).cloned() else {
            return Ok(None);
        };
        let case = replay(&events)?;
        let outcome = self.outcome(case, alert, entry.place, entry.number, now);
        outcome.await?.seen(self.kind()).map(Some)
    }

    /// What is said of a case as things stand, by the alert that it is decided on; `None` where there is no such case.
    pub async fn standing(
        &self,
        tenant: &TenantId,
        id: CaseId,
        now: Timestamp,
    ) -> anyhow::Result<Option<Outcome>> {
        let Some(case) = self.store.case(tenant, id).await? else {
            return Ok(None);
        };
        let alert = case.alert()?.clone();
        let outcome = self.outcome(case, alert, Place::First, 0, now);
        outcome.await?.seen(self.kind()).map(Some)
    }

    /// The items of a post, read apart from the threads that serve others: a large payload takes a while.
    async fn read(self: &Arc<Self>, post: Post) -> Vec<Item> {
        let (tenant, name, at) = (post.tenant.clone(), post.name.clone(), post.received_at);
        let app = Arc::clone(self);
        let place = self.reading.place(&post.source).await;
        let items = tokio::task::spawn_blocking(move || {
            // Held until the child is gone, also where the sender no longer waits.
            let _place = place;
            let intake = Intake {
                tenant: post.tenant,
                name: post.name,
                bytes: &post.bytes,
                source: post.source,
                received_at: post.received_at,
            };
            app.reading.items(&intake)
        });
        match items.await {
            Ok(items) => items,
            Err(fault) => {
                tracing::error!(%fault, "a payload could not be read, a person is asked about it");
                let cause = "tierone failed while it read this";
                vec![Item::Alert(unread(&tenant, &name, cause, at))]
            }
        }
    }

    /// Puts alerts of one fingerprint into their case.
    async fn enter(
        &self,
        tenant: &TenantId,
        fingerprint: Digest,
        alerts: Vec<Placed>,
        now: Timestamp,
    ) -> anyhow::Result<Vec<(usize, Entry)>> {
        let _door = self.doors.through(fingerprint).await;
        let mut entries = Vec::with_capacity(alerts.len());
        for some in alerts.chunks(ALERTS_TOGETHER) {
            entries.extend(self.enter_together(tenant, fingerprint, some, now).await?);
        }
        Ok(entries)
    }

    /// The same in one append.
    async fn enter_together(
        &self,
        tenant: &TenantId,
        fingerprint: Digest,
        alerts: &[Placed],
        now: Timestamp,
    ) -> anyhow::Result<Vec<(usize, Entry)>> {
        for _ in 0..=CONFLICTS_MAX {
            let home = self.open_case(tenant, fingerprint).await?;
            let (after, events, entries) = self.entered(home.case.as_ref(), alerts, now)?;
            let Some(after) = after else {
                return Ok(entries);
            };
            match self.append_at(&home, &after, &events).await {
                Ok(()) => return Ok(entries),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict {
            what: format!("the case of fingerprint `{}`", fingerprint.short()),
        }
        .into())
    }

    #[expect(
        clippy::type_complexity,
        reason = "the three are what one append and its answer are made of"
    )]
    fn entered(
        &self,
        before: Option<&Case>,
        alerts: &[Placed],
        now: Timestamp,
    ) -> anyhow::Result<(Option<Case>, Vec<Recorded>, Vec<(usize, Entry)>)> {
        let mut case = before.cloned();
        let (mut events, mut entries) = (Vec::new(), Vec::new());
        for (place, alert) in alerts {
            let Arrival {
                event,
                after,
                place: position,
            } = self.arrived(case.as_ref(), alert.clone(), now)?;
            let entry = Entry {
                case: after.id,
                number: event.number,
                place: position,
            };
            entries.push((*place, entry));
            events.push(event);
            case = Some(after);
        }
        Ok((case, events, entries))
    }
}

fn alert_of(event: &Event) -> Option<&Alert> {
    match &event.body {
        Body::Received { alert, .. } | Body::Repeated { alert, .. } | Body::Resolved { alert } => {
            alert.content()
        }
        _ => None,
    }
}
