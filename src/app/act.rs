//! Acting: from a decision that fires to a receipt, a probe, a closing and a precedent. Each of these is an event before the next begins.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{
    App,
    attempt::{self, Bounds, Errand, Outcome, TRIES_MAX, attempt},
    facts::{KillFile, facts_of},
    rules::redaction,
};
use crate::{
    domain::{
        action::Action,
        case::{Case, Lateness},
        decision::{Decision, Principal},
        event::{Body, Event, Probe},
        facts::Kill,
        order::{Authorized, Order},
        paged::Paged,
        step::{Step, Word},
    },
    outbound::{
        pagerduty::Alarm,
        store::{Admitted, Fresh, StoreError},
    },
    pipeline::{
        admit::{Caller, Refusal, check},
        gate::{Question, decide},
        learn::learn,
    },
    ports::{Fault, Repetition},
};

/// How long an attempt may take before it is in doubt.
pub(super) const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// No try of one attempt begins later than this after the first.
pub(super) const WITHIN_MS: u64 = 40_000;
/// How long after its start an attempt without a receipt is repeated under its key: receivers do not remember keys for ever.
const REPEAT_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// How often a receipt is appended again because something else was appended first.
const RECEIPT_CONFLICTS_MAX: usize = 64;
/// The most rounds of deciding and acting of one call.
const ROUNDS_MAX: usize = 8;

/// The decision about which nobody answered in time, while its ask is open.
fn overdue(case: &Case) -> Option<u64> {
    let ask = case.ask.as_ref()?;
    (ask.lateness == Lateness::Overdue).then_some(ask.decided)
}

impl App {
    /// Drives a case as far as it goes, acting where it is admitted.
    pub async fn work(&self, case: Case, now: Timestamp) -> anyhow::Result<Case> {
        let (began, taken_up) = (Instant::now(), now);
        let overdue = overdue(&case);
        let after = Box::pin(self.worked(case, (began, taken_up))).await?;
        if let Some(decided) = overdue
            && self::overdue(&after) != Some(decided)
        {
            self.call_off(&after, decided).await;
        }
        Ok(after)
    }

    async fn worked(
        &self,
        case: Case,
        (began, taken_up): (Instant, Timestamp),
    ) -> anyhow::Result<Case> {
        let now = taken_up;
        let mut case = self.drive(case, now).await?;
        for _ in 0..ROUNDS_MAX {
            // A deadline counts from when the call is made, and each drive may have waited for a model.
            let now = self.since(began, taken_up);
            let before = case.events;
            case = match case.next(now) {
                Step::Admit => Box::pin(self.admit(case, now)).await?,
                Step::Recover => self.recover(case, now).await?,
                Step::Verify => self.verify(case, now).await?,
                Step::Learn => self.learn(case, now).await?,
                Step::Page => self.page(case, now).await?,
                _ => return Ok(case),
            };
            if case.events == before {
                break;
            }
            case = self.drive(case, now).await?;
        }
        Ok(case)
    }

    /// The last group let the ask run out: whoever is on call is told, and the case says what came of it and stays open.
    async fn page(&self, case: Case, now: Timestamp) -> anyhow::Result<Case> {
        let Some(ask) = &case.ask else {
            return Ok(case);
        };
        let alarm = Alarm {
            tenant: case.tenant.clone(),
            case: case.id,
            decided: ask.decided,
            urgency: case.urgency,
            group: ask.group.clone(),
            since: case.waits_until(ask),
        };
        let paged = match self.executors.pager() {
            Ok(pager) => attempt::page(pager, &alarm).await.into(),
            Err(fault) => Paged::Unsent {
                cause: fault.to_string(),
            },
        };
        if let Paged::Unsent { cause } = &paged {
            tracing::error!(case = %case.id, tenant = %case.tenant, %cause, "nobody answered in time, and nobody was paged");
        }
        let body = Body::Expired {
            digest: ask.digest,
            paged: Some(paged),
        };
        self.append_one(case, body, now).await
    }

    /// Whoever is on call need not come: somebody answered. Where that is not told, the page stays open until somebody closes it there.
    async fn call_off(&self, case: &Case, decided: u64) {
        let Ok(pager) = self.executors.pager() else {
            return;
        };
        match attempt::call_off(pager, case.id, decided).await {
            Outcome::Executed { .. } => {
                tracing::info!(case = %case.id, "a case that was overdue was answered, its page is resolved");
            }
            Outcome::Failed { cause } | Outcome::InDoubt { known: cause } => {
                tracing::warn!(case = %case.id, %cause, "a case that was overdue was answered, but its page could not be resolved; close it there");
            }
        }
    }

