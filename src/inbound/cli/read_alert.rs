//! `tierone read-alert`: the child process in which a site's own sources run. It takes its bounds first, before it reads anything.
//!
//! Not for people: it is left out of the help. Its parent hears nothing of what fails, and knows what to do where there is no answer.

use std::io::{self, BufWriter};

use nix::sys::resource::{Resource, rlim_t, setrlimit};

use super::exit;
use crate::app::reading;

/// Address space: a payload of the largest size takes some hundred megabytes.
const MEMORY_MAX_BYTES: rlim_t = 1024 * 1024 * 1024;

/// The arguments of `read-alert`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Seconds of processor time.
    #[arg(long)]
    seconds: rlim_t,
}

/// Runs it.
pub fn run(args: &Args) -> anyhow::Result<u8> {
    confine(args.seconds)?;
    reading::answer(io::stdin().lock(), BufWriter::new(io::stdout().lock()))?;
    Ok(exit::OK)
}

/// What this process may take. It writes no file and leaves no image of its memory, which holds an alert.
fn confine(seconds: rlim_t) -> nix::Result<()> {
    let after = seconds.saturating_add(1);
    setrlimit(Resource::RLIMIT_CPU, seconds, after)?;
    setrlimit(Resource::RLIMIT_AS, MEMORY_MAX_BYTES, MEMORY_MAX_BYTES)?;
    setrlimit(Resource::RLIMIT_FSIZE, 0, 0)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)
}
