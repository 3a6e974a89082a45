//! Tending: what a running service does about its store beside its cases. One that could not be written to, or was damaged, is tried until
//! it can be used again; and precedents that another process brought in are made known for look-alikes.

use std::sync::atomic::Ordering;

use super::{App, failure::store_error};
use crate::outbound::store::Seen;

/// Rounds between two looks through the pages of a store that was damaged.
const LOOK_EVERY: u32 = 15;
/// Rounds between two looks for precedents that are new.
const INDEX_EVERY: u32 = 10;
/// The most precedents that one round makes known.
const INDEX_MAX: u32 = 1_000;

/// What is known from one round to the next.
#[derive(Debug, Default)]
pub(super) struct Tending {
    rounds: u32,
    ailing: bool,
}

/// Whether what was left alone is worth another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The store can be used again.
    Recovered,
    /// Nothing changed.
    Same,
}

impl Tending {
    /// One round.
    pub(super) async fn round(&mut self, app: &App) -> Turn {
        self.rounds = self.rounds.wrapping_add(1);
        if self.rounds.is_multiple_of(INDEX_EVERY)
            && let Err(error) = app.index_new().await
        {
            app.note(&error);
            tracing::debug!(error = %format!("{error:#}"), "precedents that are new could not be made known");
        }
        let failing = self.try_again(app).await;
        match (
            std::mem::replace(&mut self.ailing, failing.is_some()),
            failing,
        ) {
            (false, Some(cause)) => {
                tracing::error!(%cause, "the store does not do its part; it is tried again until it does");
                Turn::Same
            }
            (true, None) => {
                tracing::info!("the store can be used again");
                Turn::Recovered
            }
            (true, Some(_)) | (false, None) => Turn::Same,
        }
    }

    /// Why the store cannot be used, if it still cannot.
    async fn try_again(&self, app: &App) -> Option<String> {
        let Seen { writes, sound } = app.store.seen_so_far();
        if !sound && self.rounds.is_multiple_of(LOOK_EVERY) {
            match app.store.look_again().await {
                Ok(()) => {}
                Err(cause) => return Some(cause.to_string()),
            }
        } else if !sound {
            return Some("what was read of it is not what was written".into());
        }
        if writes {
            return None;
        }
        app.store.probe().await.err().map(|cause| cause.to_string())
    }
}

impl App {
    /// What was seen of the store so far.
    pub fn store_seen(&self) -> Seen {
        self.store.seen_so_far()
    }

    /// Takes note of what went wrong with the store: until it is found sound, it is said to be damaged.
    pub fn note(&self, error: &anyhow::Error) {
        if let Some(error) = store_error(error) {
            self.store.note(error);
        }
    }

    /// Makes precedents known that came since, of any tenant and by whatever process.
    async fn index_new(&self) -> anyhow::Result<()> {
        let since = self.indexed.load(Ordering::Relaxed);
        let (rows, last) = self.store.precedents_after(since, INDEX_MAX).await?;
        if rows.is_empty() {
            return Ok(());
        }
        self.index_rows(rows).await?;
        self.indexed.store(last, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{StoreChoice, demo, executors::Sending},
        config::Config,
        outbound::store::Store,
        pipeline::retrieve::text_of_precedent,
        ports::{Embedder as _, VectorStore as _},
    };

    async fn app(url: &str) -> App {
        let (config, tenant) = (Config::default(), demo::tenant());
        let choice = StoreChoice::At(url.into());
        let app = App::open(&config, &choice, &tenant, None, Sending::DryRun);
        app.await.unwrap()
    }

    #[tokio::test]
    async fn precedents_that_another_process_brings_in_become_known() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("x.db").display());
        let (app, tenant) = (app(&url).await, demo::tenant());
        app.index_everyone().await.unwrap();
        let rows = demo::precedents(&tenant).unwrap();
        let text = [text_of_precedent(&rows[0])];
        let like = app.embedder.embed(&text).await.unwrap().remove(0);
        assert!(
            app.index
                .search(&tenant, &like, 1)
                .await
                .unwrap()
                .is_empty()
        );
        let other = Store::open(&url).await.unwrap();
        other.add_precedents(&tenant, &rows).await.unwrap();
        app.index_new().await.unwrap();
        let found = app.index.search(&tenant, &like, 1).await.unwrap();
        assert_eq!(found[0].precedent.id, rows[0].id);
    }

    #[tokio::test]
    async fn a_store_that_does_its_part_again_is_said_to_once() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (folder.path().join("x.db"), folder.path().join("y.db"));
        let app = app(&format!("sqlite://{}", path.display())).await;
        let mut tending = Tending::default();
        assert_eq!(tending.round(&app).await, Turn::Same);
        std::fs::rename(&path, &aside).unwrap();
        app.store.probe().await.unwrap_err();
        assert_eq!(tending.round(&app).await, Turn::Same);
        assert!(!app.store_seen().writes);
        std::fs::rename(&aside, &path).unwrap();
        assert_eq!(tending.round(&app).await, Turn::Recovered);
        assert_eq!(tending.round(&app).await, Turn::Same);
        assert!(app.store_seen().writes);
    }
}
