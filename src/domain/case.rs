//! A case: the fold of its append-only events, and what it needs next. There is no second truth.

mod blind;
mod fold;
mod phase;

pub use phase::{Ask, Attempt, Lateness, Phase};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    alert::{Alert, Status},
    canonical::{Digest, NotCanonical},
    decision::{Decision, Effect, Principal},
    draft::{Disposition, Draft, Standing},
    event::{Body, EVENT_VERSION, Event, LookAlike},
    id::{CaseId, PersonId, PrecedentId, TenantId},
    proposal::{Plan, Proposal},
    recorded::Recorded,
    sealed::Sealed,
    severity::Severity,
    step::{Step, Word},
};

/// One alert and its repeats: the unit of decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: CaseId,
    /// How many events it has.
    pub events: u64,
    /// Digest of the last event.
    pub head: Digest,
    /// The alert that is decided on: the first, or the repeat that asked for a new decision.
    pub alert: Sealed<Alert>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// How many firing alerts it holds.
    pub occurrences: u64,
    /// The gravest severity seen.
    pub urgency: Severity,
    /// Whether the signal is on.
    pub signal: Status,
    /// Values of entities that were seen.
    pub entities: BTreeSet<String>,
    /// Where it stands.
    pub phase: Phase,
    /// What retrieval found.
    pub found: Vec<LookAlike>,
    /// The plan.
    pub plan: Option<Plan>,
    /// The endpoints that its text was sent to, and what that took.
    pub called: BTreeMap<String, Spent>,
    /// The draft and whether it is a key.
    pub draft: Option<(Sealed<Draft>, Standing)>,
    /// The last decision and the number of its event.
    pub decided: Option<(u64, Decision)>,
    /// When that was.
    pub decided_at: Option<Timestamp>,
    /// The ask that is open.
    pub ask: Option<Ask>,
    /// What a person chose to do instead.
    pub proposed: Option<Proposal>,
    /// The last attempt.
    pub attempt: Option<Attempt>,
    /// The number of the last attempt that was executed and not undone since.
    pub executed: Option<u32>,
    /// The number of the attempt of which an undo was begun and has no end yet.
    pub undoing: Option<u32>,
    /// The precedents that were made of it, oldest first. Only the last can stand, and only while the case is learned.
    pub learned: Vec<PrecedentId>,
    /// Who claimed it.
    pub claimed_by: Option<PersonId>,
    /// Put off until then.
    pub snoozed_until: Option<Timestamp>,
    /// How it ended.
    pub closed: Option<(Principal, Disposition)>,
}

/// What calls of a model took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tokens, prompts and replies together.
    pub tokens: u64,
    /// Cost, in millionths of the currency of the price table.
    pub cost_micros: u64,
}

/// Why an event does not belong to a case. The event is not applied; the case is as before.
#[derive(Debug, thiserror::Error)]
pub enum Illegal {
    /// Written by a newer build.
    #[error(
        "event {number} has version {version}, this build reads up to {EVENT_VERSION}; upgrade before touching this case"
    )]
    Newer {
        /// Its place.
        number: u64,
        /// Its version.
        version: u32,
    },
    /// The chain is broken.
    #[error(
        "event {number} does not follow event {after} of this case; the log was changed, restore it from a backup"
    )]
    Chain {
        /// Its place.
        number: u64,
        /// The last place.
        after: u64,
    },
    /// It cannot happen here.
    #[error("`{kind}` cannot follow in phase {phase}")]
    Order {
        /// Its kind.
        kind: &'static str,
        /// Where the case stands.
        phase: String,
    },
    /// A case begins with the alert that opened it.
    #[error("a case begins with `received`, not with `{0}`")]
    Beginning(&'static str),
    /// Its content is gone.
    #[error("the alert of this case was erased")]
    Erased,
    /// It cannot be hashed.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
}

/// Folds events, oldest first, into a case.
pub fn replay(events: &[Event]) -> Result<Case, Illegal> {
    let (first, rest) = events.split_first().ok_or(Illegal::Beginning("nothing"))?;
    let mut case = Case::open(first)?;
    for event in rest {
        case.apply(event)?;
    }
    Ok(case)
}

