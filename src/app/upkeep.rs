//! Upkeep: looking through a whole store, copying it, and putting a copy in its place. None of it opens the store for work.

use std::path::{Path, PathBuf};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    domain::soundness::Soundness,
    outbound::store::{Instead, Store},
};

/// What becomes of a store that is in the place of a restored one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum There {
    /// It stays, and nothing is restored.
    Stays,
    /// It is moved aside, and kept.
    MovedAside,
}

/// Looks through the store at `url`.
pub async fn check(url: &str) -> anyhow::Result<Soundness> {
    Ok(Store::check(url).await?)
}

/// Copies the store at `url` to the new file `target`, and looks through the copy.
pub async fn backup(url: &str, target: &Path) -> anyhow::Result<Soundness> {
    Ok(Store::backup(url, target).await?)
}

/// Puts the store in the file `from` into the place that `url` names, once it was found sound; gives also where the store went that was
/// there.
pub async fn restore(
    url: &str,
    from: &Path,
    there: There,
    now: Timestamp,
) -> anyhow::Result<(Soundness, Option<PathBuf>)> {
    let instead = match there {
        There::Stays => Instead::Refuse,
        There::MovedAside => Instead::Aside(ending(now)),
    };
    let restored = Store::restore(url, from, &instead).await?;
    Ok((restored.soundness, restored.aside))
}

/// No two stores that are moved aside have one name, unless it were within a second: then the second one is refused.
fn ending(now: Timestamp) -> String {
    let time = now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ");
    format!(".replaced-{time}")
}
