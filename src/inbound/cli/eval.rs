//! `tierone eval`: a change proves itself on cases before it acts on alerts. Exit codes: 0 pass, 1 fail, 2 usage, 3 inconclusive, 4 infrastructure.

mod bless;
mod compare;
mod live;
mod progress;
mod report;
mod run;
mod summary;

pub(super) use self::bless::bundle;

use std::io::Write;

use clap::Subcommand;

use super::Global;

/// What can be done about an evaluation.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the suites on this build, or on a candidate's folder.
    Run(run::Args),
    /// Say what changed between two runs, case by case.
    Compare(compare::Args),
    /// Make a passed run the baseline.
    Bless(bless::Args),
}

/// Runs it.
pub async fn run(global: &Global, command: &Command, out: &mut impl Write) -> anyhow::Result<u8> {
    match command {
        Command::Run(args) if args.live => live::run(global, args, out).await,
        Command::Run(args) => run::run(global, args, out),
        Command::Compare(args) => compare::run(global, args, out),
        Command::Bless(args) => bless::run(global, args, out),
    }
}
