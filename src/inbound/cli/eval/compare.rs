//! `tierone eval compare A B`: what changed between two runs, case by case, and how likely so uneven a change is by chance.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    super::{Global, exit},
    report::CASES_FILE,
};
use crate::{
    app::release::attest::{keys, kind_of},
    eval::baseline::Baseline,
    eval::compare::{CaseResult, Cases, Changed, compare},
    inbound::{safe_json, shown::shown},
};

const TEXT_MAX: usize = 300;

/// Which runs.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The report folder of the run before, or a baseline.
    before: PathBuf,
    /// The report folder of the run after, or a baseline.
    after: PathBuf,
}

/// Compares them. A case that was well and is not is a failure, however many are better.
pub fn run(global: &Global, args: &Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let before = read(global, &args.before)?;
    let comparison = compare(&before, &read(global, &args.after)?);
    if global.json {
        safe_json::write_line(out, &comparison)?;
    } else {
        let lists = [
            ("worse", &comparison.worse),
            ("better", &comparison.better),
            ("other", &comparison.other),
        ];
        for (word, changed) in lists {
            print(word, changed, out)?;
        }
        writeln!(
            out,
            "{} cases in both, {} and {} in one alone: {} worse, {} better, {} otherwise; p = {:.4} (exact McNemar test, two-sided)",
            comparison.both,
            comparison.alone.0,
            comparison.alone.1,
            comparison.worse.len(),
            comparison.better.len(),
            comparison.other.len(),
            comparison.p
        )?;
    }
    Ok(if comparison.both == 0 {
        exit::INCONCLUSIVE
    } else if comparison.worse.is_empty() {
        exit::OK
    } else {
        exit::SOME
    })
}

/// The cases of a run, from its report folder or from a baseline, which somebody must have signed whose key is known here.
fn read(global: &Global, path: &Path) -> anyhow::Result<Cases> {
    if path.is_dir() {
        return reported(path);
    }
    let bytes = std::fs::read(path).with_context(|| {
        format!(
            "baseline `{}` cannot be read; make one with `tierone eval bless`",
            path.display()
        )
    })?;
    let keys = keys(&global.config()?.release, kind_of(&global.url()?)?)?;
    Baseline::read(&bytes, &keys).with_context(|| {
        format!(
            "baseline `{}` is not believed; see [release] public_keys, or make it with `tierone eval bless`",
            path.display()
        )
    })
}

/// The cases of the run that was reported into `folder`.
pub fn reported(folder: &Path) -> anyhow::Result<Cases> {
    let file = folder.join(CASES_FILE);
    let text = std::fs::read(&file).with_context(|| {
        format!(
            "cases `{}` cannot be read; make them with `tierone eval run --report DIR`",
            file.display()
        )
    })?;
    serde_json::from_slice(&text)
        .with_context(|| format!("`{}` holds no cases of a run", file.display()))
}

fn print(word: &str, changed: &[Changed], out: &mut impl Write) -> anyhow::Result<()> {
    for case in changed {
        let name = format!("{}/{}", case.suite, case.id);
        let (name, before) = (shown(&name, TEXT_MAX), said(&case.before));
        writeln!(out, "{word:<6} {name}: {before} -> {}", said(&case.after))?;
    }
    Ok(())
}

fn said(case: &CaseResult) -> String {
    let effect = case.effect.map_or("no result", |effect| effect.word());
    match &case.complaint {
        None => effect.into(),
        Some(complaint) => format!("{effect} ({})", shown(complaint, TEXT_MAX)),
    }
}
