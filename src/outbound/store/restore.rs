//! Restore: a backup takes the place of a store, at once or not at all, and only once a copy of it was opened and checked.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{Connection as _, SqliteConnection};

use super::{
    Store,
    check::checked,
    error::StoreError,
    files::{COMPANIONS, beside, claim, copy, forget, sync, sync_folder},
    frozen::look,
    schema,
    url::StoreUrl,
};
use crate::domain::soundness::Soundness;

/// How long the store that is there is waited for: whoever writes ends sooner, and whoever has it open does not.
const IN_USE_TIMEOUT: Duration = Duration::from_secs(2);
const FOLD: &str = "pragma journal_mode = delete";

/// What becomes of a store that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// Nothing is restored over it.
    Refuse,
    /// It gets this ending.
    Aside(String),
}

/// A store that was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What a look through it found.
    pub soundness: Soundness,
    /// Where the store is that was there before.
    pub aside: Option<PathBuf>,
}

impl Store {
    /// Puts the store that is in the file `from` in the place that `url` names. Nothing is changed there before a copy was brought to this build's
    /// schema and found sound.
    pub async fn restore(
        url: &str,
        from: &Path,
        instead: &Instead,
    ) -> Result<Restored, StoreError> {
        let url = StoreUrl::parse(url)?;
        let backup = StoreUrl {
            kind: url.kind,
            path: from.display().to_string(),
        };
        let target = url.file();
        refuse_itself(&backup, &target).await?;
        let looked = look(&backup).await;
        let (pool, _) = looked.map_err(|error| not_this(error, &backup, &url))?;
        pool.close().await;
        let there = is_there(&target).await;
        if there && *instead == Instead::Refuse {
            return Err(StoreError::Refused {
                url: url.path,
                cause: "a store is there already".into(),
                cure: "give --replace to move it aside, or name another with --store".into(),
            });
        }
        let part = beside(&target, ".restoring");
        claim(
            &part,
            "remove it: a restore to this place broke off, or is under way",
        )
        .await?;
        let done = async {
            let soundness = prepared(&backup, &url, &part).await?;
            let aside = put(&part, &target, instead, there, &url).await?;
            Ok(Restored { soundness, aside })
        };
        let done = done.await;
        if done.is_err() {
            forget(&part).await;
        }
        done
    }
}

/// A copy of `backup` at `part`, of this build's schema, looked through, and on the disk.
async fn prepared(backup: &StoreUrl, url: &StoreUrl, part: &Path) -> Result<Soundness, StoreError> {
    let copied = copy(&backup.file(), part).await;
    copied.map_err(|error| error.at(&backup.path))?;
    let own = StoreUrl {
        kind: url.kind,
        path: part.display().to_string(),
    };
    let opened = Store::open_file(&own).await;
    opened
        .map_err(|error| error.at(&backup.path))?
        .close()
        .await;
    let soundness = checked(&own).await?;
    if let Some(damage) = soundness.damages.first() {
        return Err(StoreError::Refused {
            url: backup.path.clone(),
            cause: format!("it is damaged: {} {}", damage.what, damage.cause),
            cure: "restore another backup; nothing was changed".into(),
        });
    }
    alone(part).await?;
    sync(part).await?;
    Ok(soundness)
}

/// Has everything in the one file that is renamed: what lay beside it must be folded into it, and goes.
async fn alone(part: &Path) -> Result<(), StoreError> {
    let log = beside(part, "-wal");
    let log = tokio::fs::metadata(log).await;
    if log.is_ok_and(|log| log.len() > 0) {
        let cause = "the copy's log was not folded into it";
        return Err(StoreError::unavailable(&cause, "try again"));
    }
    for ending in COMPANIONS {
        match tokio::fs::remove_file(beside(part, ending)).await {
            Ok(()) => {}
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => return Err(cause.into()),
        }
    }
    Ok(())
}

