//! The HTTP surface, over real sockets: a service with a live store in a temporary folder and a receiver of its own.

mod alerts;
mod blind;
mod callers;
mod cases;
pub mod client;
mod ends;
mod kill;
mod list;
mod metrics;
mod overdue;
mod own_sources;
pub mod receiver;
pub mod server;
mod tenants;
