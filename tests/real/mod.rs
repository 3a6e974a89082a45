//! What is tried with real parts: each test says which, and is ignored where they are not there.

mod bounded;
mod drafted;
mod live;
mod model;
mod server;
mod slack;
mod workspace;
