//! `tierone precedents quarantine`: takes a precedent out of the evidence, for good.

use std::io::Write;

use serde::Serialize;

use super::Which;
use crate::inbound::{
    cli::{Global, cases::said, exit, now, who},
    safe_json,
    shown::shown,
};

const TEXT_MAX: usize = 400;

/// The arguments of `precedents quarantine`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// Why.
    #[arg(long)]
    reason: String,
}

#[derive(Serialize)]
struct Quarantined<'a> {
    id: &'a str,
    by: &'a str,
    at: String,
    operation: u64,
}

/// Runs it.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let reason = said(args.reason)?;
    let (tenant, id) = (args.which.tenant(), args.which.id());
    let app = global.open_there(&tenant).await?;
    let (claimant, now) = (who::claimant()?, now(&app));
    let operation = app.quarantine(&tenant, &claimant, &id, reason, now).await?;
    if global.json {
        let quarantined = Quarantined {
            id: id.as_str(),
            by: operation.by.as_str(),
            at: operation.at.to_string(),
            operation: operation.number,
        };
        safe_json::write_line(out, &quarantined)?;
    } else {
        let by = shown(operation.by.as_str(), TEXT_MAX);
        writeln!(
            out,
            "precedent {} no longer counts, on the word of {by}; a calibration made before asks until it is granted anew",
            shown(id.as_str(), TEXT_MAX)
        )?;
    }
    Ok(exit::OK)
}