    async fn admit(&self, case: Case, now: Timestamp) -> anyhow::Result<Case> {
        let caller = Caller {
            process: self.process.clone(),
            patience: PATIENCE,
        };
        let base = self.nothing_read(&case);
        let rules = Arc::clone(&self.rules);
        let (kill_file, running) = (self.kill_file.clone(), Arc::clone(&self.running));
        let check = move |case: &Case, fresh: Fresh| {
            let facts = facts_of(base, fresh, running.look(kill_file.as_deref()));
            check(case, &facts, &rules, &caller, now).map(|body| case.event(body, now))
        };
        let wanted = self.wanted(now);
        let admitted = self.store.admit(&case.tenant, &case, wanted, check);
        match admitted.await {
            Ok(Admitted::Started { case, event }) => Box::pin(self.call(*case, *event, now)).await,
            Ok(Admitted::Refused(refusal)) => self.refused(case, &refusal, now).await,
            Err(StoreError::Conflict { .. }) => self.reread(&case).await,
            Err(error) => Err(error.into()),
        }
    }

    /// What admission refused is decided again, on the same word and on facts of now.
    async fn refused(&self, case: Case, refusal: &Refusal, now: Timestamp) -> anyhow::Result<Case> {
        tracing::warn!(case = %case.id, %refusal, "admission refused, the case is decided again");
        let word = match case
            .decided
            .as_ref()
            .map(|(_, decision)| &decision.principal)
        {
            Some(Principal::Person(by)) => Word::Approval(by.clone()),
            Some(Principal::Agent) | None => Word::Agent,
        };
        let facts = self
            .facts(&case, &Step::Decide(word.clone()), None, now)
            .await?;
        let question = Question {
            case: &case,
            word: &word,
            facts: &facts,
            rules: &self.rules,
            now,
        };
        let decision = decide(question)?;
        self.append_one(case, Body::Decided { decision }, now).await
    }

    /// Makes the call that `started` allows.
    async fn call(&self, case: Case, started: Event, now: Timestamp) -> anyhow::Result<Case> {
        let Some((decision, action)) = self.decided(&case) else {
            return Ok(case);
        };
        let authorized = Authorized::from_started(&started, decision, action, &self.process);
        let Some(authorized) = authorized else {
            return Ok(case);
        };
        let body = self.carried_out(&case, &authorized, action).await;
        self.record(case, body, now).await
    }

    /// An attempt without a receipt: repeated under the same key where that is safe, else a person decides.
    async fn recover(&self, case: Case, now: Timestamp) -> anyhow::Result<Case> {
        let events = self.store.events(&case.tenant, case.id).await?;
        let started = events
            .iter()
            .rev()
            .find(|event| matches!(event.body, Body::Started { .. }));
        let (Some(started), Some((decision, action))) = (started, self.decided(&case)) else {
            return Ok(case);
        };
        let repetition = match self.executors.executor(action.executor) {
            Ok(executor) => executor.repetition(),
            Err(_) => Repetition::Unsafe,
        };
        let number = case.attempt.as_ref().map_or(0, |attempt| attempt.number);
        let again = match repetition {
            Repetition::Idempotent if now.duration_since(started.at) <= REPEAT_WITHIN => {
                Authorized::again(started, decision, action)
            }
            Repetition::Idempotent | Repetition::Unsafe => None,
        };
        let body = match again {
            Some(authorized) => self.carried_out(&case, &authorized, action).await,
            None => Body::InDoubt {
                attempt: number,
                known: format!(
                    "the process that started `{}` left no receipt, and it may not be repeated without a person",
                    action.id
                ),
            },
        };
        self.record(case, body, now).await
    }

    /// What came of carrying it out. Kill switches are read once more before each try's first byte leaves.
    async fn carried_out(&self, case: &Case, authorized: &Authorized, action: &Action) -> Body {
        let number = authorized.attempt();
        let executor = match self.executors.executor(action.executor) {
            Ok(executor) => executor,
            Err(fault) => {
                return Body::Failed {
                    attempt: number,
                    cause: fault.to_string(),
                };
            }
        };
        let bounds = Bounds {
            tries: TRIES_MAX,
            within_ms: WITHIN_MS,
        };
        let bound = self.is_bound_by_kills(case);
        let allowed = || async move { !bound || !self.is_killed(authorized.order()).await };
        match attempt(executor, authorized, Errand::Execute, bounds, allowed).await {
            Outcome::Executed { receipt } => Body::Executed {
                attempt: number,
                receipt,
            },
            Outcome::Failed { cause } => Body::Failed {
                attempt: number,
                cause,
            },
            Outcome::InDoubt { known } => Body::InDoubt {
                attempt: number,
                known,
            },
        }
    }

