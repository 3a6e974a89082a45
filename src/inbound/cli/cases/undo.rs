//! `tierone cases undo`: takes back what was done.

use std::io::Write;

use super::{
    About,
    answer::{open, open_to},
    said,
};
use crate::{
    app::executors::Sending,
    inbound::cli::{Global, exit, now, rehearsal, who},
};

/// The arguments of `cases undo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    about: About,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Show exactly what would be sent, and neither append nor send anything.
    #[arg(long)]
    dry_run: bool,
}

/// Runs it: exit code 1 where it was begun and is not known to be done.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let reason = said(args.reason)?;
    if args.dry_run {
        return rehearse(global, &args.about, out).await;
    }
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

async fn rehearse(global: &Global, about: &About, out: &mut impl Write) -> anyhow::Result<u8> {
    let opened = open_to(global, about, Sending::Rehearsal).await?;
    let (claimant, now) = (who::claimant()?, now(&opened.app));
    let rehearsed = opened
        .app
        .rehearse_undo(&opened.tenant, opened.id, &claimant, now);
    rehearsal::write(out, global, &Box::pin(rehearsed).await?)?;
    Ok(exit::OK)
}
