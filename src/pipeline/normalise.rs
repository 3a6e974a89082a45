//! Normalise: a vendor's payload becomes alerts. Pure; what a vendor's format is stands in its jq file, never here.
//!
//! No alert is lost: what cannot be read, or what a source makes nothing of, becomes an alert of severity high that says so.

mod alert;
mod caps;
mod check;
mod constants;
mod entity;
mod facets;
mod fingerprint;
mod found;
mod language;
mod marks;
mod names;
mod natives;
mod payload;
mod reader;
mod sources;
mod steps;
mod time;
mod unreadable;
mod value;
mod vocabulary;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    alert::{Alert, Origin},
    id::{SourceId, TenantId},
};

pub(super) use self::found::{refanged, shaped};
pub use self::sources::{GENERIC, SourceError, Sources};

/// Bytes as they came in.
#[derive(Clone, Debug)]
pub struct Intake<'a> {
    /// Whose they are.
    pub tenant: TenantId,
    /// The name of the file or route: the title of what cannot be read.
    pub name: String,
    /// The bytes.
    pub bytes: &'a [u8],
    /// The source that they are from.
    pub source: Asked,
    /// When they were received.
    pub received_at: Timestamp,
}

/// Which source is to read a payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// This one.
    Source {
        /// Its name.
        id: SourceId,
        /// How it is known.
        origin: Origin,
    },
    /// The first that recognises it.
    Auto,
}

/// What came of a payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "nearly all items are alerts")]
pub enum Item {
    /// An alert.
    Alert(Alert),
    /// A message about the sending itself, such as a request to confirm a subscription.
    Control {
        /// The source that knows it.
        source: SourceId,
        /// Its name.
        control: String,
    },
}

/// Reads `intake`. There is always at least one item.
pub fn normalise(sources: &Sources, intake: &Intake<'_>) -> Vec<Item> {
    reader::read(sources, intake)
}

/// The alert that says that `intake` could not be read, for a `cause` that lies outside of this code.
pub fn unread_intake(intake: &Intake<'_>, cause: &str) -> Alert {
    reader::unread(intake, cause)
}

/// The alert that stands for something whose bytes could not even be had, such as a file that nobody may read.
pub fn unread(tenant: &TenantId, name: &str, cause: &str, received_at: Timestamp) -> Alert {
    unreadable::unread(tenant, name, cause, received_at)
}
