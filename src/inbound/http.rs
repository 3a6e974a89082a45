//! What calls us by HTTP. `router` lists every route; each verb under a noun has a file. Whose data a caller sees is its key's word alone.

mod alerts;
mod caller;
mod cases;
mod command;
mod health;
mod kill;
mod problem;
mod reception;
mod reply;
mod router;
mod server;
mod view;

pub use self::{
    reception::{Exposure, Reception},
    router::router,
    server::serve,
};
