//! Which event may follow in which phase, and what it changes. Every arm that is not listed is illegal.

use std::collections::BTreeSet;

use super::{Ask, Attempt, Case, Lateness, Phase, entity_values};
use crate::domain::{
    alert::Status,
    answer::Answer,
    canonical::Digest,
    decision::{Decision, Effect, Principal},
    event::{Again, Body, Event, Probe, Sight},
    id::PersonId,
};

impl Case {
    /// Folds a legal event in; says whether it was legal. An illegal one changes nothing.
    pub(super) fn fold(&mut self, event: &Event) -> bool {
        match &event.body {
            Body::Received { .. } => false,
            Body::Repeated { .. } | Body::Resolved { .. } => self.fold_signal(&event.body),
            Body::Called { .. } => self.fold_called(&event.body),
            Body::Retrieved { .. } | Body::Planned { .. } | Body::Drafted { .. } => {
                self.fold_work(&event.body)
            }
            Body::Decided { decision } => self.fold_decided(event, decision),
            Body::Asked { .. } | Body::Expired { .. } | Body::Answered { .. } => {
                self.fold_ask(&event.body)
            }
            Body::Started { .. }
            | Body::Executed { .. }
            | Body::Failed { .. }
            | Body::InDoubt { .. }
            | Body::Verified { .. }
            | Body::Undone { .. } => self.fold_attempt(&event.body),
            Body::Claimed { .. } | Body::Escalated { .. } | Body::Snoozed { .. } => {
                self.fold_handling(&event.body)
            }
            Body::Closed { .. } | Body::Reopened { .. } | Body::Learned { .. } => {
                self.fold_end(&event.body)
            }
        }
    }

    fn fold_signal(&mut self, body: &Body) -> bool {
        match body {
            Body::Repeated {
                alert,
                urgency,
                again,
            } if self.is_open() => {
                self.occurrences += 1;
                self.signal = Status::Firing;
                self.entities.extend(entity_values(alert));
                self.urgency = self.urgency.max(*urgency);
                if matches!(again, Again::Decide { .. }) && self.can_be_decided_again() {
                    self.alert = alert.clone();
                    self.phase = Phase::Received;
                }
                true
            }
            Body::Resolved { .. } if self.is_open() => {
                self.signal = Status::Resolved;
                true
            }
            _ => false,
        }
    }

    /// Once something was started, a person decides what comes next: no repeat puts the case back into the agent's hands.
    fn can_be_decided_again(&self) -> bool {
        self.attempt.is_none() && self.phase.is_before_start()
    }

    fn fold_work(&mut self, body: &Body) -> bool {
        match (&self.phase, body) {
            (Phase::Received, Body::Retrieved { found, .. }) => {
                self.found.clone_from(found);
                self.phase = Phase::Retrieved;
            }
            (Phase::Retrieved, Body::Planned { plan }) => {
                self.plan = Some(plan.clone());
                self.phase = Phase::Planned;
            }
            (Phase::Planned, Body::Drafted { draft, standing }) => {
                self.draft = Some((draft.clone(), standing.clone()));
                self.phase = Phase::Drafted;
            }
            _ => return false,
        }
        true
    }

    /// A call counts wherever the case stands: it may have moved, or ended, while the model was asked, and what left has left.
    fn fold_called(&mut self, body: &Body) -> bool {
        let Body::Called {
            endpoint,
            tokens,
            cost_micros,
            ..
        } = body
        else {
            return false;
        };
        let spent = self.called.entry(endpoint.clone()).or_default();
        spent.tokens = spent.tokens.saturating_add(*tokens);
        spent.cost_micros = spent.cost_micros.saturating_add(*cost_micros);
        true
    }