impl Case {
    /// Opens a case with its first event.
    pub fn open(event: &Event) -> Result<Self, Illegal> {
        Self::opened(event, event.digest()?)
    }

    /// The same with an event that is recorded.
    pub fn open_recorded(event: &Recorded) -> Result<Self, Illegal> {
        Self::opened(event, event.digest())
    }

    fn opened(event: &Event, head: Digest) -> Result<Self, Illegal> {
        readable_version(event)?;
        let Body::Received {
            alert,
            status,
            urgency,
        } = &event.body
        else {
            return Err(Illegal::Beginning(event.body.kind()));
        };
        if event.number != 1 || event.previous != Digest::ZERO {
            return Err(Illegal::Chain {
                number: event.number,
                after: 0,
            });
        }
        Ok(Self {
            tenant: event.tenant.clone(),
            id: event.case,
            events: 1,
            head,
            alert: alert.clone(),
            opened_at: event.at,
            occurrences: u64::from(*status == Status::Firing),
            urgency: *urgency,
            signal: *status,
            entities: entity_values(alert),
            phase: match status {
                Status::Firing => Phase::Received,
                Status::Resolved => Phase::Quiet,
            },
            found: Vec::new(),
            plan: None,
            called: BTreeMap::new(),
            draft: None,
            decided: None,
            decided_at: None,
            ask: None,
            proposed: None,
            attempt: None,
            executed: None,
            undoing: None,
            learned: Vec::new(),
            claimed_by: None,
            snoozed_until: None,
            closed: None,
        })
    }

    /// The event that would follow with this body.
    pub fn event(&self, body: Body, at: Timestamp) -> Event {
        Event {
            version: EVENT_VERSION,
            tenant: self.tenant.clone(),
            case: self.id,
            number: self.events + 1,
            at,
            previous: self.head,
            body,
        }
    }

    /// Applies the next event. On an error the case is as it was.
    pub fn apply(&mut self, event: &Event) -> Result<(), Illegal> {
        self.follow(event, event.digest()?)
    }

    /// Records the next event and applies it. On an error the case is as it was.
    pub fn record(&mut self, event: Event) -> Result<Recorded, Illegal> {
        let event = Recorded::new(event)?;
        self.follow(&event, event.digest())?;
        Ok(event)
    }

    fn follow(&mut self, event: &Event, head: Digest) -> Result<(), Illegal> {
        readable_version(event)?;
        if event.number != self.events + 1
            || event.previous != self.head
            || event.case != self.id
            || event.tenant != self.tenant
        {
            return Err(Illegal::Chain {
                number: event.number,
                after: self.events,
            });
        }
        if !self.fold(event) {
            return Err(Illegal::Order {
                kind: event.body.kind(),
                phase: self.phase.word().into(),
            });
        }
        self.events = event.number;
        self.head = head;
        Ok(())
    }

    /// What is to be done next.
    pub fn next(&self, now: Timestamp) -> Step {
        match &self.phase {
            Phase::Closed if self.can_be_learnt() => Step::Learn,
            Phase::Quiet | Phase::Closed | Phase::Learned => Step::Rest,
            Phase::Received => Step::Retrieve,
            Phase::Retrieved => Step::Plan,
            Phase::Planned => Step::Draft,
            Phase::Drafted => Step::Decide(Word::Agent),
            Phase::Decided if self.fires() => Step::Admit,
            Phase::Decided | Phase::Expired | Phase::Doubtful => Step::Ask,
            Phase::Asked => self.next_asked(now),
            Phase::Approved(person) => Step::Decide(Word::Approval(person.clone())),
            Phase::Proposed(person) => Step::Decide(Word::Proposal(person.clone())),
            Phase::Concluded(..) | Phase::Verified => Step::Close,
            Phase::Started => self.next_started(now),
            Phase::Executed => Step::Verify,
        }
    }

