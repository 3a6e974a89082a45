//! Backlog: what is to be done yet, over all tenants, for whoever watches the service.

use jiff::Timestamp;

use super::App;
use crate::domain::severity::Severity;

/// What is to be done yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Backlog {
    /// Cases that are not over, by urgency; every urgency is there.
    pub open: Vec<(&'static str, u64)>,
    /// Cases that need tierone itself.
    pub due: u64,
    /// For how long the longest of these waits.
    pub behind_seconds: f64,
}

impl App {
    /// What is to be done yet at `now`.
    pub async fn backlog(&self, now: Timestamp) -> anyhow::Result<Backlog> {
        let stored = self.store.backlog(now).await?;
        let of = |severity: Severity| {
            let own = stored.open.iter().find(|(word, _)| word == severity.word());
            (severity.word(), own.map_or(0, |(_, cases)| *cases))
        };
        let behind = stored.since.map(|since| now.duration_since(since));
        Ok(Backlog {
            open: Severity::ALL.map(of).into(),
            due: stored.due,
            behind_seconds: behind.map_or(0.0, |behind| behind.as_secs_f64()),
        })
    }
}
