//! `tierone eval run`: runs the suites and says, suite by suite, what was found, with how many cases and clusters and with which bounds.

use std::{io::Write, path::PathBuf, sync::Arc, time::Instant};

use super::{
    super::{Global, exit},
    progress::Bar,
    report,
    summary::print,
};
use crate::{
    app::evaluate::{config_of, evaluate, material},
    eval::{
        bundle::{Extent, Verdict},
        run::Asked,
    },
    inbound::safe_json,
};

/// What to run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// This suite only.
    #[arg(long, value_name = "NAME")]
    suite: Option<String>,
    /// Have the model of `--config` write the drafts of attacked cases and their clean twins. What it says is no evidence, and none is written.
    #[arg(long, conflicts_with_all = ["suite", "candidate", "full", "threads", "report"])]
    pub(super) live: bool,
    /// The folder that is tried instead of what is configured: `tierone.toml`, `policies`, `sources`.
    #[arg(long, value_name = "DIR")]
    candidate: Option<PathBuf>,
    /// The seed of the sample.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(super) seed: u32,
    /// Every case, not a sample.
    #[arg(long)]
    full: bool,
    /// Threads; otherwise one a core.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Write the evidence bundle and the reports into this folder.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

/// Runs it.
pub fn run(global: &Global, args: &Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let material = Arc::new(match &args.candidate {
        Some(folder) => material(&config_of(folder)?, Some(folder))?,
        None => material(&global.config()?, None)?,
    });
    let asked = Asked {
        suite: args.suite.clone(),
        seed: args.seed,
        extent: if args.full {
            Extent::Full
        } else {
            Extent::Sampled
        },
        threads: args.threads.unwrap_or_else(cores),
    };
    let begun = Instant::now();
    let found = evaluate(&material, &asked, &Bar::new())?;
    let seconds = begun.elapsed().as_secs_f64();
    if global.json {
        safe_json::write_line(out, &found.bundle)?;
    } else {
        print(&found, seconds, out)?;
    }
    if let Some(folder) = &args.report {
        report::write(folder, &found)?;
    }
    Ok(match found.bundle.verdict {
        Verdict::Pass => exit::OK,
        Verdict::Fail => exit::SOME,
        Verdict::Inconclusive => exit::INCONCLUSIVE,
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}
