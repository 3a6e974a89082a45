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
        step::{Step, Word},
    },
    outbound::store::StoreError,
    pipeline::{
        correlate::correlate,
        gate::evaluate_without_action,
        normalise::{Intake, Item, normalise, unread},
    },
};

impl App {
    /// Takes in a payload: every alert in it is stored, joined to its case and driven as far as it goes without a person.
    pub async fn submit(&self, intake: &Intake<'_>) -> anyhow::Result<Vec<Submitted>> {
        let mut submitted = Vec::new();
        for item in normalise(&self.sources, intake) {
            submitted.push(match item {
                Item::Control { source, control } => Submitted::Control { source, control },
                Item::Alert(alert) => {
                    Submitted::Alert(self.receive(alert, intake.received_at).await?)
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
        Ok(vec![Submitted::Alert(self.receive(alert, now).await?)])
    }

    async fn receive(&self, alert: Alert, now: Timestamp) -> anyhow::Result<Outcome> {
        let (case, place) = self.join(alert.clone(), now).await?;
        let joined_at = case.events;
        let case = self.drive(case, now).await?;
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

    /// Appends the alert to its open case, or opens one.
    async fn join(&self, alert: Alert, now: Timestamp) -> anyhow::Result<(Case, Place)> {
        let tenant = alert.tenant.clone();
        for _ in 0..=CONFLICTS_MAX {
            let open = match self.store.open_case(&tenant, alert.fingerprint).await? {
                Some(id) => self.store.case(&tenant, id).await?,
                None => None,
            };
            let id = self.chance.case_id(&alert, now)?;
            let body = correlate(open.as_ref(), alert.clone(), self.chance.salt()?)?;
            let (event, after, place) = if let Some(case) = &open {
                let event = case.event(body, now);
                let mut after = case.clone();
                after.apply(&event)?;
                (event, after, Place::Joined)
            } else {
                let event = first(&tenant, id, body, now);
                let after = Case::open(&event)?;
                (event, after, Place::First)
            };
            match self
                .store
                .append(&tenant, open.as_ref(), &after, &[event])
                .await
            {
                Ok(()) => return Ok((after, place)),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::bail!(
            "the case of this alert kept changing while it was joined; send the alert again"
        )
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
