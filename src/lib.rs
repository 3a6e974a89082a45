//! tierone: a tier-one triage agent that acts alone only when no human judgment is required.

pub mod domain;
pub mod pipeline;
pub mod ports;
