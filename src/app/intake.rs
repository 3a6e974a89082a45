//! Intake: a payload becomes alerts, and every alert is in a case before anything else happens to it.

use jiff::Timestamp;

use super::{App, CONFLICTS_MAX, Outcome, Pen, Place, Ruling, Submitted};
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

/// Where alerts of one fingerprint go.
#[derive(Clone, Debug, Default)]
pub(super) struct Home {
    /// The open case, which they join.
    pub(super) case: Option<Case>,
    /// An open case that cannot be read: they open another beside it, because no alert is lost to it.
    pub(super) damaged: Option<CaseId>,
}

/// An alert at the door of its case: the event with which it joins the case or opens one, not yet appended.
pub(super) struct Arrival {
    pub(super) event: Recorded,
    pub(super) after: Case,
    pub(super) place: Place,
}

impl App {
    /// Takes in a payload: every alert in it is stored, joined to its case and driven as far as it goes without a person. What came of it is
    /// given as it is; what people are shown of that is [`Submitted::shown`].
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

    /// Appends to the case at home, or opens one.
    pub(super) async fn append_at(
        &self,
        home: &Home,
        after: &Case,
        events: &[Recorded],
    ) -> Result<(), StoreError> {
        let (tenant, before) = (&after.tenant, home.case.as_ref());
        match home.damaged {
            Some(damaged) => {
                self.store
                    .append_beside(tenant, damaged, after, events)
                    .await
            }
            None => self.store.append(tenant, before, after, events).await,
        }
    }

    /// Stores the alert and takes its case as far as it goes, all in one commit.
    async fn receive(&self, alert: Alert, now: Timestamp) -> anyhow::Result<Outcome> {
        for _ in 0..=CONFLICTS_MAX {
            let (home, fresh) = self.known(&alert, now).await?;
            let arrival = self.arrived(home.case.as_ref(), alert.clone(), now)?;
            let facts = fresh.map(|fresh| self.facts_of(&arrival.after, fresh));
            let (case, steps) = match self.steps(&arrival.after, facts, Pen::Models, now).await {
                Ok(taken) => taken,
                Err(error) => {
                    self.keep(&home, &arrival).await?;
                    return Err(error);
                }
            };
            let Arrival {
                event,
                after,
                place,
            } = arrival;
            let events: Vec<Recorded> = std::iter::once(event).chain(steps).collect();
            match self.append_at(&home, &case, &events).await {
                Ok(()) => {
                    let case = if self.waits_for_a_model(&case) {
                        Box::pin(self.drive(case, now)).await?
                    } else {
                        case
                    };
                    return self.outcome(case, alert, place, after.events, now).await;
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::bail!(
            "the case of this alert kept changing while it was joined; send the alert again"
        )
    }

    /// The open case of `alert` and what the store knows beside it. Where that cannot be read, the first step that needs it says why.
    async fn known(&self, alert: &Alert, now: Timestamp) -> anyhow::Result<(Home, Option<Fresh>)> {
        let tenant = &alert.tenant;
        let (open, fresh) = match self.fresh(alert, now).await {
            Ok(fresh) => (fresh.open_case, Some(fresh)),
            Err(_) => (self.store.open_case(tenant, alert.fingerprint).await?, None),
        };
        Ok((self.home(tenant, open).await?, fresh))
    }

    /// An alert whose case is stuck is stored all the same.
    async fn keep(&self, home: &Home, arrival: &Arrival) -> anyhow::Result<()> {
        let events = std::slice::from_ref(&arrival.event);
        Ok(self.append_at(home, &arrival.after, events).await?)
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

    /// Where alerts of a fingerprint go.
    pub(super) async fn open_case(
        &self,
        tenant: &TenantId,
        fingerprint: Digest,
    ) -> anyhow::Result<Home> {
        let open = self.store.open_case(tenant, fingerprint).await?;
        self.home(tenant, open).await
    }

    async fn home(&self, tenant: &TenantId, open: Option<CaseId>) -> anyhow::Result<Home> {
        let Some(id) = open else {
            return Ok(Home::default());
        };
        match self.store.case(tenant, id).await {
            Ok(case) => Ok(Home {
                case,
                damaged: None,
            }),
            Err(cause @ (StoreError::Corrupt { .. } | StoreError::Newer { .. })) => {
                self.store.note(&cause);
                tracing::error!(case = %id, tenant = %tenant, %cause, "an alert cannot join its case and opens another; look at the store with `tierone store check`");
                Ok(Home {
                    case: None,
                    damaged: Some(id),
                })
            }
            Err(other) => Err(other.into()),
        }
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
