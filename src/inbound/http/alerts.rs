//! `/v1/alerts`

mod receive;

pub use self::receive::receive;