/// Gives `part` its place. Where a store is there, it gets a second name first, so that there is a store at every moment.
async fn put(
    part: &Path,
    target: &Path,
    instead: &Instead,
    there: bool,
    url: &StoreUrl,
) -> Result<Option<PathBuf>, StoreError> {
    let aside = match instead {
        Instead::Aside(ending) if there => Some(beside(target, ending)),
        Instead::Aside(_) | Instead::Refuse => None,
    };
    if let Some(aside) = &aside {
        let folded = fold(target).await;
        folded.map_err(|error| error.at(&url.path))?;
        move_aside(target, aside).await?;
    }
    tokio::fs::rename(part, target).await?;
    sync_folder(target).await?;
    Ok(aside)
}

/// Folds what lies beside the store that is there into it. This takes a store that nobody has open: whoever had would go on writing to the
/// file that was moved aside. One that is no database any more cannot be asked.
async fn fold(target: &Path) -> Result<(), StoreError> {
    if !tokio::fs::try_exists(target).await? {
        return Ok(());
    }
    let options = schema::existing(target).busy_timeout(IN_USE_TIMEOUT);
    let folded = async {
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::query(FOLD).execute(&mut connection).await?;
        connection.close().await
    };
    match folded.await.map_err(StoreError::from) {
        Ok(()) | Err(StoreError::Corrupt { .. }) => Ok(()),
        Err(StoreError::Unavailable { what, cause, .. }) => Err(StoreError::Unavailable {
            what,
            cause,
            cure: "end whatever has it open, such as `tierone serve`, and restore again".into(),
        }),
        Err(other) => Err(other),
    }
}

async fn move_aside(target: &Path, aside: &Path) -> Result<(), StoreError> {
    for ending in COMPANIONS {
        let (from, to) = (beside(target, ending), beside(aside, ending));
        match tokio::fs::rename(from, to).await {
            Ok(()) => {}
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => return Err(cause.into()),
        }
    }
    match tokio::fs::hard_link(target, aside).await {
        Ok(()) => Ok(()),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
        // A file system without second names: for a moment there is no store in its place.
        Err(_) => {
            claim(aside, "move it away").await?;
            Ok(tokio::fs::rename(target, aside).await?)
        }
    }
}

/// Whether anything is at `target` that a store would be lost with. The log of a store that is gone would be taken for the new one's.
async fn is_there(target: &Path) -> bool {
    for ending in ["", "-wal", "-journal"] {
        let found = tokio::fs::symlink_metadata(beside(target, ending)).await;
        if found.is_ok_and(|found| found.len() > 0 || !found.is_file()) {
            return true;
        }
    }
    false
}

async fn refuse_itself(backup: &StoreUrl, target: &Path) -> Result<(), StoreError> {
    let (one, other) = (
        tokio::fs::canonicalize(backup.file()).await,
        tokio::fs::canonicalize(target).await,
    );
    match (one, other) {
        (Ok(one), Ok(other)) if one == other => Err(StoreError::Refused {
            url: backup.path.clone(),
            cause: "it is the store itself".into(),
            cure: "name a backup".into(),
        }),
        _ => Ok(()),
    }
}

/// Why the backup is none of this store, in words about the backup.
fn not_this(error: StoreError, backup: &StoreUrl, url: &StoreUrl) -> StoreError {
    match error.at(&backup.path) {
        StoreError::WrongKind { made, opened, .. } => StoreError::Refused {
            url: backup.path.clone(),
            cause: format!(
                "it was made as `{}`, and the store to restore is `{}`",
                made.word(),
                opened.word()
            ),
            cure: format!(
                "restore it to --store {}://{}",
                super::url::scheme(made),
                url.path
            ),
        },
        StoreError::Unavailable { what, cause, .. } => StoreError::Unavailable {
            what,
            cause,
            cure: "name a file that `tierone store backup` made".into(),
        },
        other => other,
    }
}
