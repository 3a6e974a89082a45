//! What calls us by HTTP. `router` lists every route; each verb under a noun has a file, and each answer a form. Whose data a caller sees is its key's word alone.

mod alerts;
mod caller;
mod cases;
mod coding;
mod command;
mod health;
mod kill;
mod metrics;
mod problem;
mod reception;
mod release;
mod reply;
mod router;
mod server;
mod slack;
mod view;

pub use self::{
    reception::{Exposure, Reception},
    router::router,
    server::serve,
};