    /// An approval fires only what was approved, and one that is not enough yet leaves the ask open; a refused action is not
    /// offered again.
    fn fold_decided(&mut self, event: &Event, decision: &Decision) -> bool {
        let fires = decision.verdict.effect == Effect::Fire;
        let offered = self.ask.as_ref().and_then(|ask| ask.offered.as_ref());
        let legal = match (&self.phase, &decision.principal) {
            (Phase::Drafted, Principal::Agent) => true,
            (Phase::Approved(person), Principal::Person(by)) => {
                person == by && (!fires || decision.proposal.as_ref() == offered)
            }
            (Phase::Proposed(person), Principal::Person(by)) => person == by && !fires,
            // What admission refused is decided again on the same word.
            (Phase::Decided, by) => self.fires() && self.decided_by() == Some(by),
            _ => false,
        };
        if !legal {
            return false;
        }
        let on_a_persons_word = matches!(self.phase, Phase::Approved(_) | Phase::Decided)
            && matches!(decision.principal, Principal::Person(_));
        let approval = on_a_persons_word && decision.verdict.effect == Effect::Ask;
        let unchanged = self.ask.as_ref().is_some_and(|ask| {
            ask.offered == decision.offered
                && ask.targets == decision.targets
                && ask.urgency == self.urgency
        });
        self.phase = if !fires && self.ask.is_some() && (approval || unchanged) {
            Phase::Asked
        } else {
            Phase::Decided
        };
        self.decided = Some((event.number, decision.clone()));
        self.decided_at = Some(event.at);
        true
    }

    fn fold_ask(&mut self, body: &Body) -> bool {
        match body {
            Body::Asked { .. } => self.fold_asked(body),
            Body::Expired { digest, .. } => self.fold_expired(*digest),
            Body::Answered {
                digest, by, answer, ..
            } => self.fold_answered(*digest, by, answer),
            _ => false,
        }
    }

    fn fold_asked(&mut self, body: &Body) -> bool {
        let Body::Asked {
            decided,
            digest,
            group,
            expires_at,
            sight,
        } = body
        else {
            return false;
        };
        let passed_on = self.ask.take_if(|ask| {
            self.phase == Phase::Expired && ask.decided == *decided && ask.digest == *digest
        });
        if let Some(mut ask) = passed_on {
            ask.later.retain(|later| Some(later) != group.as_ref());
            ask.group.clone_from(group);
            ask.expires_at = *expires_at;
            self.ask = Some(ask);
            self.phase = Phase::Asked;
            return true;
        }
        let open = matches!(self.phase, Phase::Decided | Phase::Doubtful);
        let Some((number, decision)) = self.decided.as_ref().filter(|_| open) else {
            return false;
        };
        if number != decided || decision.digest != *digest {
            return false;
        }
        self.ask = Some(Ask {
            decided: *decided,
            digest: *digest,
            offered: decision.offered.clone(),
            targets: decision.targets.clone(),
            urgency: self.urgency,
            group: group.clone(),
            later: decision.chain.iter().skip(1).cloned().collect(),
            expires_at: *expires_at,
            sight: *sight,
            approvals: BTreeSet::new(),
            lateness: Lateness::InTime,
        });
        self.phase = Phase::Asked;
        true
    }

    fn fold_expired(&mut self, digest: Digest) -> bool {
        let Some(ask) = self.ask.as_mut().filter(|ask| ask.digest == digest) else {
            return false;
        };
        if self.phase != Phase::Asked || ask.lateness == Lateness::Overdue {
            return false;
        }
        if ask.later.is_empty() {
            ask.lateness = Lateness::Overdue;
        } else {
            self.phase = Phase::Expired;
        }
        true
    }

    fn fold_answered(&mut self, digest: Digest, by: &PersonId, answer: &Answer) -> bool {
        let Some(ask) = self.ask.as_mut().filter(|ask| ask.digest == digest) else {
            return false;
        };
        if self.phase != Phase::Asked {
            return false;
        }
        self.phase = match answer {
            // Nobody can approve what they were not shown.
            Answer::Approve if ask.offered.is_none() || ask.sight == Sight::Blind => return false,
            Answer::Approve => {
                ask.approvals.insert(by.clone());
                Phase::Approved(by.clone())
            }
            Answer::Propose { proposal } => {
                self.proposed = Some(proposal.clone());
                // What was asked blind has its answer, and what is asked next is the person's own.
                ask.sight = Sight::Open;
                Phase::Proposed(by.clone())
            }
            Answer::Reject { closing } | Answer::Resolve { closing } => {
                Phase::Concluded(by.clone(), closing.clone())
            }
        };
        true
    }

