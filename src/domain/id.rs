//! The names of things: each its own type, so that a tenant is never passed where a case is meant.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// Whose data this is. Every row in the store has one.
    TenantId
);
text_id!(
    /// An alert source: the name of its jq file without the ending.
    SourceId
);
text_id!(
    /// A catalogue entry.
    ActionId
);
text_id!(
    /// A precedent: a case id for one that was lived here, else the id it was imported under.
    PrecedentId
);
text_id!(
    /// A person of `people.toml`.
    PersonId
);
text_id!(
    /// A group of people.
    GroupId
);
text_id!(
    /// A team that owns assets or detections.
    TeamId
);

/// The letters of a case id.
const LENGTH: usize = 36;

/// A case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseId(Uuid);

impl CaseId {
    /// A case id from the caller's source of ids.
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The case that a precedent was made of, by the id of that; `None` for one that was brought in.
    pub fn within(precedent: &PrecedentId) -> Option<Self> {
        precedent.as_str().get(..LENGTH)?.parse().ok()
    }

    /// The UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for CaseId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
