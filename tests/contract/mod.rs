//! The contract of the ports: whatever implements one passes its checks, by one more line in its test.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its functions too"
)]

mod embedder;
mod vector_store;
