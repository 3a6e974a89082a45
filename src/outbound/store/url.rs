//! A store's URL: its scheme is the kind of the store, the rest is a path. `PostgreSQL` is named, and not in this build.

use std::path::{Path, PathBuf};

use super::error::StoreError;
use crate::domain::facts::StoreKind;

/// Where a store is, and as what it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoreUrl {
    /// The kind that the scheme names.
    pub(super) kind: StoreKind,
    /// The path, as it was given.
    pub(super) path: String,
}

impl StoreUrl {
    /// Reads `SCHEME://PATH`.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let refused = |url: &str, cause: &str| StoreError::Refused {
            url: url.into(),
            cause: cause.into(),
            cure: "use `sqlite://PATH`, `demo://PATH` or `simulated://PATH`".into(),
        };
        let Some((scheme, path)) = url.split_once("://") else {
            return Err(refused(url, "it has no scheme"));
        };
        let kind = match scheme {
            "sqlite" => StoreKind::Live,
            "demo" => StoreKind::Demo,
            "simulated" => StoreKind::Simulated,
            "postgres" | "postgresql" => {
                return Err(refused(
                    &format!("{scheme}://…"),
                    "PostgreSQL is not in this build",
                ));
            }
            _ => return Err(refused(&format!("{scheme}://…"), "its scheme is not known")),
        };
        if path.is_empty() {
            return Err(refused(url, "it has no path"));
        }
        Ok(Self {
            kind,
            path: path.into(),
        })
    }

    /// The file. A relative path begins with `./`, so that `SQLite` reads no meaning into `:memory:` or `file:`.
    pub(super) fn file(&self) -> PathBuf {
        Path::new(".").join(&self.path)
    }
}

/// The scheme that opens a store of this kind.
pub(super) const fn scheme(kind: StoreKind) -> &'static str {
    match kind {
        StoreKind::Live => "sqlite",
        StoreKind::Demo => "demo",
        StoreKind::Simulated => "simulated",
    }
}
