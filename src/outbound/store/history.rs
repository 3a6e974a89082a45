//! History: of each case that was ever over, the events that say what was decided, asked and answered. The chain of each is not checked here: that is
//! `store check`.

use super::{Store, error::StoreError};
use crate::domain::{
    event::{EVENT_VERSION, Event},
    id::TenantId,
};

const HISTORY: &str = "with page as ( \
         select distinct case_id as id from events where tenant = $1 and kind = 'closed' and case_id > $2 \
         order by case_id limit $3 \
     ) \
     select page.id, e.bytes from page left join events e on e.tenant = $1 and e.case_id = page.id and e.kind in \
     ('decided', 'asked', 'answered', 'failed', 'in_doubt', 'verified', 'undone', 'closed', 'reopened', 'learned') \
     order by page.id, e.number";

/// A case that was over, and may be open again.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its id.
    pub case: String,
    /// Its events of the kinds above, oldest first, without what lies beside them.
    pub events: Vec<Event>,
}

impl Store {
    /// At most `limit` cases of `tenant` that were over, by id, from the one after `after` on.
    pub async fn history(
        &self,
        tenant: &TenantId,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Past>, StoreError> {
        let rows: Vec<(String, Option<Vec<u8>>)> = sqlx::query_as(HISTORY)
            .bind(tenant.as_str())
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        let mut cases: Vec<Past> = Vec::new();
        for (case, bytes) in rows {
            let event = bytes.map(|bytes| read(&case, &bytes)).transpose()?;
            match cases.last_mut().filter(|last| last.case == case) {
                Some(last) => last.events.extend(event),
                None => cases.push(Past {
                    case,
                    events: event.into_iter().collect(),
                }),
            }
        }
        Ok(cases)
    }
}

fn read(case: &str, bytes: &[u8]) -> Result<Event, StoreError> {
    let what = || format!("case `{case}`");
    let event: Event =
        serde_json::from_slice(bytes).map_err(|cause| StoreError::corrupt(what(), &cause))?;
    if event.version > EVENT_VERSION {
        return Err(StoreError::Newer {
            what: what(),
            found: event.version.into(),
            known: EVENT_VERSION.into(),
        });
    }
    Ok(event)
}
