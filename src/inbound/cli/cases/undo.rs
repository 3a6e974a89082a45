//! `tierone cases undo`: takes back what was done.

use std::io::Write;

use super::{
    About,
    answer::{open, said},
};
use crate::inbound::cli::{Global, exit, now, who};

/// The arguments of `cases undo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    about: About,
    /// Why.
    #[arg(long)]
    reason: String,
}

/// Runs it: exit code 1 where it was begun and is not known to be done.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let reason = said(args.reason)?;
    let opened = open(global, &args.about).await?;
    let (claimant, now) = (who::claimant()?, now(&opened.app));
    let undone = opened
        .app
        .undo(&opened.tenant, opened.id, &claimant, reason, now);
    let case = Box::pin(undone).await?;
    opened.report(global, out).await?;
    Ok(match case.executed {
        None => exit::OK,
        Some(_) => exit::SOME,
    })
}
