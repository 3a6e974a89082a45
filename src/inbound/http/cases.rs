//! `/v1/cases`

mod answered;
mod approve;
mod claim;
mod events;
mod reject;
mod resolve;
mod show;

pub use self::{
    approve::approve, claim::claim, events::events, reject::reject, resolve::resolve, show::show,
};
