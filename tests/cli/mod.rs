//! The command line, run as the binary that people get: what it prints, in which words, and how it ends.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its functions too"
)]

mod calibrate;
mod cases;
mod config;
mod dry_run;
mod errors;
mod faults;
mod figures;
mod hostile;
mod json;
mod kill;
mod loosening;
mod ordered;
mod outage;
mod own_source;
mod people;
mod policy;
mod precedents;
pub mod run;
mod site;
mod store;
mod triage;
mod unreadable;
