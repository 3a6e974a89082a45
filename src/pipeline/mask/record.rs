//! Record: a case and its events as people see them.

use super::Mask;
use crate::domain::{
    answer::{Answer, Closing},
    case::{Ask, Case},
    decision::{Decision, Finding, Verdict},
    draft::Standing,
    event::{Again, Body, Event},
    paged::Paged,
    proposal::{Parameter, Plan, Proposal},
    told::Told,
};

impl Mask<'_> {
    /// A case.
    pub fn case(&self, case: &Case) -> Case {
        Case {
            alert: case.alert.seen(|alert| self.alert(alert)),
            entities: case.entities.iter().map(|text| self.text(text)).collect(),
            plan: case.plan.as_ref().map(|plan| self.plan(plan)),
            draft: case.draft.as_ref().map(|(draft, standing)| {
                let draft = draft.seen(|draft| self.draft(draft));
                (draft, self.standing(standing))
            }),
            decided: case
                .decided
                .as_ref()
                .map(|(number, decision)| (*number, self.decision(decision))),
            ask: case.ask.as_ref().map(|ask| self.ask(ask)),
            proposed: case.proposed.as_ref().map(|chosen| self.proposal(chosen)),
            ..case.clone()
        }
    }

    /// An event.
    pub fn event(&self, event: &Event) -> Event {
        Event {
            body: self.body(&event.body),
            ..event.clone()
        }
    }

    fn ask(&self, ask: &Ask) -> Ask {
        Ask {
            offered: ask.offered.as_ref().map(|offered| self.proposal(offered)),
            targets: self.texts(&ask.targets),
            ..ask.clone()
        }
    }

    /// A decision. It is the gate's own, with other words.
    pub fn decision(&self, decision: &Decision) -> Decision {
        let mut seen = decision.clone();
        seen.verdict = self.verdict(&decision.verdict);
        seen.proposal = decision.proposal.as_ref().map(|own| self.proposal(own));
        seen.offered = decision.offered.as_ref().map(|own| self.proposal(own));
        seen.targets = self.texts(&decision.targets);
        seen
    }

    /// A verdict.
    pub fn verdict(&self, verdict: &Verdict) -> Verdict {
        let findings = verdict.findings.iter().map(|finding| Finding {
            observed: self.text(&finding.observed),
            required: self.text(&finding.required),
            ..finding.clone()
        });
        Verdict {
            findings: findings.collect(),
            ..verdict.clone()
        }
    }

    fn proposal(&self, proposal: &Proposal) -> Proposal {
        // A parameter's name is the catalogue's, which says nothing of the value.
        let parameters = proposal.parameters.iter().map(|(name, own)| {
            let value = self.text(&own.value);
            let role = own.role.clone();
            (name.clone(), Parameter { role, value })
        });
        Proposal {
            parameters: parameters.collect(),
            ..proposal.clone()
        }
    }

    fn plan(&self, plan: &Plan) -> Plan {
        match plan {
            Plan::Complete { proposal, because } => Plan::Complete {
                proposal: self.proposal(proposal),
                because: because.clone(),
            },
            Plan::Incomplete {
                disposition,
                action,
                missing,
                because,
            } => Plan::Incomplete {
                disposition: *disposition,
                action: action.clone(),
                missing: missing
                    .iter()
                    .map(|(name, why)| (name.clone(), self.text(why)))
                    .collect(),
                because: because.clone(),
            },
            Plan::None { why } => Plan::None {
                why: self.text(why),
            },
        }
    }

    fn standing(&self, standing: &Standing) -> Standing {
        match standing {
            Standing::Key => Standing::Key,
            Standing::Shown { because } => Standing::Shown {
                because: self.text(because),
            },
        }
    }

    fn answer(&self, answer: &Answer) -> Answer {
        match answer {
            Answer::Propose { proposal } => Answer::Propose {
                proposal: self.proposal(proposal),
            },
            Answer::Reject { closing } => Answer::Reject {
                closing: self.closing(closing),
            },
            Answer::Resolve { closing } => Answer::Resolve {
                closing: self.closing(closing),
            },
            Answer::Approve => Answer::Approve,
        }
    }

    fn told(&self, told: &Told) -> Told {
        Told {
            question: self.text(&told.question),
            answer: self.some(told.answer.as_ref()),
            citations: told.citations.clone(),
        }
    }

    fn closing(&self, closing: &Closing) -> Closing {
        Closing {
            reason: closing.reason.seen(|text| self.text(text)),
            ..closing.clone()
        }
    }

    /// In place of each text: what people wrote is theirs, but an alert's words may be in it.
    fn body(&self, body: &Body) -> Body {
        let mut body = body.clone();
        match &mut body {
            Body::Received { alert, .. } | Body::Resolved { alert } => {
                *alert = alert.seen(|alert| self.alert(alert));
            }
            Body::Repeated { alert, again, .. } => match again {
                // Of many repeats nobody sees more than that they came.
                Again::Joined => *alert = alert.bare(),
                Again::Decide { because } => {
                    *alert = alert.seen(|alert| self.alert(alert));
                    *because = self.text(because);
                }
            },
            Body::Retrieved { unavailable, .. } => {
                *unavailable = self.some(unavailable.as_ref());
            }
            Body::Planned { plan } => *plan = self.plan(plan),
            Body::Called { outcome, told, .. } => {
                *outcome = self.text(outcome);
                *told = told.as_ref().map(|told| told.seen(|told| self.told(told)));
            }
            Body::Drafted { draft, standing } => {
                *draft = draft.seen(|draft| self.draft(draft));
                *standing = self.standing(standing);
            }
            Body::Decided { decision } => *decision = self.decision(decision),
            Body::Answered { answer, .. } => *answer = self.answer(answer),
            Body::Expired { paged, .. } => match paged {
                Some(Paged::Sent { receipt: text } | Paged::Unsent { cause: text }) => {
                    *text = self.text(text);
                }
                None => {}
            },
            Body::Started { targets, .. } => *targets = self.texts(targets),
            Body::Executed { receipt: text, .. }
            | Body::Failed { cause: text, .. }
            | Body::InDoubt { known: text, .. } => *text = self.text(text),
            Body::Undone {
                receipt, reason, ..
            } => {
                *receipt = self.text(receipt);
                *reason = reason.seen(|text| self.text(text));
            }
            Body::Escalated { reason, .. }
            | Body::Snoozed { reason, .. }
            | Body::Closed { reason, .. }
            | Body::Reopened { reason, .. } => *reason = reason.seen(|text| self.text(text)),
            Body::Asked { .. }
            | Body::Verified { .. }
            | Body::Claimed { .. }
            | Body::Learned { .. } => {}
        }
        body
    }
}
