//! A card: what a chat was shown of a case, so that it can be brought up to date. The truth is the case.

use jiff::Timestamp;

use super::id::CaseId;

/// What a channel was shown of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Which case.
    pub case: CaseId,
    /// In which channel.
    pub channel: String,
    /// The message, by the chat's name for it; `None` where the case is only counted.
    pub message: Option<String>,
    /// The fold that it is counted in, and in whose thread it stands.
    pub fold: Option<String>,
    /// How many events of the case it shows.
    pub events: u64,
    /// When it was first shown.
    pub posted_at: Timestamp,
}

/// Many cases as one message with their number, and a thread below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// In which channel.
    pub channel: String,
    /// Its name: what they have in common.
    pub name: String,
    /// The message; `None` before it is posted.
    pub message: Option<String>,
    /// What it says.
    pub shown: String,
    /// When it began.
    pub begun_at: Timestamp,
}

/// How many cases a fold has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// All of them.
    pub cases: u64,
    /// Those that are not over.
    pub open: u64,
    /// Those that are not over and have a card in the thread.
    pub shown: u64,
}
