//! Find: the cases of a tenant, each with its story.

use super::{App, Story};
use crate::{
    domain::id::{CaseId, TenantId},
    outbound::store::Which,
};

/// How far a list of cases reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that are not over.
    Open,
    /// Every one.
    All,
}

/// A case in a list.
#[derive(Clone, Debug)]
pub enum Listed {
    /// It was read.
    Case(Box<Story>),
    /// It is there, and cannot be read.
    Unreadable {
        /// Its id.
        id: CaseId,
        /// Why not.
        cause: String,
    },
}

impl App {
    /// At most `limit` cases of `tenant`, the last changed first. One that cannot be read is in the list all the same.
    pub async fn cases(
        &self,
        tenant: &TenantId,
        reach: Reach,
        limit: u32,
    ) -> anyhow::Result<Vec<Listed>> {
        let which = match reach {
            Reach::Open => Which::Open,
            Reach::All => Which::All,
        };
        let mut listed = Vec::new();
        for id in self.store.case_ids(tenant, which, limit).await? {
            listed.push(match self.find(tenant, id).await {
                Ok(Some(story)) => Listed::Case(Box::new(story)),
                Ok(None) => continue,
                Err(cause) => {
                    let cause = format!("{cause:#}");
                    Listed::Unreadable { id, cause }
                }
            });
        }
        Ok(listed)
    }
}