    /// When the case next needs tierone itself, from `now` on; `None` where a person or nothing is awaited.
    pub fn due(&self, now: Timestamp) -> Option<Timestamp> {
        match self.next(now) {
            Step::Rest => None,
            Step::AwaitAnswer(until) | Step::AwaitReceipt(until) => (until > now).then_some(until),
            Step::Retrieve
            | Step::Plan
            | Step::Draft
            | Step::Decide(_)
            | Step::Ask
            | Step::Expire
            | Step::Page
            | Step::Admit
            | Step::Recover
            | Step::Verify
            | Step::Close
            | Step::Learn => Some(now),
        }
    }

    /// Since when the open ask is the next group's, if it is by `now`. The last group's stays its own, however late.
    pub fn passed_on(&self, now: Timestamp) -> Option<Timestamp> {
        let ask = self.ask.as_ref().filter(|ask| !ask.later.is_empty())?;
        Some(self.waits_until(ask)).filter(|until| *until <= now)
    }

    /// Whether it needs tierone itself by `now`.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due(now).is_some_and(|at| at <= now)
    }

    /// The alert, unless it was erased.
    pub fn alert(&self) -> Result<&Alert, Illegal> {
        self.alert.content().ok_or(Illegal::Erased)
    }

    /// Whether a repeat can still join.
    pub fn is_open(&self) -> bool {
        !matches!(self.phase, Phase::Closed | Phase::Learned)
    }

    /// The number of the attempt that can be undone now: it was executed, and nothing is under way.
    pub fn can_undo(&self) -> Option<u32> {
        self.executed.filter(|_| self.phase.can_be_undone())
    }

    /// The precedent that rests on how the case ended. It falls with that ending.
    pub fn standing_precedent(&self) -> Option<&PrecedentId> {
        self.learned.last().filter(|_| self.phase == Phase::Learned)
    }

    /// Only what a person decided on, and whose alert is still there, becomes a precedent.
    fn can_be_learnt(&self) -> bool {
        matches!(self.closed, Some((Principal::Person(_), _)))
            && self.decided.is_some()
            && self.alert.content().is_some()
    }

    fn next_asked(&self, now: Timestamp) -> Step {
        let Some(ask) = &self.ask else {
            return Step::Ask;
        };
        let until = self.waits_until(ask);
        match ask.lateness {
            Lateness::InTime if until > now => Step::AwaitAnswer(until),
            Lateness::InTime if ask.later.is_empty() => Step::Page,
            Lateness::InTime => Step::Expire,
            Lateness::Overdue => Step::AwaitAnswer(until),
        }
    }

    /// Until when its open ask waits: as it says, or as long as the case is put off, whichever is later.
    pub fn waits_until(&self, ask: &Ask) -> Timestamp {
        self.snoozed_until
            .map_or(ask.expires_at, |until| until.max(ask.expires_at))
    }

    fn next_started(&self, now: Timestamp) -> Step {
        match &self.attempt {
            Some(attempt) if attempt.deadline > now => Step::AwaitReceipt(attempt.deadline),
            Some(_) | None => Step::Recover,
        }
    }

    /// On whose word the last decision was made.
    fn decided_by(&self) -> Option<&Principal> {
        let (_, decision) = self.decided.as_ref()?;
        Some(&decision.principal)
    }

    /// Whether the last decision lets its action be admitted.
    fn fires(&self) -> bool {
        self.decided
            .as_ref()
            .is_some_and(|(_, decision)| decision.verdict.effect == Effect::Fire)
    }
}

fn readable_version(event: &Event) -> Result<(), Illegal> {
    if event.version > EVENT_VERSION {
        return Err(Illegal::Newer {
            number: event.number,
            version: event.version,
        });
    }
    Ok(())
}

fn entity_values(alert: &Sealed<Alert>) -> BTreeSet<String> {
    let entities = alert.content().map(|alert| alert.entities.as_slice());
    entities
        .unwrap_or_default()
        .iter()
        .map(|entity| entity.value.clone())
        .collect()
}
