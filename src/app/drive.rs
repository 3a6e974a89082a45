//! Drive: takes a case as far as it goes. Pure steps share one commit; what a model is asked is between two.

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::time::Instant;

use super::{App, CONFLICTS_MAX, drafting::Rehearsing};
use crate::{
    domain::{case::Case, facts::Facts, recorded::Recorded},
    outbound::store::StoreError,
    pipeline::{Ports, advance},
    ports::Drafting,
};

/// The most steps that one call drives a case.
const STEPS_MAX: usize = 32;

/// Who writes the draft of a case where models are configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pen {
    /// They do, and the case waits for them.
    Models,
    /// Nobody asks them: it is a rehearsal.
    Rehearsal,
}

impl App {
    /// Drives a case as far as it goes without a person, an executor or the clock. Its pure steps share one commit; what a model is asked is
    /// between two.
    pub async fn drive(&self, case: Case, mut now: Timestamp) -> anyhow::Result<Case> {
        let mut before = case;
        for _ in 0..=CONFLICTS_MAX {
            let (after, events) = self.steps(&before, None, Pen::Models, now).await?;
            match self
                .store
                .append(&before.tenant, Some(&before), &after, &events)
                .await
            {
                Ok(()) if self.waits_for_a_model(&after) => {
                    let began = Instant::now();
                    before = self.drafted(after, now).await?;
                    now = self.since(began, now);
                }
                Ok(()) => return Ok(after),
                Err(StoreError::Conflict { .. }) => before = self.reread(&before).await?,
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::bail!(
            "case `{}` kept changing while it was driven; it stays where it is",
            before.id
        )
    }

    /// The steps that can be taken now, not yet appended; with [`Pen::Models`] those that wait for no model. `facts` are those that were read already.
    pub(crate) async fn steps(
        &self,
        case: &Case,
        mut facts: Option<Facts>,
        pen: Pen,
        now: Timestamp,
    ) -> anyhow::Result<(Case, Vec<Recorded>)> {
        let mut after = case.clone();
        let mut events = Vec::new();
        for _ in 0..STEPS_MAX {
            if pen == Pen::Models && self.waits_for_a_model(&after) {
                break;
            }
            let step = after.next(now);
            let facts = self
                .facts(&after, &step, facts.take(), now)
                .await
                .map(|read| facts.insert(read))?;
            let ports = Ports {
                embedder: &self.embedder,
                index: &self.index,
                model: self.models.as_ref().map(|_| &Rehearsing as &dyn Drafting),
            };
            let salt = self.chance.salt()?;
            let next = advance(&after, facts, ports, &self.rules, salt, now).await?;
            if next.is_empty() {
                break;
            }
            for event in next {
                events.push(after.record(event)?);
            }
        }
        Ok((after, events))
    }

    /// The time at which it was `now` when `began` was. Only a model is waited for so long that it matters, and a store that has its own clock
    /// stands still.
    pub(super) fn since(&self, began: Instant, now: Timestamp) -> Timestamp {
        match (&self.models, self.clock) {
            (Some(_), None) => now.checked_add(began.elapsed()).unwrap_or(now),
            (Some(_) | None, _) => now,
        }
    }

    pub(super) async fn reread(&self, case: &Case) -> anyhow::Result<Case> {
        let stored = self.store.case(&case.tenant, case.id).await?;
        stored.with_context(|| format!("case `{}` is gone from the store", case.id))
    }
}
