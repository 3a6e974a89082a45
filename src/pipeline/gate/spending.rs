//! What was started lately, against the budgets and the settle time of an action.

use jiff::SignedDuration;

use super::{
    context::{Count, Problems},
    facts::{Act, Subject},
    targets::Target,
};
use crate::domain::{
    action::{Action, Budget},
    decision::Principal,
    facts::{Known, Start},
};

/// What a budget counts.
#[derive(Clone, Copy)]
pub enum Spent {
    /// This action.
    Action,
    /// This action on one target.
    Target,
    /// Any action.
    Tenant,
}

impl Act<'_> {
    /// What is spent of a budget. The agent has its own, people share the ceiling.
    pub fn budget(
        &self,
        subject: Subject<'_>,
        spent: Spent,
        targets: &[Target<'_>],
    ) -> Option<Known<Count>> {
        let action = self.action?;
        let budget = match subject.principal {
            Principal::Agent => &action.budgets.alone,
            Principal::Person(_) => &action.budgets.ceiling,
        };
        Some(match &subject.facts.starts {
            Known::Unreadable(cause) => Known::Unreadable(cause.clone()),
            Known::Read(_) => Known::Read(spent.count(subject, action, budget, targets)),
        })
    }

    /// The targets on which it was done within its settle time.
    pub fn settle(&self, subject: Subject<'_>, targets: &[Target<'_>]) -> Option<Known<Problems>> {
        let action = self.action?;
        let since = subject.now - SignedDuration::from_mins(i64::from(action.settle_minutes));
        Some(match &subject.facts.starts {
            Known::Unreadable(cause) => Known::Unreadable(cause.clone()),
            Known::Read(starts) => Known::Read(
                targets
                    .iter()
                    .filter(|target| {
                        starts.iter().any(|start| {
                            start.action == action.id
                                && start.at > since
                                && start.targets.iter().any(|value| value == target.value)
                        })
                    })
                    .map(|target| format!("done on `{}` within settle time", target.value))
                    .collect(),
            ),
        })
    }
}

impl Spent {
    /// The starts in the budget's window; for targets, those of the target that has most.
    fn count(
        self,
        subject: Subject<'_>,
        action: &Action,
        budget: &Budget,
        targets: &[Target<'_>],
    ) -> Count {
        let since = subject.now - SignedDuration::from_mins(i64::from(budget.minutes));
        let Known::Read(starts) = &subject.facts.starts else {
            return Count { is: 0, bound: 0 };
        };
        let recent = || starts.iter().filter(move |start| start.at > since);
        let (is, bound) = match self {
            Self::Action => (
                recent().filter(|start| start.action == action.id).count(),
                budget.action,
            ),
            Self::Target => (
                targets
                    .iter()
                    .map(|target| {
                        let on = |start: &&_| has_target(start, target.value);
                        recent()
                            .filter(|start| start.action == action.id)
                            .filter(on)
                            .count()
                    })
                    .max()
                    .unwrap_or(0),
                budget.target,
            ),
            Self::Tenant => (recent().count(), budget.tenant),
        };
        Count {
            is: is as u64,
            bound: u64::from(bound),
        }
    }
}

fn has_target(start: &Start, value: &str) -> bool {
    start.targets.iter().any(|target| target == value)
}
