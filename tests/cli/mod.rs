//! The command line, run as the binary that people get: what it prints, in which words, and how it ends.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its functions too"
)]

mod cases;
mod errors;
mod hostile;
mod json;
mod ordered;
mod own_source;
mod people;
mod policy;
mod run;
mod site;
mod triage;
mod unreadable;
