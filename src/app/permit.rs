//! Permit: whether the site's policy lets a person do something. Absent or broken, it lets nobody.

use jiff::{Timestamp, tz::TimeZone};

use super::{App, answer::Denied};
use crate::{
    domain::{
        action::Class,
        case::Case,
        decision::Principal,
        evidence::assess,
        id::PersonId,
        proposal::{Plan, Proposal},
        step::{Step, Word},
    },
    pipeline::gate::{context::Permission, facts::Subject, petition::petition, targets::targets},
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
        match self.permission(case, person, proposal, now).await? {
            Permission::Allowed(_) => Ok(()),
            Permission::Denied(why) => Err(not_allowed(person, proposal, &why.join("; "))),
            Permission::Absent => Err(not_allowed(person, proposal, "there is no policy file")),
        }
    }

    async fn permission(
        &self,
        case: &Case,
        person: &PersonId,
        proposal: &Proposal,
        now: Timestamp,
    ) -> anyhow::Result<Permission> {
        let alert = case.alert()?;
        let (Some(policy), Some(action)) = (
            &self.rules.policy,
            self.rules.catalogue.action(&proposal.action),
        ) else {
            return Ok(Permission::Absent);
        };
        let facts = self
            .facts(case, &Step::Decide(Word::Agent), None, now)
            .await?;
        let nothing = Plan::None { why: String::new() };
        let principal = Principal::Person(person.clone());
        let subject = Subject {
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
        };
        let targets = targets(proposal, action, alert, self.rules.inventory.as_ref());
        let class: Class = action.class(alert, case.urgency);
        let utc = now.to_zoned(TimeZone::UTC);
        Ok(policy.permission(&petition(subject, &class, &targets, &utc)))
    }
}

fn not_allowed(person: &PersonId, proposal: &Proposal, why: &str) -> anyhow::Error {
    Denied::NotAllowed {
        person: person.clone(),
        what: proposal.action.to_string(),
        why: why.to_owned(),
    }
    .into()
}
