//! What we call: the adapters. They know `domain` and `ports`, and nothing of the pipeline or the surfaces.

pub mod child;
pub mod dry_run;
pub mod embedded_index;
pub mod endpoint;
pub mod internal;
pub mod lexical;
pub mod openai;
pub mod pagerduty;
pub mod recorder;
pub mod recording;
pub mod replay;
pub mod slack;
pub mod store;
pub mod webhook;

#[cfg(test)]
pub(crate) mod tests;
