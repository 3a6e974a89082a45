//! News: precedents in the order in which they were added, of every tenant, so that a running service learns of those that another process
//! brought in.

use super::{Store, error::StoreError, precedent::read};
use crate::domain::precedent::Precedent;

const LAST: &str = "select coalesce(max(rowid), 0) from precedents";
const AFTER: &str =
    "select rowid, id, document from precedents where rowid > $1 order by rowid limit $2";

impl Store {
    /// The place of the precedent that was added last; 0 where there is none.
    pub async fn last_precedent(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(LAST).fetch_one(&self.readers).await?)
    }

    /// At most `limit` precedents that were added after place `after`, and the place of the last of them.
    pub async fn precedents_after(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<Precedent>, i64), StoreError> {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(AFTER)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        let last = rows.last().map_or(after, |(place, _, _)| *place);
        let rows = rows
            .into_iter()
            .map(|(_, id, document)| read(&(id, document)));
        Ok((rows.collect::<Result<_, _>>()?, last))
    }
}
