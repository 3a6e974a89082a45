//! What calls us from Slack, and what people see there. Slack is a view: the truth is the case, and an event that is lost, forged, late or doubled
//! changes nothing that it should not.

mod asker;
mod asking;
pub mod blocks;
pub mod bot;
pub mod card;
pub mod choices;
mod command;
mod fold;
pub mod form;
mod history;
pub mod incoming;
mod listing;
mod mention;
mod offer;
mod outbox;
mod precedents;
mod press;
mod reasons;
pub mod request;
mod routing;
pub mod safe_text;
pub mod signature;
mod socket;
mod who;
