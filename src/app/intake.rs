//! Intake: a payload becomes alerts, and every alert is in a case before anything else happens to it.

use jiff::Timestamp;

use super::{App, CONFLICTS_MAX, Outcome, Place, Ruling, Submitted};
use crate::{
    domain::{
        alert::Alert,
        canonical::Digest,
        case::Case,
        event::{Body, EVENT_VERSION, Event},
        id::{CaseId, TenantId},
        recorded::Recorded,
        step::{Step, Word},
    },
    outbound::store::{Fresh, StoreError},
    pipeline::{
        correlate::correlate,
        gate::evaluate_without_action,
        normalise::{Intake, Item, unread},
    },
};

/// An alert at the door of its case: the event with which it joins the case or opens one, not yet appended.
pub(super) struct Arrival {
    pub(super) event: Recorded,
    pub(super) after: Case,
    pub(super) place: Place,
}

impl App {
    /// Takes in a payload: every alert in it is stored, joined to its case and driven as far as it goes without a person.
    pub async fn submit(&self, intake: &Intake<'_>) -> anyhow::Result<Vec<Submitted>> {
        let mut submitted = Vec::new();
        for item in self.reading.items(intake) {
            submitted.push(match item {
                Item::Control { source, control } => Submitted::Control { source, control },
                Item::Alert(alert) => {
                    Submitted::Alert(Box::pin(self.receive(alert, intake.received_at)).await?)
                }
            });
        }
        Ok(submitted)
    }

    /// Takes in a payload that could not even be read: a case of severity high that says so.
    pub async fn submit_unread(
        &self,
        tenant: &TenantId,
        name: &str,
        cause: &std::io::Error,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Submitted>> {
        let alert = unread(tenant, name, &cause.to_string(), now);
        let outcome = Box::pin(self.receive(alert, now)).await?;
        Ok(vec![Submitted::Alert(outcome)])
    }

    /// Stores the alert and takes its case as far as it goes, all in one commit.
    async fn receive(&self, alert: Alert, now: Timestamp) -> anyhow::Result<Outcome> {
        for _ in 0..=CONFLICTS_MAX {
            let (before, fresh) = self.known(&alert, now).await?;
            let arrival = self.arrived(before.as_ref(), alert.clone(), now)?;
            let facts = fresh.map(|fresh| self.facts_of(&arrival.after, fresh));
            let (case, steps) = match self.steps(&arrival.after, facts, now).await {
                Ok(taken) => taken,
                Err(error) => {
                    self.keep(before.as_ref(), &arrival).await?;
                    return Err(error);
                }
            };
            let Arrival {
                event,
                after,
                place,
            } = arrival;
            let events: Vec<Recorded> = std::iter::once(event).chain(steps).collect();
            let appended = self
                .store
                .append(&case.tenant, before.as_ref(), &case, &events);
            match appended.await {
                Ok(()) => return self.outcome(case, alert, place, after.events, now).await,
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::bail!(
            "the case of this alert kept changing while it was joined; send the alert again"
        )
    }

    /// The open case of `alert` and what the store knows beside it. Where that cannot be read, the first step that needs it says why.
    async fn known(
        &self,
        alert: &Alert,
        now: Timestamp,
    ) -> anyhow::Result<(Option<Case>, Option<Fresh>)> {
        let tenant = &alert.tenant;
        let (open, fresh) = match self.fresh(alert, now).await {
            Ok(fresh) => (fresh.open_case, Some(fresh)),
            Err(_) => (self.store.open_case(tenant, alert.fingerprint).await?, None),
        };
        let case = match open {
            Some(id) => self.store.case(tenant, id).await?,
            None => None,
        };
        Ok((case, fresh))
    }

    /// An alert whose case is stuck is stored all the same.
    async fn keep(&self, before: Option<&Case>, arrival: &Arrival) -> anyhow::Result<()> {
        let events = std::slice::from_ref(&arrival.event);
        let after = &arrival.after;
        Ok(self
            .store
            .append(&after.tenant, before, after, events)
            .await?)
    }

    pub(super) async fn outcome(
        &self,
        case: Case,
        alert: Alert,
        place: Place,
        joined_at: u64,
        now: Timestamp,
    ) -> anyhow::Result<Outcome> {
        let ruling = match &case.decided {
            Some((number, decision)) if *number > joined_at => Ruling::Decided(decision.clone()),
            Some(_) | None => self.undecided(&case, &alert, now).await?,
        };
        Ok(Outcome {
            case,
            alert,
            place,
            ruling,
        })
    }

    /// The open case of a fingerprint.
    pub(super) async fn open_case(
        &self,
        tenant: &TenantId,
        fingerprint: Digest,
    ) -> anyhow::Result<Option<Case>> {
        Ok(match self.store.open_case(tenant, fingerprint).await? {
            Some(id) => self.store.case(tenant, id).await?,
            None => None,
        })
    }

    /// The arrival of `alert` at its open case, if it has one.
    pub(super) fn arrived(
        &self,
        before: Option<&Case>,
        alert: Alert,
        now: Timestamp,
    ) -> anyhow::Result<Arrival> {
        let tenant = alert.tenant.clone();
        let id = self.chance.case_id(&alert, now)?;
        let body = correlate(before, alert, self.chance.salt()?)?;
        let Some(case) = before else {
            let event = Recorded::new(first(&tenant, id, body, now))?;
            return Ok(Arrival {
                after: Case::open_recorded(&event)?,
                event,
                place: Place::First,
            });
        };
        let mut after = case.clone();
        let event = after.record(case.event(body, now))?;
        Ok(Arrival {
            event,
            after,
            place: Place::Joined,
        })
    }

    async fn undecided(
        &self,
        case: &Case,
        alert: &Alert,
        now: Timestamp,
    ) -> anyhow::Result<Ruling> {
        let facts = self
            .facts(case, &Step::Decide(Word::Agent), None, now)
            .await?;
        let (verdict, held_by) = evaluate_without_action(alert, case, &facts, &self.rules, now);
        Ok(Ruling::NotDecided { verdict, held_by })
    }
}

fn first(tenant: &TenantId, id: CaseId, body: Body, now: Timestamp) -> Event {
    Event {
        version: EVENT_VERSION,
        tenant: tenant.clone(),
        case: id,
        number: 1,
        at: now,
        previous: Digest::ZERO,
        body,
    }
}
