//! What a release promises: nothing is done alone unless exactly what is running was attested and promoted, and then it is.

mod attestation;
mod commands;
mod example;
pub mod fires;
mod keys;
