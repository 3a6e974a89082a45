//! `tierone release halt`: takes every release back into shadow, whatever program and configuration it is of.

use std::io::Write;

use serde::Serialize;

use crate::{
    app::{demo, operate::Order},
    domain::operation::everyone,
    inbound::{
        cli::{Global, cases::said, exit, now, who},
        safe_json,
        shown::shown,
    },
};

const NAME_MAX: usize = 120;

/// The arguments of `release halt`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Why.
    #[arg(long)]
    reason: String,
}

#[derive(Serialize)]
struct HaltedView {
    by: String,
    operation: u64,
}

/// Runs it.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let order = Order::Halt(said(args.reason)?);
    let app = global.open_there(&demo::tenant()).await?;
    let (claimant, now) = (who::claimant()?, now(&app));
    let operation = app.operate(&everyone(), &claimant, order, now).await?;
    let by = operation.by.to_string();
    if global.json {
        let operation = operation.number;
        safe_json::write_line(out, &HaltedView { by, operation })?;
    } else {
        writeln!(
            out,
            "every release is in shadow, on the word of {} (operation {} of its chain)",
            shown(&by, NAME_MAX),
            operation.number
        )?;
    }
    Ok(exit::OK)
}
