//! `tierone release promote`: how much of the attested release is done alone, by a person of the people file and for a reason.

use std::io::Write;

use clap::ValueEnum;
use serde::Serialize;

use crate::{
    app::demo,
    domain::{operation::Operation, release::Stage},
    inbound::{
        cli::{Global, cases::said, exit, now, who},
        safe_json,
        shown::shown,
    },
};

const NAME_MAX: usize = 120;

/// The arguments of `release promote`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How far.
    to: To,
    /// Why.
    #[arg(long)]
    reason: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    /// Nothing is done alone.
    Shadow,
    /// One eligible case in ten is.
    Canary,
    /// All are but the hold-out.
    Full,
}

#[derive(Serialize)]
struct PromotedView {
    release: String,
    stage: Stage,
    by: String,
    operation: u64,
}

/// Runs it: exit code 1 where nobody knows whoever asks, or nothing attests the release.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let reason = said(args.reason)?;
    let stage = Stage::from(args.to);
    let app = global.open_there(&demo::tenant()).await?;
    let (claimant, now) = (who::claimant()?, now(&app));
    let operation = app.promote(&claimant, stage, reason, now).await?;
    let release = app.rules().data.release.to_string();
    if global.json {
        safe_json::write_line(out, &view(release, stage, &operation))?;
    } else {
        writeln!(
            out,
            "release {release} is in {}, where {} of eligible cases may be done alone, on the word of {} (operation {} of its chain)",
            stage.word(),
            stage.fire_share(),
            shown(operation.by.as_str(), NAME_MAX),
            operation.number
        )?;
    }
    Ok(exit::OK)
}

fn view(release: String, stage: Stage, operation: &Operation) -> PromotedView {
    PromotedView {
        release,
        stage,
        by: operation.by.to_string(),
        operation: operation.number,
    }
}

impl From<To> for Stage {
    fn from(to: To) -> Self {
        match to {
            To::Shadow => Self::Shadow,
            To::Canary => Self::Canary,
            To::Full => Self::Full,
        }
    }
}
