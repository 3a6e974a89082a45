//! `/v1/cases`

mod answer;
mod events;
pub mod forms;
mod list;
mod show;
mod undo;

pub use self::{answer::answer, events::events, list::list, show::show, undo::undo};
