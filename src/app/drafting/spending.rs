//! Spending: what the store knows of today's calls, so that a restart does not begin the day anew.

use jiff::{Timestamp, tz::Offset};

use super::ledger::plus;
use crate::{app::App, domain::case::Spent};

impl App {
    /// Takes up what was spent today before this process began.
    pub(in crate::app) async fn take_up_spending(&self, now: Timestamp) -> anyhow::Result<()> {
        let Some(models) = &self.models else {
            return Ok(());
        };
        let since = midnight(now)?;
        let mut spent = Spent::default();
        for tenant in self.store.all_tenants().await? {
            spent = plus(spent, self.store.spent(&tenant, since).await?);
        }
        models.ledger.begin(now, spent);
        Ok(())
    }
}

/// When the UTC day of `now` began.
fn midnight(now: Timestamp) -> anyhow::Result<Timestamp> {
    let time = Offset::UTC.to_datetime(now);
    let start = time.date().to_datetime(jiff::civil::Time::midnight());
    Ok(Offset::UTC.to_timestamp(start)?)
}
