//! Slack: cards, signatures, and a bot over both transports against a double of Slack in this process. `tests/real/slack.rs` tries a server double of its own.

mod alone;
pub mod cards;
pub mod double;
pub mod hostile;
mod presses;
pub mod requests;
mod signatures;
mod socket;
mod weather;
pub mod workspace;
