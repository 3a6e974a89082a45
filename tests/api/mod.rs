//! The HTTP surface, over real sockets: a service with a live store in a temporary folder and a receiver of its own.

mod alerts;
mod callers;
mod cases;
mod client;
mod ends;
mod kill;
mod receiver;
mod server;
mod tenants;
