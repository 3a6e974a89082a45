//! Lists of cases, page by page, the last changed first. A case that changes meanwhile is on an earlier page, not on none.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

use super::{
    Store, Which,
    case::{case_id, time},
    error::StoreError,
};
use crate::domain::{
    id::{CaseId, SourceId, TenantId},
    severity::Severity,
};

const PAGE: &str = "select id, updated_at from cases where tenant = $1 and ($2 or open > 0) \
     and ($3 is null or source = $3) and ($4 is null or urgency = $4) \
     and ($5 is null or updated_at < $5 or (updated_at = $5 and id > $6)) \
     order by updated_at desc, id limit $7";

/// Which cases a page has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Open ones, or all.
    pub which: Which,
    /// Those of this source alone.
    pub source: Option<SourceId>,
    /// Those of this urgency alone.
    pub urgency: Option<Severity>,
    /// Those after this place.
    pub after: Option<Place>,
    /// The most of them.
    pub limit: u32,
}

/// The place of a case in a list: when it last changed, and which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    at: Timestamp,
    id: CaseId,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.as_microsecond(), self.id)
    }
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let why = "it is no place in a list";
        let (at, id) = text.split_once('.').ok_or(why)?;
        let at = at.parse().map_err(|_| why)?;
        Ok(Self {
            at: Timestamp::from_microsecond(at).map_err(|_| why)?,
            id: id.parse().map_err(|_| why)?,
        })
    }
}

impl Store {
    /// The cases of a page, each with its place.
    pub async fn page(
        &self,
        tenant: &TenantId,
        page: &Page,
    ) -> Result<Vec<(CaseId, Place)>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(PAGE)
            .bind(tenant.as_str())
            .bind(page.which == Which::All)
            .bind(page.source.as_ref().map(SourceId::as_str))
            .bind(page.urgency.map(Severity::word))
            .bind(page.after.map(|place| place.at.as_microsecond()))
            .bind(page.after.map(|place| place.id.to_string()))
            .bind(i64::from(page.limit))
            .fetch_all(&self.readers)
            .await?;
        let place = |(id, at): &(String, i64)| {
            let id = case_id(id)?;
            Ok((id, Place { at: time(*at)?, id }))
        };
        rows.iter().map(place).collect()
    }
}
