//! Confirm: a second person's word, without which neither what was brought in nor what was loosened too far counts.

use jiff::Timestamp;

use super::{
    App,
    answer::{Claimant, bare},
    denied::Denied,
};
use crate::domain::{
    action::CLOSE,
    case::Case,
    id::{ActionId, CaseId, PersonId, PrecedentId, TenantId},
    person::CURATORS,
    precedent::Precedent,
    proposal::Proposal,
};

impl App {
    /// Has what of a precedent waits count from now on: on the word of a curator on whose word it is not already, and who may do
    /// themselves, in its case, what it says was done there.
    pub async fn confirm(
        &self,
        tenant: &TenantId,
        claimant: &Claimant,
        precedent: &PrecedentId,
        now: Timestamp,
    ) -> anyhow::Result<PersonId> {
        let by = self.person(claimant)?;
        let row = self.precedent(tenant, precedent).await?;
        let id = precedent.clone();
        if !self.is_curator(&by) {
            return Err(Denied::NoCurator { by }.into());
        }
        if !row.waits() {
            return Err(Denied::NothingToConfirm { precedent: id }.into());
        }
        if row.confirmed_by == by {
            return Err(Denied::OwnWord { precedent: id, by }.into());
        }
        if self.operated(tenant).await?.quarantine.contains(precedent) {
            return Err(Denied::InQuarantine { precedent: id }.into());
        }
        if let Some(case) = self.case_of(tenant, precedent).await? {
            let proposal = says(&row, &case);
            self.permitted(&case, &by, &proposal, now).await?;
        }
        self.store
            .confirm_precedent(tenant, precedent, &by, claimant.proof, now)
            .await?;
        self.index_all(tenant).await?;
        Ok(by)
    }

    /// The precedent of `case`, where it or its wider scope waits for a second person.
    pub async fn waiting(&self, case: &Case) -> anyhow::Result<Option<Precedent>> {
        let Some(id) = case.standing_precedent() else {
            return Ok(None);
        };
        let found = self.precedents(&case.tenant, std::slice::from_ref(id));
        Ok(found.await?.into_iter().find(Precedent::waits))
    }

    /// The case that a precedent was made of; `None` for one that was brought in.
    async fn case_of(
        &self,
        tenant: &TenantId,
        precedent: &PrecedentId,
    ) -> anyhow::Result<Option<Case>> {
        let Some(id) = CaseId::within(precedent) else {
            return Ok(None);
        };
        Ok(self.store.case(tenant, id).await?)
    }

    fn is_curator(&self, person: &PersonId) -> bool {
        let people = self.rules.people.as_ref();
        let person = people.and_then(|people| people.person(person));
        person.is_some_and(|person| person.groups.iter().any(|group| group.as_str() == CURATORS))
    }
}

/// What `row` says that people did in `case`.
fn says(row: &Precedent, case: &Case) -> Proposal {
    let done = row.action.clone().unwrap_or_else(|| ActionId::new(CLOSE));
    let decided = case.decided.as_ref();
    let decided = decided.and_then(|(_, decision)| decision.proposal.clone());
    match decided.filter(|decided| decided.action == done) {
        Some(decided) => decided,
        None => bare(done, row.disposition),
    }
}
