//! Failure: what kind of thing went wrong, by what whoever asked can do about it.

use super::{denied::Denied, kill::NotStopped};
use crate::outbound::store::StoreError;

/// Whether it is the store that failed.
pub fn is_store_failure(error: &anyhow::Error) -> bool {
    let stuck = error.downcast_ref::<NotStopped>().is_some();
    stuck || (error.downcast_ref::<StoreError>().is_some() && !is_denied(error))
}

/// Whether a person was not granted what they wished, or somebody else was first: nothing was changed.
pub fn is_denied(error: &anyhow::Error) -> bool {
    let raced = matches!(
        error.downcast_ref::<StoreError>(),
        Some(StoreError::Conflict { .. })
    );
    let denied = error.downcast_ref::<Denied>();
    raced || denied.is_some_and(|denied| !matches!(denied, Denied::NoSuchCase { .. }))
}

/// What the store says of it, where it is the store that failed.
pub(super) fn store_error(error: &anyhow::Error) -> Option<&StoreError> {
    error.downcast_ref::<StoreError>()
}

/// Why the store did not do its part, by what a caller far away can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// Somebody else was first: look again.
    Conflict,
    /// It may work later.
    Unavailable,
    /// It will not work until somebody repairs something here.
    Broken,
}

/// What kind of failure of the store `error` is, if it is one.
pub fn store_failure(error: &anyhow::Error) -> Option<StoreFailure> {
    error.downcast_ref::<StoreError>().map(|error| match error {
        StoreError::Conflict { .. } => StoreFailure::Conflict,
        StoreError::Unavailable { .. } => StoreFailure::Unavailable,
        StoreError::WrongKind { .. }
        | StoreError::Newer { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Refused { .. }
        | StoreError::Taken { .. }
        | StoreError::Misplaced { .. }
        | StoreError::NotCanonical(_) => StoreFailure::Broken,
    })
}
