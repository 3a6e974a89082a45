//! Withdraw: what a person says to a case is appended, and where it opens a case that was learnt from, the precedent falls with it.

use jiff::Timestamp;

use super::{App, denied::Denied};
use crate::domain::{
    case::{Case, Illegal},
    event::Body,
    id::PersonId,
    operation::Deed,
    sealed::Sealed,
};

/// What a person said.
pub(super) struct Said<'a> {
    pub(super) by: &'a PersonId,
    /// Why a precedent falls with it; empty where none can.
    pub(super) reason: String,
    /// What it does to the case, for people.
    pub(super) what: &'static str,
}

impl App {
    /// Appends `body`. The precedent that rests on an ending which it takes back goes into quarantine in the same transaction, on the word of
    /// the same person.
    pub(super) async fn say(
        &self,
        case: Case,
        body: Body,
        said: Said<'_>,
        now: Timestamp,
    ) -> anyhow::Result<Case> {
        let mut after = case.clone();
        let event = after
            .record(case.event(body, now))
            .map_err(|why| not_now(&case, said.what, why))?;
        let Some(precedent) = case.standing_precedent() else {
            let events = [event];
            self.store
                .append(&case.tenant, Some(&case), &after, &events)
                .await?;
            return Ok(after);
        };
        let deed = Deed::Quarantined {
            precedents: vec![precedent.clone()],
            reason: Sealed::new(said.reason, self.chance.salt()?)?,
        };
        self.store
            .append_with(&case.tenant, &case, &after, &event, (said.by, deed))
            .await?;
        Ok(after)
    }
}

/// What cannot follow here is not done now; anything else is as it is.
pub(super) fn not_now(case: &Case, what: &'static str, why: Illegal) -> anyhow::Error {
    match why {
        Illegal::Order { .. } => {
            let phase = case.phase.word();
            Denied::NotNow { phase, what }.into()
        }
        other => other.into(),
    }
}
