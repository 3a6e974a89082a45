//! The case's state machine: every order of events, every transition, and a log that was changed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its functions too"
)]

mod bodies;
mod model;
mod properties;
mod transitions;
mod walk;
