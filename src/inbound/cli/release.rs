//! `tierone release`: what is running, what attests it, and how much of it may be done alone.

mod attest;
mod halt;
mod promote;
mod show;

use std::io::Write;

use clap::Subcommand;

use super::Global;

/// What can be done with a release.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what the release is made of, what attests it, how far it was promoted, and what is missing.
    Show,
    /// Sign that what runs here passed its evaluation. This needs the private key, which never comes to the host that acts.
    Attest(attest::Args),
    /// Let the attested release do alone: nothing (shadow), one case in ten (canary), all but the hold-out (full).
    Promote(promote::Args),
    /// Take every release back into shadow, at once.
    Halt(halt::Args),
}

/// Runs it.
pub async fn run(global: &Global, command: Command, out: &mut impl Write) -> anyhow::Result<u8> {
    match command {
        Command::Show => show::run(global, out).await,
        Command::Attest(args) => attest::run(global, &args, out),
        Command::Promote(args) => Box::pin(promote::run(global, args, out)).await,
        Command::Halt(args) => Box::pin(halt::run(global, args, out)).await,
    }
}
