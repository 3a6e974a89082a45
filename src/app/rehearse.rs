//! Rehearse: what would be appended and what would be sent, word for word, with nothing appended and nothing sent.
//!
//! It takes the steps that the real thing takes, on a case in memory, up to the order that would be given. Whatever the store says, it says now.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    App, Pen, Submitted,
    act::PATIENCE,
    answer::{Claimant, Wish},
    facts::facts_of,
    seen,
    withdraw::not_now,
};
use crate::{
    domain::{
        alert::Alert,
        canonical::Digest,
        case::Case,
        decision::Effect,
        event::{Event, Sight},
        facts::StoreKind,
        id::{CaseId, TenantId},
        order::Order,
        recorded::Recorded,
        step::Step,
    },
    pipeline::{
        admit::{Caller, check},
        normalise::{Intake, Item, unread},
    },
};

/// What would come of something.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// The case as it would be before anything is sent.
    pub case: Case,
    /// The events that would be appended up to there.
    pub events: Vec<Event>,
    /// What would be sent.
    pub sends: Sends,
}

/// What would be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sends {
    /// Exactly this, with only times, signatures and secrets left out.
    Now(String),
    /// This, once the release is attested and promoted.
    Promoted(String),
    /// Nothing.
    Nothing(String),
}

/// What was rehearsed before in one run, so that a repeat finds the case that an earlier alert would have opened.
#[derive(Debug, Default)]
pub struct Stage {
    open: BTreeMap<Digest, Case>,
}

impl Rehearsed {
    /// What is shown of it.
    fn seen(
        case: &Case,
        events: Vec<Recorded>,
        sends: Sends,
        store: StoreKind,
    ) -> anyhow::Result<Self> {
        let events = events.into_iter().map(Recorded::into_event);
        Ok(Self {
            events: seen::events(case, events)?,
            case: seen::case(case, store)?,
            sends,
        })
    }
}

impl Sends {
    fn promoted(self) -> Self {
        match self {
            Self::Now(text) | Self::Promoted(text) => Self::Promoted(text),
            Self::Nothing(why) => Self::Nothing(why),
        }
    }
}

impl App {
    /// What would come of granting `wish`.
    pub async fn rehearse_answer(
        &self,
        tenant: &TenantId,
        id: CaseId,
        claimant: &Claimant,
        wish: Wish,
        now: Timestamp,
    ) -> anyhow::Result<Rehearsed> {
        let person = self.person(claimant)?;
        let stored = self.existing(tenant, id).await?;
        let (mut case, mut events) = self.steps(&stored, None, Pen::Rehearsal, now).await?;
        self.may(&case, &person, &wish, now).await?;
        let what = wish.word();
        let body = self.body(&case, &person, claimant.proof, wish, now)?;
        let mut after = case.clone();
        let answered = after.record(case.event(body, now));
        events.push(answered.map_err(|why| not_now(&case, what, why))?);
        let more;
        (case, more) = self.steps(&after, None, Pen::Rehearsal, now).await?;
        events.extend(more);
        let sends = self.would_send(&case, now).await?;
        Rehearsed::seen(&case, events, sends, self.kind())
    }

    /// What would come of undoing what was executed.
    pub async fn rehearse_undo(
        &self,
        tenant: &TenantId,
        id: CaseId,
        claimant: &Claimant,
        now: Timestamp,
    ) -> anyhow::Result<Rehearsed> {
        let person = self.person(claimant)?;
        let stored = self.existing(tenant, id).await?;
        let (case, events) = self.steps(&stored, None, Pen::Rehearsal, now).await?;
        let mut story = self.store.events(tenant, id).await?;
        story.extend(events.iter().cloned().map(Recorded::into_event));
        let undoing = self.undoing(&case, &story, &person, now).await?;
        let order = undoing.authorized.order();
        let preview = undoing.executor.preview_undo(order, &undoing.name)?;
        let sends = Sends::Now(seen::text(&case, &preview)?);
        Rehearsed::seen(&case, events, sends, self.kind())
    }

    /// What would come of taking a payload in. The same alert twice in one run is known for a repeat, and not for a replay.
    pub async fn rehearse_intake(
        &self,
        intake: &Intake<'_>,
        stage: &mut Stage,
    ) -> anyhow::Result<Vec<(Submitted, Sends)>> {
        let mut rehearsed = Vec::new();
        for item in self.reading.items(intake) {
            rehearsed.push(match item {
                Item::Control { source, control } => {
                    let control = Submitted::Control { source, control };
                    (control, Sends::Nothing("it is no alert".into()))
                }
                Item::Alert(alert) => {
                    let arriving = self.rehearse_alert(alert, intake.received_at, stage);
                    Box::pin(arriving).await?
                }
            });
        }
        Ok(rehearsed)
    }

