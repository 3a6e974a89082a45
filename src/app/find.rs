//! Find: the cases of a tenant, each with its story.

use super::{App, Story};
use crate::{
    domain::{
        id::{CaseId, SourceId, TenantId},
        severity::Severity,
    },
    outbound::store::{Page, Which},
};

pub use crate::outbound::store::Place;

/// How far a list of cases reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that are not over.
    Open,
    /// Every one.
    All,
}

/// Which cases are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How far the list reaches.
    pub reach: Reach,
    /// Cases of this source alone.
    pub source: Option<SourceId>,
    /// Cases of this urgency alone.
    pub urgency: Option<Severity>,
    /// Cases after this place of the list.
    pub after: Option<Place>,
    /// The most of them.
    pub limit: u32,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Found {
    /// The cases, the last changed first.
    pub cases: Vec<Listed>,
    /// Where the next page begins; `None` where this is the last one.
    pub next: Option<Place>,
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

impl Wanted {
    /// The first `limit` cases as far as the list reaches.
    pub const fn first(reach: Reach, limit: u32) -> Self {
        Self {
            reach,
            source: None,
            urgency: None,
            after: None,
            limit,
        }
    }
}

impl App {
    /// A page of the cases of `tenant`. One that cannot be read is in it all the same.
    pub async fn cases(&self, tenant: &TenantId, wanted: Wanted) -> anyhow::Result<Found> {
        let page = Page {
            which: match wanted.reach {
                Reach::Open => Which::Open,
                Reach::All => Which::All,
            },
            source: wanted.source,
            urgency: wanted.urgency,
            after: wanted.after,
            limit: wanted.limit,
        };
        let places = self.store.page(tenant, &page).await?;
        let is_full = u32::try_from(places.len()) == Ok(page.limit);
        let next = places.last().map(|(_, place)| *place);
        let mut cases = Vec::new();
        for (id, _) in places {
            cases.push(match self.find(tenant, id).await {
                Ok(Some(story)) => Listed::Case(Box::new(story)),
                Ok(None) => continue,
                Err(cause) => {
                    let cause = format!("{cause:#}");
                    Listed::Unreadable { id, cause }
                }
            });
        }
        Ok(Found {
            cases,
            next: next.filter(|_| is_full),
        })
    }
}
