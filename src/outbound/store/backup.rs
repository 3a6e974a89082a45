//! Backup: a copy of the whole store as of one moment, made while others write. It gets its name only once it was checked.

use std::path::Path;

use super::{
    Store,
    check::checked,
    error::StoreError,
    files::{beside, claim, copy, forget, sync, sync_folder},
    frozen::look,
    url::StoreUrl,
};
use crate::domain::soundness::Soundness;

impl Store {
    /// Copies the store at `url` to `target`, which nothing may have as its name yet, and returns what a look through the copy found. A copy
    /// that is damaged is removed and is an error.
    pub async fn backup(url: &str, target: &Path) -> Result<Soundness, StoreError> {
        let url = StoreUrl::parse(url)?;
        // What is no store, or one of another kind, is refused before anything is made.
        let looked = look(&url).await;
        let (pool, _) = looked.map_err(|error| error.at(&url.path))?;
        pool.close().await;
        let target = Path::new(".").join(target);
        claim(&target, "name another file, a backup replaces none").await?;
        let part = beside(&target, ".part");
        let done = make(&url, &part, &target).await;
        if done.is_err() {
            forget(&part).await;
            forget(&target).await;
        }
        done
    }
}

/// The copy is made under another name, so that a backup that broke off is an empty file and never half a store.
async fn make(url: &StoreUrl, part: &Path, target: &Path) -> Result<Soundness, StoreError> {
    claim(part, "remove it: a backup to this file broke off").await?;
    let copied = copy(&url.file(), part).await;
    copied.map_err(|error| error.at(&url.path))?;
    sync(part).await?;
    let own = StoreUrl {
        kind: url.kind,
        path: part.display().to_string(),
    };
    let soundness = checked(&own).await?;
    if let Some(damage) = soundness.damages.first() {
        let cause = format!("{} {}", damage.what, damage.cause);
        return Err(StoreError::Corrupt {
            what: format!("the copy of store `{}`", url.path),
            cause,
        });
    }
    tokio::fs::rename(part, target).await?;
    sync_folder(target).await?;
    Ok(soundness)
}
