//! Undo: a named person takes back what was done. No kill switch, budget or breaker stops it; what nobody may touch stays untouched.
//!
//! That it was begun is an event before anything is sent, so that a crash leaves the case with a person and never with a secret.

use anyhow::Context as _;
use jiff::Timestamp;

use super::{
    App, Story,
    act::WITHIN_MS,
    answer::Claimant,
    attempt::{Bounds, Errand, Outcome, TRIES_MAX, attempt},
    denied::Denied,
    withdraw::Said,
};
use crate::{
    domain::{
        action::Action,
        case::Case,
        decision::Decision,
        event::{Body, Event},
        id::{CaseId, PersonId, TenantId},
        order::Authorized,
        sealed::Sealed,
    },
    ports::{Executor, Repetition},
};

/// What is to be undone: the attempt that was executed, and what takes it back.
pub(super) struct Undoing<'a> {
    pub(super) action: &'a Action,
    pub(super) name: String,
    pub(super) authorized: Authorized,
    pub(super) executor: &'a dyn Executor,
}

impl App {
    /// Undoes what was executed in a case of `tenant`, or says why not. Afterwards a person decides: the case is open again.
    ///
    /// What was not done, or is in doubt, is no error: the case says so, and its last attempt still stands as executed.
    pub async fn undo(
        &self,
        tenant: &TenantId,
        id: CaseId,
        claimant: &Claimant,
        reason: String,
        now: Timestamp,
    ) -> anyhow::Result<Case> {
        let person = self.person(claimant)?;
        let case = self.drive(self.existing(tenant, id).await?, now).await?;
        let events = self.store.events(tenant, id).await?;
        let undoing = self.undoing(&case, &events, &person, now).await?;
        let begun = Body::InDoubt {
            attempt: undoing.authorized.attempt(),
            known: format!("`{person}` began to undo it by `{}`", undoing.name),
        };
        let said = Said {
            by: &person,
            reason: reason.clone(),
            what: "undone",
        };
        let case = self.say(case, begun, said, now).await?;
        let body = self.taken_back(&undoing, person, reason).await?;
        let case = self.record(case, body, now).await?;
        Box::pin(self.work(case, now)).await
    }

    /// What can be undone in `case` by `person` now.
    pub(super) async fn undoing(
        &self,
        case: &Case,
        events: &[Event],
        person: &PersonId,
        now: Timestamp,
    ) -> anyhow::Result<Undoing<'_>> {
        let Some(number) = case.can_undo() else {
            let (case, phase) = (case.id, case.phase.word());
            return Err(Denied::NothingToUndo { case, phase }.into());
        };
        let (started, decision) = start(events, number)
            .with_context(|| format!("case `{}` has no start of attempt `{number}`", case.id))?;
        let proposal = decision.proposal.as_ref();
        let proposal = proposal.context("a start without a proposal; report this fault")?;
        self.may_undo(case, person, proposal, now).await?;
        let action = self.rules.catalogue.action(&proposal.action);
        let (action, name) = action
            .and_then(|action| Some((action, action.undo.clone()?)))
            .ok_or_else(|| Denied::NoUndo {
                action: proposal.action.clone(),
            })?;
        let executor = self.executors.executor(action.executor)?;
        if case.undoing.is_some() && executor.repetition() == Repetition::Unsafe {
            let action = action.id.clone();
            return Err(Denied::UndoBegun { action }.into());
        }
        let authorized = Authorized::again(started, decision, action);
        let authorized = authorized.context("the start does not allow its own repetition")?;
        Ok(Undoing {
            action,
            name,
            authorized,
            executor,
        })
    }

    async fn taken_back(
        &self,
        undoing: &Undoing<'_>,
        by: PersonId,
        reason: String,
    ) -> anyhow::Result<Body> {
        let bounds = Bounds {
            tries: TRIES_MAX,
            within_ms: WITHIN_MS,
        };
        let number = undoing.authorized.attempt();
        let errand = Errand::Undo(&undoing.name);
        let allowed = || std::future::ready(true);
        let done = attempt(
            undoing.executor,
            &undoing.authorized,
            errand,
            bounds,
            allowed,
        );
        let told = |what: &str| format!("the undo of `{}` by `{by}`: {what}", undoing.action.id);
        Ok(match done.await {
            Outcome::Executed { receipt } => Body::Undone {
                by,
                receipt,
                reason: Sealed::new(reason, self.chance.salt()?)?,
            },
            Outcome::Failed { cause } => Body::Failed {
                attempt: number,
                cause: told(&cause),
            },
            Outcome::InDoubt { known } => Body::InDoubt {
                attempt: number,
                known: told(&known),
            },
        })
    }
}

impl Story {
    /// The decision of what was executed last and not undone since.
    pub fn carried_out(&self) -> Option<&Decision> {
        let (_, decision) = start(&self.events, self.case.executed?)?;
        Some(decision)
    }
}

/// The start of an attempt, and the decision that allowed it.
fn start(events: &[Event], number: u32) -> Option<(&Event, &Decision)> {
    let (started, decided) = events.iter().find_map(|event| match &event.body {
        Body::Started {
            attempt, decided, ..
        } if *attempt == number => Some((event, *decided)),
        _ => None,
    })?;
    let decision = events.iter().find_map(|event| match &event.body {
        Body::Decided { decision } if event.number == decided => Some(decision),
        _ => None,
    })?;
    Some((started, decision))
}
