//! Frozen: a store as it is at one moment, only to be read. Nothing is made, migrated or changed, and what others write meanwhile is not
//! seen.

use std::path::Path;

use hmac::{Hmac, KeyInit};
use sqlx::SqlitePool;

use super::{
    Store,
    error::StoreError,
    group::Group,
    memo::Memo,
    schema::{self, Made, Schema},
    url::StoreUrl,
    writer::Writer,
};

impl Store {
    /// The store at `url` as it is now, to be read. It must be there, of this kind and of this build's schema.
    pub async fn frozen(url: &str) -> Result<Self, StoreError> {
        let url = StoreUrl::parse(url)?;
        let frozen = Self::freeze(&url).await;
        frozen.map_err(|error| error.at(&url.path))
    }

    /// The same, by a URL that was read.
    pub(super) async fn freeze(url: &StoreUrl) -> Result<Self, StoreError> {
        let (pool, made) = look(url).await?;
        match made.schema {
            Schema::Own => Self::of_frozen(pool, &made),
            Schema::Older(found) => Err(StoreError::unavailable(
                &format!("an older build made it, its schema is {found}"),
                "run a command that writes to it, such as `tierone cases list`, and it is brought up",
            )),
        }
    }

    /// A store over a connection that reads one moment.
    pub(super) fn of_frozen(pool: SqlitePool, made: &Made) -> Result<Self, StoreError> {
        Ok(Self {
            memo: Memo::default(),
            news: tokio::sync::watch::Sender::new(0),
            kind: made.kind,
            draws: Hmac::new_from_slice(&made.secret)
                .map_err(|cause| StoreError::corrupt("the store's secret", &cause))?,
            group: Group::start(Writer::placeless(pool.clone())),
            writer: Writer::placeless(pool.clone()),
            readers: pool,
        })
    }
}

/// The file at `url` at one moment, and what it says of itself: another kind than the URL's is refused.
pub(super) async fn look(url: &StoreUrl) -> Result<(SqlitePool, Made), StoreError> {
    let path = url.file();
    must_exist(&path).await?;
    let pool = schema::frozen(&path).await?;
    let made = schema::made(&mut *pool.acquire().await?, url).await?;
    if made.kind != url.kind {
        return Err(schema::wrong_kind(made.kind, url));
    }
    Ok((pool, made))
}

/// A name that was mistaken must not become a new, empty store.
pub(super) async fn must_exist(path: &Path) -> Result<(), StoreError> {
    match tokio::fs::metadata(path).await {
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Err(StoreError::unavailable(
            &"there is no such file",
            "name the store by --store, or by [store] url in the config",
        )),
        Err(cause) => Err(cause.into()),
    }
}
