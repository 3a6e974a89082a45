//! Why the store did not do its part, by what the caller can do about it.

use std::fmt;

use crate::domain::{canonical::NotCanonical, case::Illegal, facts::StoreKind, id::PrecedentId};

/// Why the store did not do its part.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Someone else was first: read again and decide anew.
    #[error("{what} was changed by someone else since it was read; read it again and try again")]
    Conflict {
        /// What.
        what: String,
    },
    /// The URL names a kind that this store is not.
    #[error(
        "store `{path}` was made as `{}`, and was opened as `{}`; open it with `{url}`",
        made.word(),
        opened.word()
    )]
    WrongKind {
        /// Where the store is.
        path: String,
        /// Its kind, for life.
        made: StoreKind,
        /// What it was opened as.
        opened: StoreKind,
        /// The URL that opens it.
        url: String,
    },
    /// A newer build wrote it: leave it alone until this one is upgraded.
    #[error("{what} has version {found}, and this build reads up to {known}; upgrade tierone")]
    Newer {
        /// What.
        what: String,
        /// Its version.
        found: i64,
        /// The newest version that this build reads.
        known: i64,
    },
    /// What is stored is not what was written.
    #[error("{what} is damaged: {cause}; restore the store from a backup")]
    Corrupt {
        /// What.
        what: String,
        /// How it shows.
        cause: String,
    },
    /// The database cannot do it now: disk full, read-only, locked, gone.
    #[error("{what} cannot be used: {cause}; {cure}")]
    Unavailable {
        /// What.
        what: String,
        /// The database's words.
        cause: String,
        /// What to do.
        cure: String,
    },
    /// The URL cannot name a store of this build.
    #[error("store `{url}` is refused: {cause}; {cure}")]
    Refused {
        /// The URL, or its scheme where the rest may be secret.
        url: String,
        /// Why.
        cause: String,
        /// What to do.
        cure: String,
    },
    /// The precedent's id is in use for another one.
    #[error("precedent `{id}` is already stored with other content; give this one another id")]
    Taken {
        /// The id.
        id: PrecedentId,
    },
    /// The caller's events or rows do not belong where it puts them. Nothing was written.
    #[error("{what} does not belong there: {cause}; this is a fault in tierone, report it")]
    Misplaced {
        /// What.
        what: String,
        /// Why not.
        cause: String,
    },
    /// A value cannot be hashed. Nothing was written.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
}

/// Primary result codes of `SQLite` (<https://www.sqlite.org/rescode.html>).
const BUSY: i32 = 5;
const READ_ONLY: i32 = 8;
const IO: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const NOT_A_DATABASE: i32 = 26;

impl StoreError {
    /// The same, naming the store at `path`, where the database's words name none.
    pub(super) fn at(self, path: &str) -> Self {
        let what = format!("store `{path}`");
        match self {
            Self::Unavailable { cause, cure, .. } => Self::Unavailable { what, cause, cure },
            Self::Corrupt { cause, .. } => Self::Corrupt { what, cause },
            Self::Newer { found, known, .. } => Self::Newer { what, found, known },
            other @ (Self::Conflict { .. }
            | Self::WrongKind { .. }
            | Self::Refused { .. }
            | Self::Taken { .. }
            | Self::Misplaced { .. }
            | Self::NotCanonical(_)) => other,
        }
    }

    /// What was read of `what` cannot be what was written.
    pub(super) fn corrupt(what: impl Into<String>, cause: &dyn fmt::Display) -> Self {
        Self::Corrupt {
            what: what.into(),
            cause: cause.to_string(),
        }
    }

    /// Why the stored events of `what` do not fold.
    pub(super) fn unfoldable(what: String, illegal: Illegal) -> Self {
        match illegal {
            Illegal::NotCanonical(cause) => Self::NotCanonical(cause),
            other => Self::corrupt(what, &other),
        }
    }

    /// The database's words, with a cure.
    pub(super) fn unavailable(cause: &dyn fmt::Display, cure: &str) -> Self {
        Self::Unavailable {
            what: "the store".into(),
            cause: cause.to_string(),
            cure: cure.into(),
        }
    }
}

/// Whether another process, or another connection of this one, is in the way.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(BUSY)
}

/// The primary result code of `SQLite`, which is the low byte of what it says.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    Some(code.parse::<i32>().ok()? & 0xff)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else {
            return Self::unavailable(&error, "try again");
        };
        let cure = match primary_code(&error) {
            Some(CORRUPT | NOT_A_DATABASE) => {
                return Self::corrupt("the store", &database.message());
            }
            Some(BUSY) => "another process is writing: try again",
            Some(FULL) => "make room on the disk",
            Some(IO) => "look whether the disk is full, read-only, failing or gone",
            Some(CANNOT_OPEN | READ_ONLY) => {
                "check that its folder exists, and that it, the file and the disk may be written to"
            }
            Some(_) | None => "try again",
        };
        Self::unavailable(&database.message(), cure)
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::unavailable(&error, "check that its folder exists and may be written to")
    }
}

impl From<tokio::task::JoinError> for StoreError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::unavailable(&error, "the process is stopping: try again when it is up")
    }
}

impl From<Illegal> for StoreError {
    fn from(illegal: Illegal) -> Self {
        Self::unfoldable("the case".into(), illegal)
    }
}
