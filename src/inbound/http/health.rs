//! `/healthz` and `/readyz`: they take no key and say nothing about anyone.

mod alive;
mod ready;

pub use self::{alive::alive, ready::ready};