    /// The same for a payload that could not even be read.
    pub async fn rehearse_unread(
        &self,
        tenant: &TenantId,
        name: &str,
        cause: &std::io::Error,
        now: Timestamp,
        stage: &mut Stage,
    ) -> anyhow::Result<Vec<(Submitted, Sends)>> {
        let alert = unread(tenant, name, &cause.to_string(), now);
        let arriving = self.rehearse_alert(alert, now, stage);
        Ok(vec![Box::pin(arriving).await?])
    }

    async fn rehearse_alert(
        &self,
        alert: Alert,
        now: Timestamp,
        stage: &mut Stage,
    ) -> anyhow::Result<(Submitted, Sends)> {
        let fingerprint = alert.fingerprint;
        let before = match stage.open.remove(&fingerprint) {
            Some(case) => Some(case),
            None => self.open_case(&alert.tenant, fingerprint).await?.case,
        };
        let arrival = self.arrived(before.as_ref(), alert.clone(), now)?;
        let (case, _) = self
            .steps(&arrival.after, None, Pen::Rehearsal, now)
            .await?;
        let joined_at = arrival.after.events;
        let case = self.asked_blind(case);
        let sends = match &case.decided {
            // What it would send is what the agent thinks of it.
            Some(_) if case.is_blind() => Sends::Nothing("it would be asked blind".into()),
            Some((number, decision)) if *number > joined_at => {
                match (self.would_send(&case, now).await?, decision.would) {
                    // The start would come right after the decision.
                    (Sends::Nothing(_), Effect::Fire) => {
                        self.preview(&case, number + 1)?.promoted()
                    }
                    (sends, _) => sends,
                }
            }
            Some(_) | None => Sends::Nothing("it would not be decided on".into()),
        };
        if case.is_open() {
            stage.open.insert(fingerprint, case.clone());
        }
        let outcome = self.outcome(case, alert, arrival.place, joined_at, now);
        let seen = outcome.await?.seen(self.kind())?;
        Ok((Submitted::Alert(seen), sends))
    }

    /// A rehearsed case that could be asked blind is: it has a draw of its own, and who tried often enough would see what the real one hides.
    fn asked_blind(&self, mut case: Case) -> Case {
        let decided = case.decided.as_ref();
        let drawn = decided.is_some_and(|(_, decision)| decision.is_eligible());
        if let Some(ask) = case.ask.as_mut()
            && drawn
            && self.store.kind() != StoreKind::Demo
        {
            ask.sight = Sight::Blind;
        }
        case
    }

    /// What the next step of `case` would send: what admission would read is read, and the order is made as it would be.
    async fn would_send(&self, case: &Case, now: Timestamp) -> anyhow::Result<Sends> {
        match case.next(now) {
            Step::Admit => {}
            step => {
                let next = step.word();
                return Ok(Sends::Nothing(format!("what would be next is: {next}")));
            }
        }
        let caller = Caller {
            process: self.process.clone(),
            patience: PATIENCE,
        };
        let (alert, sealed) = (case.alert()?, case.alert.digest());
        let wanted = self.wanted(now);
        let fresh = self.store.fresh(&case.tenant, alert, sealed, wanted);
        let fresh = fresh.await?;
        let facts = facts_of(self.nothing_read(case), fresh, self.on_disk());
        match check(case, &facts, &self.rules, &caller, now) {
            Ok(_) => self.preview(case, case.events + 1),
            Err(refusal) => Ok(Sends::Nothing(format!(
                "admission would refuse it, and it would be decided again: {refusal}"
            ))),
        }
    }

    /// The order of the last decision, as its executor would send it when event `number` starts it.
    fn preview(&self, case: &Case, number: u64) -> anyhow::Result<Sends> {
        let Some((decision, action)) = self.decided(case) else {
            return Ok(Sends::Nothing(
                "nothing was decided that could be sent".into(),
            ));
        };
        let order = Order::of(decision, action, case.id, &case.tenant, number);
        let Some(order) = order else {
            return Ok(Sends::Nothing("no action is proposed".into()));
        };
        Ok(match self.executors.executor(action.executor) {
            Ok(executor) => Sends::Now(seen::text(case, &executor.preview(&order)?)?),
            Err(fault) => Sends::Nothing(format!("it would fail: {fault}")),
        })
    }
}
