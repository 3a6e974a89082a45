//! A little model of who allowed what, kept from the accepted events alone and knowing nothing of phases.

use std::collections::BTreeMap;

use tierone::domain::{
    answer::Answer,
    canonical::Digest,
    decision::{Decision, Effect, Principal},
    event::{Again, Body, Event, Probe},
    id::PersonId,
    proposal::Proposal,
    step::Step,
};

/// What is known of a case's authority.
#[derive(Debug, Default)]
pub struct Model {
    decisions: BTreeMap<u64, Decision>,
    open: Option<Open>,
    approved: Option<PersonId>,
    proposed: Option<PersonId>,
    may_start: Option<u64>,
    starts: u32,
    executed: bool,
    undoing: bool,
    world: World,
    closed_by: Option<Principal>,
}

#[derive(Debug)]
struct Open {
    digest: Digest,
    offered: Option<Proposal>,
}

/// What may have happened in the world.
#[derive(Debug, Default, PartialEq, Eq)]
enum World {
    /// Nothing, or something whose end is known.
    #[default]
    Settled,
    /// A call may be under way.
    UnderWay,
    /// A receipt is there, no probe yet.
    Received,
    /// The probe held.
    Held,
    /// A person ended the case.
    Concluded,
}

impl Model {
    /// Takes an event that the case accepted, and fails where it should not have.
    pub fn accept(&mut self, event: &Event) {
        match &event.body {
            Body::Decided { decision } => self.decided(event.number, decision),
            Body::Asked {
                decided, digest, ..
            } => self.asked(*decided, *digest),
            Body::Answered {
                digest, by, answer, ..
            } => self.answered(*digest, by, answer),
            Body::Started { .. } => self.started(&event.body),
            Body::Executed { attempt, .. } => {
                self.received(*attempt, World::Received);
                self.executed = true;
            }
            Body::Failed { attempt, .. } | Body::InDoubt { attempt, .. }
                if self.world == World::UnderWay =>
            {
                self.received(*attempt, World::Settled);
            }
            Body::InDoubt { .. } => {
                assert!(self.executed, "in doubt about what was never executed");
                self.undoing = true;
                self.reopen();
            }
            Body::Failed { .. } => {
                let begun = std::mem::take(&mut self.undoing);
                assert!(begun, "an undo failed that nobody began");
                self.reopen();
            }
            Body::Verified { result, .. } => {
                assert_eq!(self.world, World::Received, "verified without a receipt");
                self.world = match result {
                    Probe::Held => World::Held,
                    Probe::NotHeld => World::Settled,
                };
            }
            Body::Undone { .. } => {
                assert!(
                    std::mem::take(&mut self.executed),
                    "undone what was never executed"
                );
                self.undoing = false;
                self.reopen();
            }
            Body::Closed { by, .. } => self.closed(by),
            Body::Reopened { .. } => {
                assert!(self.closed_by.take().is_some(), "reopened an open case");
            }
            Body::Learned { .. } => {
                let by = &self.closed_by;
                assert!(
                    matches!(by, Some(Principal::Person(_))),
                    "learned from {by:?}"
                );
            }
            Body::Repeated {
                again: Again::Decide { .. },
                ..
            } if self.starts == 0 => self.may_start = None,
            _ => {}
        }
    }

    /// Fails where `step` is one that nobody allowed.
    pub fn allows(&self, step: &Step) {
        match step {
            Step::Admit => assert!(self.may_start.is_some(), "admits what nobody allowed"),
            Step::AwaitReceipt(_) | Step::Recover => assert_eq!(self.world, World::UnderWay),
            Step::Verify => assert_eq!(self.world, World::Received),
            Step::Close => assert!(matches!(self.world, World::Held | World::Concluded)),
            Step::Learn => assert!(matches!(self.closed_by, Some(Principal::Person(_)))),
            Step::AwaitAnswer(_) | Step::Expire | Step::Page => assert!(self.open.is_some()),
            Step::Retrieve | Step::Plan | Step::Draft | Step::Decide(_) | Step::Ask => {
                assert_eq!(self.world, World::Settled, "{step:?} with an end open");
            }
            Step::Rest => assert_eq!(self.may_start, None, "rests with something to start"),
        }
    }

    fn decided(&mut self, number: u64, decision: &Decision) {
        let fires = decision.verdict.effect == Effect::Fire;
        match &decision.principal {
            Principal::Agent => {
                assert_eq!(self.approved, None, "the agent decided over an approval");
                assert_eq!(self.starts, 0, "the agent decided again after a start");
            }
            Principal::Person(by) if fires => {
                assert_eq!(self.approved.as_ref(), Some(by), "nobody approved");
                let offered = self.open.as_ref().and_then(|open| open.offered.as_ref());
                assert_eq!(decision.proposal.as_ref(), offered, "approved another");
                assert!(offered.is_some(), "approved nothing");
            }
            Principal::Person(by) => {
                let spoke = self.approved.as_ref().or(self.proposed.as_ref());
                assert_eq!(spoke, Some(by), "decided on nobody's word");
            }
        }
        self.may_start = fires.then_some(number);
        self.decisions.insert(number, decision.clone());
        (self.approved, self.proposed) = (None, None);
    }

    fn asked(&mut self, decided: u64, digest: Digest) {
        let decision = &self.decisions[&decided];
        assert_eq!(decision.digest, digest, "asked with another digest");
        self.open = Some(Open {
            digest,
            offered: decision.offered.clone(),
        });
        self.may_start = None;
    }

    fn answered(&mut self, digest: Digest, by: &PersonId, answer: &Answer) {
        let open = self.open.as_ref().map(|open| open.digest);
        assert_eq!(open, Some(digest), "answered an ask that is not open");
        match answer {
            Answer::Approve => self.approved = Some(by.clone()),
            Answer::Propose { .. } => self.proposed = Some(by.clone()),
            Answer::Reject { .. } | Answer::Resolve { .. } => self.world = World::Concluded,
        }
    }

    fn started(&mut self, body: &Body) {
        let Body::Started {
            attempt,
            decided,
            digest,
            action,
            targets,
            ..
        } = body
        else {
            panic!("not a start: {body:?}");
        };
        assert_eq!(self.may_start.take(), Some(*decided), "nothing allows it");
        let decision = &self.decisions[decided];
        assert_eq!(decision.verdict.effect, Effect::Fire);
        assert_eq!(decision.digest, *digest);
        assert_eq!(decision.targets, *targets);
        let proposal = decision.proposal.as_ref().unwrap();
        assert_eq!(proposal.action, *action);
        assert!(
            self.starts == 0 || decision.principal != Principal::Agent,
            "the agent started again on its own"
        );
        self.starts += 1;
        assert_eq!(self.starts, *attempt);
        self.world = World::UnderWay;
        self.open = None;
    }

    fn reopen(&mut self) {
        self.open = None;
        self.world = World::Settled;
        self.closed_by = None;
    }

    fn received(&mut self, attempt: u32, after: World) {
        assert_eq!(self.world, World::UnderWay, "a receipt for nothing");
        assert_eq!(self.starts, attempt);
        self.world = after;
    }

    fn closed(&mut self, by: &Principal) {
        assert!(
            self.world == World::Held || *by != Principal::Agent,
            "the agent closed a case without a probe that held"
        );
        self.closed_by = Some(by.clone());
        self.world = World::Settled;
        self.open = None;
    }
}