    fn fold_attempt(&mut self, body: &Body) -> bool {
        let number = self.attempt.as_ref().map_or(0, |attempt| attempt.number);
        self.phase = match (&self.phase, body) {
            (Phase::Decided, Body::Started { .. }) => return self.fold_started(body),
            (Phase::Started, Body::Executed { attempt, .. }) if *attempt == number => {
                self.executed = Some(number);
                Phase::Executed
            }
            (Phase::Started, Body::Failed { attempt, .. } | Body::InDoubt { attempt, .. })
                if *attempt == number =>
            {
                Phase::Doubtful
            }
            (Phase::Executed, Body::Verified { result, .. }) => match result {
                Probe::Held => Phase::Verified,
                Probe::NotHeld => Phase::Doubtful,
            },
            (_, Body::Undone { .. } | Body::Failed { .. } | Body::InDoubt { .. }) => {
                return self.fold_undo(body);
            }
            _ => return false,
        };
        true
    }

    /// Once something was executed, what is in doubt or fails is its undo: begun, not done, or done. In each, the case is open again.
    fn fold_undo(&mut self, body: &Body) -> bool {
        let Some(executed) = self.can_undo() else {
            return false;
        };
        match body {
            Body::InDoubt { attempt, .. } if *attempt == executed => self.undoing = Some(executed),
            Body::Failed { attempt, .. } if self.undoing == Some(*attempt) => self.undoing = None,
            Body::Undone { .. } => (self.executed, self.undoing) = (None, None),
            _ => return false,
        }
        self.ask = None;
        self.closed = None;
        self.phase = Phase::Doubtful;
        true
    }

    fn fold_started(&mut self, body: &Body) -> bool {
        let Body::Started {
            attempt,
            decided,
            digest,
            action,
            targets,
            deadline,
            ..
        } = body
        else {
            return false;
        };
        let number = self.attempt.as_ref().map_or(0, |attempt| attempt.number);
        let allowed = self.fires()
            && self.decided.as_ref().is_some_and(|(number, decision)| {
                number == decided
                    && decision.digest == *digest
                    && decision.targets == *targets
                    && decision.proposal.as_ref().map(|proposal| &proposal.action) == Some(action)
            });
        if !allowed || *attempt != number + 1 {
            return false;
        }
        self.attempt = Some(Attempt {
            number: *attempt,
            action: action.clone(),
            deadline: *deadline,
        });
        self.ask = None;
        self.phase = Phase::Started;
        true
    }

    fn fold_handling(&mut self, body: &Body) -> bool {
        if !self.is_open() {
            return false;
        }
        match body {
            Body::Claimed { by } => self.claimed_by = Some(by.clone()),
            Body::Snoozed { until, .. } => self.snoozed_until = Some(*until),
            Body::Escalated { group, .. } => {
                let Some(ask) = self.ask.as_mut() else {
                    return false;
                };
                ask.later.retain(|later| later != group);
                ask.group = Some(group.clone());
            }
            _ => return false,
        }
        true
    }

    fn fold_end(&mut self, body: &Body) -> bool {
        self.phase = match (&self.phase, body) {
            (
                Phase::Verified,
                Body::Closed {
                    by, disposition, ..
                },
            )
            | (
                Phase::Concluded(..) | Phase::Quiet,
                Body::Closed {
                    by: by @ Principal::Person(_),
                    disposition,
                    ..
                },
            ) => {
                self.closed = Some((by.clone(), *disposition));
                self.ask = None;
                Phase::Closed
            }
            (Phase::Closed | Phase::Learned, Body::Reopened { .. }) => {
                self.closed = None;
                if self.decided.is_some() {
                    Phase::Doubtful
                } else {
                    Phase::Received
                }
            }
            (Phase::Closed, Body::Learned { precedent })
                if matches!(self.closed, Some((Principal::Person(_), _))) =>
            {
                self.learned.push(precedent.clone());
                Phase::Learned
            }
            _ => return false,
        };
        true
    }
}
