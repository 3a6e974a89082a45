//! What we call: the adapters. They know `domain` and `ports`, and nothing of the pipeline or the surfaces.

pub mod embedded_index;
pub mod lexical;
pub mod store;
