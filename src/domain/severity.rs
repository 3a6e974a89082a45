//! Severity in our five words, ordered, beside which the vendor's own value is always kept.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad the source says it is (OCSF `severity_id` 1 to 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// No action is needed.
    Informational,
    /// Minor.
    Low,
    /// Needs attention in working hours.
    Medium,
    /// Needs attention now.
    High,
    /// Needs attention now, by more than one person.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 5] = [
        Self::Informational,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
