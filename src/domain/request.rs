//! A request: what somebody asked for in a chat, and what they were told of it. The truth of what came of it is its case.

use jiff::Timestamp;

use super::{alert::Alert, id::CaseId};

/// The source of requests.
pub const SOURCE: &str = "request";

/// What somebody asked for, and where they are told what comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its case.
    pub case: CaseId,
    /// Who asked, by the chat's name for them.
    pub asker: String,
    /// The channel in which they are told, or their own id.
    pub channel: String,
    /// The message in whose thread; `None` where they are told directly.
    pub thread: Option<String>,
    /// Where the last message stands.
    pub told: Option<Told>,
    /// What it says; empty before the first.
    pub state: String,
    /// How many events of the case that rests on.
    pub events: u64,
    /// When they asked.
    pub asked_at: Timestamp,
    /// When they said that the answer solved it: counted, and no evidence.
    pub helped_at: Option<Timestamp>,
}

/// A message, by the chat's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The channel that it came to stand in.
    pub place: String,
    /// The message.
    pub message: String,
}

/// How many requests there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requested {
    /// All of them.
    pub requests: u64,
    /// Those of which whoever asked said that the answer solved it.
    pub helped: u64,
}

/// What whoever asks for something wrote; `None` where the alert is no request.
pub fn matter(alert: &Alert) -> Option<&str> {
    let of_request = alert.source.as_str() == SOURCE;
    let text = Some(&alert.raw).filter(|_| of_request)?;
    text.pointer("/request/text")?.as_str()
}
