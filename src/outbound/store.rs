//! The store: events, cases, precedents and sightings of every tenant, in `SQLite`. It decides nothing, and it has no clock.
//!
//! Statements are written so that `PostgreSQL` can stand behind the same functions: `$n` binds, times as integer microseconds.

mod admission;
mod append;
mod backup;
mod card;
mod case;
mod check;
mod confirmation;
mod due;
mod error;
mod evidence;
mod figures;
mod files;
mod fresh;
mod frozen;
mod group;
mod health;
mod history;
mod import;
mod incident;
mod key;
mod list;
mod memo;
mod news;
mod operation;
mod precedent;
mod request;
mod restore;
mod rows;
mod schema;
mod sighting;
mod spent;
mod stage;
mod start;
mod tenant;
#[cfg(test)]
mod tests;
mod url;
mod writer;

pub use admission::Admitted;
pub use case::Which;
pub use due::Backlog;
pub use error::StoreError;
pub use fresh::{Fresh, Wanted};
pub use health::Seen;
pub use history::Past;
pub use key::{KeyCount, StoredKey};
pub use list::{Page, Place};
pub use restore::{Instead, Restored};

use std::path::PathBuf;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::SqlitePool;
use tokio::sync::watch;

use self::{group::Group, memo::Memo, url::StoreUrl, writer::Writer};
use crate::domain::{facts::StoreKind, id::CaseId, release::Ppm};

/// How a transaction that writes begins: a deferred one fails at once when another process wrote since its first read.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// An open store. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    kind: StoreKind,
    draws: Hmac<Sha256>,
    writer: Writer,
    readers: SqlitePool,
    group: Group,
    memo: Memo,
    /// How many appends there were.
    news: watch::Sender<u64>,
}

impl Store {
    /// Opens the store at `url`: `sqlite://PATH` (live), `demo://PATH` or `simulated://PATH`. Makes it where there is none; the kind
    /// is kept for life.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let url = StoreUrl::parse(url)?;
        Self::open_file(&url)
            .await
            .map_err(|error| error.at(&url.path))
    }

    /// The same, where a store is there already: a name that was mistaken makes none.
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        let url = StoreUrl::parse(url)?;
        let opened = async {
            frozen::must_exist(&url.file()).await?;
            Self::open_file(&url).await
        };
        opened.await.map_err(|error| error.at(&url.path))
    }

    /// The kind and the file that `url` names, whether anything is there or not.
    pub fn place(url: &str) -> Result<(StoreKind, PathBuf), StoreError> {
        let url = StoreUrl::parse(url)?;
        Ok((url.kind, url.file()))
    }

    /// A demo store in memory, gone when the last clone is dropped.
    pub async fn throwaway() -> Result<Self, StoreError> {
        let url = StoreUrl {
            kind: StoreKind::Demo,
            path: "throwaway".into(),
        };
        let pool = schema::memory().await?;
        Self::prepared(&url, Writer::placeless(pool.clone()), pool).await
    }

    /// The kind of store: fixed when it was made.
    pub const fn kind(&self) -> StoreKind {
        self.kind
    }

    /// The hold-out draws of `case`, to fire and to be asked blind: from the first and the second four bytes of HMAC-SHA-256 (RFC 2104) of its
    /// UUID under the store's secret. The same in every demo store.
    pub fn draws(&self, case: CaseId) -> [Ppm; 2] {
        let code = self.draws.clone().chain_update(case.uuid().as_bytes());
        let code: [u8; 32] = code.finalize().into_bytes().into();
        let (words, _) = code.as_chunks();
        [words.first(), words.get(1)]
            .map(|word| word.map_or(Ppm::ONE, |bytes| Ppm::drawn(u32::from_be_bytes(*bytes))))
    }

    /// Changes with each append of this process.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Closes every connection, and with the last one folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.pool.close().await;
    }

    async fn open_file(url: &StoreUrl) -> Result<Self, StoreError> {
        let path = url.file();
        schema::touch(&path).await?;
        let writer = Writer::at(&path).await?;
        let readers = schema::readers(&path, writer.health());
        Self::prepared(url, writer, readers).await
    }

    async fn prepared(
        url: &StoreUrl,
        writer: Writer,
        readers: SqlitePool,
    ) -> Result<Self, StoreError> {
        let secret = schema::prepare(&writer.pool, url).await?;
        let draws = Hmac::new_from_slice(&secret)
            .map_err(|cause| StoreError::corrupt("the store's secret", &cause))?;
        Ok(Self {
            kind: url.kind,
            draws,
            group: Group::start(writer.clone()),
            writer,
            readers,
            memo: Memo::default(),
            news: watch::Sender::new(0),
        })
    }
}

/// Runs a transaction to its end even when the caller is dropped: a handler whose client went away must not leave one open.
async fn to_its_end<T: Send + 'static>(
    transaction: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(transaction).await?
}

/// A count as the database keeps it.
fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
