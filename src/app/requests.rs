//! Requests: what whoever asked is told, and their word that an answer did not help. They are no person of the site: their word opens their own case
//! again, and does nothing else.

use anyhow::bail;
use jiff::Timestamp;

use super::{App, CONFLICTS_MAX, answer::is_conflict, slack::ADDED_WITHIN, withdraw::Said};
use crate::{
    domain::{
        action::ANSWER,
        canonical::Digest,
        case::Case,
        event::Body,
        id::{CaseId, PersonId, TenantId},
        request::{Request, Requested},
    },
    outbound::store::StoreError,
};

/// Why a case is opened again on the word of whoever asked.
const NOT_SOLVED: &str = "whoever asked says that the answer did not solve it";

impl App {
    /// At most `limit` cases of requests of which whoever asked was told less than there is.
    pub async fn outdated_requests(
        &self,
        tenant: &TenantId,
        now: Timestamp,
        limit: u32,
    ) -> anyhow::Result<Vec<CaseId>> {
        let since = now.checked_sub(ADDED_WITHIN)?;
        Ok(self.store.outdated_requests(tenant, since, limit).await?)
    }

    /// The request that a case is.
    pub async fn request(
        &self,
        tenant: &TenantId,
        case: CaseId,
    ) -> anyhow::Result<Option<Request>> {
        Ok(self.store.request(tenant, case).await?)
    }

    /// Keeps a request, with what whoever asked was told.
    pub async fn keep_request(&self, tenant: &TenantId, request: &Request) -> anyhow::Result<()> {
        Ok(self.store.keep_request(tenant, request).await?)
    }

    /// Counts that an answer solved what was asked. It is no evidence: whoever asked is no person of the site, and silence says as much.
    pub async fn count_helped(
        &self,
        tenant: &TenantId,
        case: CaseId,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        Ok(self.store.request_helped(tenant, case, now).await?)
    }

    /// How many requests there were since then.
    pub async fn requested(
        &self,
        tenant: &TenantId,
        since: Timestamp,
    ) -> anyhow::Result<Requested> {
        Ok(self.store.requested(tenant, since).await?)
    }

    /// Opens the case of a request again, because `asker` says that the answer of this digest did not help: a person is asked, and a precedent
    /// that rests on it falls. A case that is open already is with a person, and stays as it is.
    pub async fn hand_over(
        &self,
        tenant: &TenantId,
        id: CaseId,
        (asker, answer): (&str, Digest),
        now: Timestamp,
    ) -> anyhow::Result<Case> {
        let by = PersonId::new(format!("asker:{asker}"));
        for _ in 0..=CONFLICTS_MAX {
            let case = self.existing(tenant, id).await?;
            let case = Box::pin(self.drive(case, now)).await?;
            if case.is_open() {
                return Ok(case);
            }
            if !was_answered(&case, answer) {
                bail!(
                    "this is not the last answer to it; look at the newest message, or ask again"
                );
            }
            let body = Body::Reopened {
                by: by.clone(),
                reason: self.sealed(NOT_SOLVED.into())?,
            };
            let said = Said {
                by: &by,
                reason: NOT_SOLVED.into(),
                what: "reopened",
            };
            match self.say(case, body, said, now).await {
                Ok(after) => return Ok(after),
                Err(error) if is_conflict(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict {
            what: format!("case `{id}`"),
        }
        .into())
    }
}

/// Whether what was done last is the answer of this digest.
fn was_answered(case: &Case, answer: Digest) -> bool {
    let decided = case.decided.as_ref().map(|(_, decision)| decision);
    case.executed.is_some()
        && decided.is_some_and(|decision| {
            let proposal = decision.proposal.as_ref();
            decision.digest == answer
                && proposal.is_some_and(|proposal| proposal.action.as_str() == ANSWER)
        })
}
