//! Logs and figures. Logs go to standard error, so that standard output stays data; alert bodies and secrets are never logged. Figures are kept
//! where somebody can ask for them, by `serve`.

use std::{
    io::{self, IsTerminal as _},
    sync::OnceLock,
};

use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// What is logged where `RUST_LOG` does not say. The model's library shows bodies that it cannot read; it is given none, and is off all the same.
const DEFAULT: &str = "warn,tierone=info,async_openai=off";

/// The bounds of what is measured in seconds: from a decision of some milliseconds to a case of some days.
const SECONDS: [f64; 14] = [
    0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0, 1_800.0, 7_200.0, 28_800.0, 86_400.0,
    604_800.0,
];

static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts to keep figures, once in a process.
pub fn keep_figures() -> anyhow::Result<()> {
    if FIGURES.get().is_some() {
        return Ok(());
    }
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
        .context("the bounds of figures are not in order; report it")?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    // Where two begin at once, the first one's is kept, and both count to it.
    if metrics::set_global_recorder(recorder).is_ok() {
        drop(FIGURES.set(handle));
    }
    Ok(())
}

/// The figures as Prometheus reads them; `None` where none are kept.
pub fn figures() -> Option<String> {
    let figures = FIGURES.get()?;
    figures.run_upkeep();
    Some(figures.render())
}

/// Starts logging.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
}
