//! Paged: what came of telling whoever is on call that nobody answered.

use serde::{Deserialize, Serialize};

/// What came of paging whoever is on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paged {
    /// The pager took it.
    Sent {
        /// What the pager said.
        receipt: String,
    },
    /// Nobody knows of it by a pager.
    Unsent {
        /// Why.
        cause: String,
    },
}
