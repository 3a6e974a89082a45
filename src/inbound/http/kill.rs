//! `/v1/kill`

mod status;
mod switch;

pub use self::{status::status, switch::switch};