    /// Kill switches bind the agent always, and a person unless the action is of radius 0.
    fn is_bound_by_kills(&self, case: &Case) -> bool {
        let Some((decision, action)) = self.decided(case) else {
            return true;
        };
        match (&decision.principal, case.alert.content()) {
            (Principal::Person(_), Some(alert)) => action.radius_on(alert, case.urgency) > 0,
            (Principal::Person(_), None) | (Principal::Agent, _) => true,
        }
    }

    /// Whether anything is switched off that stops `order`. What cannot be read is off.
    async fn is_killed(&self, order: &Order) -> bool {
        if self.kill_file() != KillFile::Absent {
            return true;
        }
        match self.store.kills(&order.tenant).await {
            Err(_) => true,
            Ok(kills) => [
                Kill::Global,
                Kill::Tenant(order.tenant.clone()),
                Kill::Action(order.action.clone()),
            ]
            .iter()
            .any(|kill| kills.contains(kill)),
        }
    }

    async fn verify(&self, case: Case, now: Timestamp) -> anyhow::Result<Case> {
        let Some((decision, action)) = self.decided(&case) else {
            return Ok(case);
        };
        let order = Order::of(decision, action, case.id, &case.tenant, case.events);
        let probe = action.verify.clone();
        let executor = self.executors.executor(action.executor);
        let result = match (order, executor) {
            (Some(order), Ok(executor)) => executor.verify(&order, &probe).await,
            (None, _) => Err(Fault::Permanent("there is no order to verify".into())),
            (_, Err(fault)) => Err(fault),
        };
        let result = result.unwrap_or_else(|fault| {
            tracing::warn!(case = %case.id, %fault, "the probe could not run, a person is asked");
            Probe::NotHeld
        });
        self.record(case, Body::Verified { probe, result }, now)
            .await
    }

    async fn learn(&self, case: Case, now: Timestamp) -> anyhow::Result<Case> {
        let events = self.store.events(&case.tenant, case.id).await?;
        let (kind, rules) = (self.store.kind(), &self.rules);
        let Some(precedent) = learn(&case, &events, kind, rules, redaction()?) else {
            return Ok(case);
        };
        let (rows, id) = (std::slice::from_ref(&precedent), &precedent.id);
        let made = self
            .store
            .precedents_named(&case.tenant, std::slice::from_ref(id));
        // One that was made before a crash may have been confirmed since: it is left as it is.
        if made.await?.is_empty() {
            self.store.add_precedents(&case.tenant, rows).await?;
        }
        self.index_rows(rows.to_vec()).await?;
        let body = Body::Learned {
            precedent: precedent.id,
        };
        self.append_one(case, body, now).await
    }

    pub(super) fn decided<'a>(&'a self, case: &'a Case) -> Option<(&'a Decision, &'a Action)> {
        let (_, decision) = case.decided.as_ref()?;
        let proposal = decision.proposal.as_ref()?;
        Some((decision, self.rules.catalogue.action(&proposal.action)?))
    }

    /// Appends what came of a call, whatever else was appended meanwhile: a receipt must not be lost to a repeat that came in between.
    pub(super) async fn record(
        &self,
        case: Case,
        body: Body,
        now: Timestamp,
    ) -> anyhow::Result<Case> {
        let mut before = case;
        for _ in 0..=RECEIPT_CONFLICTS_MAX {
            let mut after = before.clone();
            let event = match after.record(before.event(body.clone(), now)) {
                Ok(event) => event,
                Err(why) => {
                    tracing::warn!(case = %before.id, kind = body.kind(), %why, "somebody else recorded what came of the call");
                    return Ok(before);
                }
            };
            let events = [event];
            let appended = self
                .store
                .append(&before.tenant, Some(&before), &after, &events);
            match appended.await {
                Ok(()) => return Ok(after),
                Err(StoreError::Conflict { .. }) => before = self.reread(&before).await?,
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::bail!(
            "case `{}` kept changing while what came of a call was recorded; look at it with `cases show`",
            before.id
        )
    }

    pub(super) async fn append_one(
        &self,
        case: Case,
        body: Body,
        now: Timestamp,
    ) -> anyhow::Result<Case> {
        let mut after = case.clone();
        let events = [after.record(case.event(body, now))?];
        match self
            .store
            .append(&case.tenant, Some(&case), &after, &events)
            .await
        {
            Ok(()) => Ok(after),
            Err(StoreError::Conflict { .. }) => self.reread(&case).await,
            Err(error) => Err(error.into()),
        }
    }
}
