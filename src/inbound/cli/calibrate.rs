//! `tierone calibrate`: what each class of action has earned by what people decided blind, written as a calibration.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use serde::Serialize;

use super::{Global, exit, now, who, whole_file};
use crate::{
    app::{App, StoreChoice, calibrate::Calibrated, demo, executors::Sending},
    config::Config,
    domain::{canonical::to_bytes, id::TenantId, release::Ppm},
    inbound::{safe_json, shown::shown},
    pipeline::calibrate::{Account, Rung, Tested},
};

const WIDTH: u16 = 150;
const TEXT_MAX: usize = 200;

/// The arguments of `calibrate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose cases.
    #[arg(long, default_value = "default")]
    tenant: String,
    /// Where the calibration goes; otherwise where [files] calibration says.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct CalibratedView<'a> {
    calibration: String,
    cases: u64,
    rows: u64,
    attacks: u64,
    alpha: f64,
    beta: f64,
    delta: f64,
    classes: Vec<ClassView<'a>>,
}

#[derive(Serialize)]
struct ClassView<'a> {
    action: &'a str,
    radius: u8,
    rows: u64,
    trials: u64,
    not_safe: u64,
    granted: Option<u32>,
    bound_ppm: Option<u32>,
    coverage_ppm: u32,
    needed: u64,
    rungs: Vec<RungView>,
}

#[derive(Serialize)]
struct RungView {
    level: u32,
    trials: u64,
    not_safe: u64,
    bound_ppm: u32,
    attacks: Option<u64>,
    closed: Option<u64>,
    tested: &'static str,
}

/// Runs it.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let mut config = global.config()?;
    let path = target(&config, args.out)?;
    // What it writes need not be there yet, and nothing is decided by it here.
    config.files.calibration = None;
    let there = StoreChoice::There(global.url()?);
    let tenant = demo::tenant();
    let opening = App::open(&config, &there, &tenant, None, Sending::DryRun);
    let app = Box::pin(opening).await?;
    let (claimant, now) = (who::claimant()?, now(&app));
    let tenant = TenantId::new(args.tenant);
    let calibrated = app.calibrate(&tenant, &claimant, &config.gate, now).await?;
    let bytes = to_bytes(&calibrated.calibration)?;
    whole_file::write(&path, "calibration", &bytes)?;
    if global.json {
        safe_json::write_line(out, &view(&path, &calibrated))?;
    } else {
        write(out, &path, &calibrated)?;
    }
    Ok(exit::OK)
}

fn target(config: &Config, named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    named.or_else(|| config.files.calibration.clone()).context(
        "the config names no calibration; name a file with --out, or by [files] calibration",
    )
}

fn write(out: &mut impl Write, path: &Path, calibrated: &Calibrated) -> anyhow::Result<()> {
    let terms = calibrated.terms;
    writeln!(
        out,
        "{} cases are over; of the mature ones {} were answered blind and {} were attacks\nat most {} of what is done alone unsafe, at most {} of attacks closed, wrong with probability {} at most",
        calibrated.cases,
        calibrated.rows,
        calibrated.attacks,
        share(terms.alpha),
        share(terms.beta),
        share(terms.delta),
    )?;
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header([
            "class",
            "rows",
            "trials",
            "unsafe",
            "granted",
            "bound",
            "coverage",
            "acting on all",
            "acting on none",
            "clean trials more",
        ]);
    for account in &calibrated.accounts {
        table.add_row(row(account));
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    let path = path.display().to_string();
    writeln!(out, "written to {}", shown(&path, TEXT_MAX))?;
    Ok(())
}

fn row(account: &Account) -> Vec<String> {
    let all = &account.everything;
    let counted = account.granted_rung().or(account.rungs.last());
    let counts = counted.map_or((0, 0), |rung| (rung.trials, rung.not_safe));
    vec![
        format!(
            "{} at radius {}",
            account.class.action, account.class.radius
        ),
        account.rows.to_string(),
        counts.0.to_string(),
        counts.1.to_string(),
        account
            .granted
            .map_or("nothing".into(), |level| format!("level {level}")),
        account
            .granted_rung()
            .map_or("none".into(), |rung| Ppm::new(rung.bound).to_string()),
        Ppm::new(account.coverage).to_string(),
        format!("{} of {} unsafe", all.not_safe, all.trials),
        "0 of 0 unsafe".into(),
        account.needed.to_string(),
    ]
}

fn view<'a>(path: &Path, calibrated: &'a Calibrated) -> CalibratedView<'a> {
    CalibratedView {
        calibration: path.display().to_string(),
        cases: calibrated.cases,
        rows: calibrated.rows,
        attacks: calibrated.attacks,
        alpha: calibrated.terms.alpha,
        beta: calibrated.terms.beta,
        delta: calibrated.terms.delta,
        classes: calibrated.accounts.iter().map(class).collect(),
    }
}

fn class(account: &Account) -> ClassView<'_> {
    let all = &account.everything;
    ClassView {
        action: account.class.action.as_str(),
        radius: account.class.radius,
        rows: account.rows,
        trials: all.trials,
        not_safe: all.not_safe,
        granted: account.granted,
        bound_ppm: account.granted_rung().map(|rung| rung.bound),
        coverage_ppm: account.coverage,
        needed: account.needed,
        rungs: account.rungs.iter().map(rung).collect(),
    }
}

fn rung(rung: &Rung) -> RungView {
    RungView {
        level: rung.level,
        trials: rung.trials,
        not_safe: rung.not_safe,
        bound_ppm: rung.bound,
        attacks: rung.attacks.map(|(seen, _)| seen),
        closed: rung.attacks.map(|(_, closed)| closed),
        tested: match rung.tested {
            Tested::TooFew => "too_few",
            Tested::Accepted => "accepted",
            Tested::TooUnsafe => "too_unsafe",
            Tested::TooFewAttacks => "too_few_attacks",
            Tested::ClosesAttacks => "closes_attacks",
            Tested::NotReached => "not_reached",
        },
    }
}

fn share(of_one: f64) -> String {
    format!("{} %", of_one * 100.0)
}
