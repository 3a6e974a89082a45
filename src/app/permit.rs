//! Permit: whether the site's policy lets a person do something. Absent or broken, it lets nobody.

use jiff::{Timestamp, tz::TimeZone};

use super::{App, denied::Denied};
use crate::{
    domain::{
        action::Class,
        case::Case,
        decision::{Finding, Principal},
        evidence::assess,
        id::PersonId,
        proposal::{Plan, Proposal},
        step::{Step, Word},
    },
    pipeline::gate::{
        context::Permission, facts::Subject, petition::petition, targets::targets, undo::held_back,
    },
};

impl App {
    /// Whether the site's policy lets `person` do `proposal` on `case`.
    pub(super) async fn permitted(
        &self,
        case: &Case,
        person: &PersonId,
        proposal: &Proposal,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let what = proposal.action.to_string();
        let permission = self.subject(case, person, proposal, now, |subject| {
            self.permission(case, proposal, subject)
        });
        match permission.await? {
            Permission::Allowed(_) => Ok(()),
            Permission::Denied(why) => Err(not_allowed(person, what, &why.join("; "))),
            Permission::Absent => Err(not_allowed(person, what, "there is no policy file")),
        }
    }

    /// Whether `person` may undo what was done by `proposal`.
    pub(super) async fn may_undo(
        &self,
        case: &Case,
        person: &PersonId,
        proposal: &Proposal,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let held = self.subject(case, person, proposal, now, held_back).await?;
        if held.is_empty() {
            return Ok(());
        }
        let why: Vec<String> = held.iter().map(told).collect();
        let what = format!("undo {}", proposal.action);
        Err(not_allowed(person, what, &why.join(", ")))
    }

    fn permission(&self, case: &Case, proposal: &Proposal, subject: Subject<'_>) -> Permission {
        let (Some(policy), Some(action)) = (
            &self.rules.policy,
            self.rules.catalogue.action(&proposal.action),
        ) else {
            return Permission::Absent;
        };
        let inventory = self.rules.inventory.as_ref();
        let targets = targets(proposal, action, subject.alert, inventory);
        let class: Class = action.class(subject.alert, case.urgency);
        let utc = subject.now.to_zoned(TimeZone::UTC);
        policy.permission(&petition(subject, &class, &targets, &utc))
    }

    /// What `look` says of `person` doing `proposal` on `case` now.
    async fn subject<T>(
        &self,
        case: &Case,
        person: &PersonId,
        proposal: &Proposal,
        now: Timestamp,
        look: impl FnOnce(Subject<'_>) -> T,
    ) -> anyhow::Result<T> {
        let alert = case.alert()?;
        let facts = self
            .facts(case, &Step::Decide(Word::Agent), None, now)
            .await?;
        let nothing = Plan::None { why: String::new() };
        let principal = Principal::Person(person.clone());
        Ok(look(Subject {
            alert,
            urgency: case.urgency,
            plan: &nothing,
            draft: None,
            proposal: Some(proposal),
            principal: &principal,
            assessment: &assess(&facts.evidence, alert, facts.store),
            facts: &facts,
            rules: &self.rules,
            now,
        }))
    }
}

fn told(finding: &Finding) -> String {
    format!("{}: {}", finding.code, finding.observed)
}

fn not_allowed(person: &PersonId, what: String, why: &str) -> anyhow::Error {
    Denied::NotAllowed {
        person: person.clone(),
        what,
        why: why.to_owned(),
    }
    .into()
}
