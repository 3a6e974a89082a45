//! `tierone config`: what is configured, and what follows from it.

mod check;

use std::io::Write;

use clap::Subcommand;

use super::Global;

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read it and everything it names; say all that is wrong, and what is in effect.
    Check,
}

/// Runs it.
pub async fn run(global: &Global, command: Command, out: &mut impl Write) -> anyhow::Result<u8> {
    match command {
        Command::Check => check::run(global, out).await,
    }
}
