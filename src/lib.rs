//! tierone: a tier-one triage agent that acts alone only when no human judgment is required.

pub mod app;
pub mod config;
pub mod domain;
pub mod embedded;
pub mod eval;
pub mod inbound;
pub mod outbound;
pub mod pipeline;
pub mod ports;
pub mod telemetry;
