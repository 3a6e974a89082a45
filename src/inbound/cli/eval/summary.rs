//! What a run found, for people: suite by suite with numbers and bounds, the parts of the gate that were left out, and the graders.

use std::io::Write;

use crate::{
    eval::{
        bundle::{Agent, BarResult, Bundle, Mutant, Part, Side, SuiteResult},
        run::Found,
        runner::Ran,
    },
    inbound::shown::shown,
};

const TEXT_MAX: usize = 300;
/// Cases of one suite that are told, of those that missed a bar or came to no result.
const TOLD_MAX: usize = 10;

/// Prints it, and how long it took.
pub fn print(found: &Found, seconds: f64, out: &mut impl Write) -> anyhow::Result<()> {
    let bundle = &found.bundle;
    for (suite, ran) in bundle.suites.iter().zip(&found.ran) {
        print_suite(suite, out)?;
        print_bad(ran, out)?;
    }
    print_mutants(&bundle.mutants, out)?;
    print_agents(&bundle.agents, out)?;
    print_total(bundle, seconds, out)
}

fn print_suite(suite: &SuiteResult, out: &mut impl Write) -> anyhow::Result<()> {
    let figures = suite
        .figures
        .iter()
        .map(|(name, count)| format!("{count} {name}"));
    let figures: Vec<String> = figures.collect();
    writeln!(
        out,
        "{:<12} {}: {} cases in {} clusters, {} without a result; {}",
        suite.verdict.word(),
        shown(&suite.name, TEXT_MAX),
        suite.cases,
        suite.clusters,
        suite.errors,
        figures.join(", ")
    )?;
    for bar in &suite.bars {
        writeln!(out, "    {}", bar_line(bar))?;
    }
    Ok(())
}

/// A bar in one line: what was seen, the bound that follows, and where it must be.
pub fn bar_line(bar: &BarResult) -> String {
    let (sign, more) = match bar.side {
        Side::Never => ("at most", ", never"),
        Side::AtMost => ("at most", ""),
        Side::AtLeast => ("at least", ""),
    };
    format!(
        "{:<12} {}{more}: {} of {} clusters; bound {}, must be {sign} {}",
        bar.verdict.word(),
        bar.name,
        bar.k,
        bar.n,
        percent(bar.bound),
        percent(bar.limit)
    )
}

/// Millionths as per cent.
pub fn percent(millionths: u32) -> String {
    format!("{}.{:02} %", millionths / 10_000, millionths % 10_000 / 100)
}

fn print_bad(ran: &[Ran], out: &mut impl Write) -> anyhow::Result<()> {
    let bad = || ran.iter().filter_map(|ran| Some((ran, ran.complaint()?)));
    for (ran, complaint) in bad().take(TOLD_MAX) {
        let (id, complaint) = (shown(&ran.id, TEXT_MAX), shown(&complaint, TEXT_MAX));
        writeln!(out, "        {id}: {complaint}")?;
    }
    match bad().count().saturating_sub(TOLD_MAX) {
        0 => Ok(()),
        more => Ok(writeln!(out, "        and {more} more, in the report")?),
    }
}

fn print_mutants(mutants: &[Mutant], out: &mut impl Write) -> anyhow::Result<()> {
    if !mutants.is_empty() {
        writeln!(out, "Left out of the gate, one at a time:")?;
    }
    for mutant in mutants {
        let part = match mutant.part {
            Part::Condition => "condition",
            Part::Policy => "policy",
        };
        let by = mutant.caught_by.as_deref().map_or_else(
            || "NOT CAUGHT".to_owned(),
            |by| format!("caught {} times, first by `{by}`", mutant.noticed),
        );
        let (name, by) = (shown(&mutant.name, TEXT_MAX), shown(&by, TEXT_MAX));
        writeln!(out, "    {part:<9} {name:<38} {by}")?;
    }
    Ok(())
}

fn print_agents(agents: &[Agent], out: &mut impl Write) -> anyhow::Result<()> {
    if !agents.is_empty() {
        writeln!(out, "Agents before the graders:")?;
    }
    for agent in agents {
        let said = match (agent.bad, agent.graded) {
            (true, true) => format!("caught by {}", agent.failed_by.join(", ")),
            (true, false) => "NOT CAUGHT".into(),
            (false, true) => "passes".into(),
            (false, false) => format!("WRONGLY FAILED by {}", agent.failed_by.join(", ")),
        };
        writeln!(out, "    {:<24} {said}", agent.name)?;
    }
    Ok(())
}

fn print_total(bundle: &Bundle, seconds: f64, out: &mut impl Write) -> anyhow::Result<()> {
    let cases: u64 = bundle.suites.iter().map(|suite| suite.cases).sum();
    let caught = bundle
        .mutants
        .iter()
        .filter(|mutant| mutant.caught_by.is_some())
        .count();
    writeln!(
        out,
        "{}: {cases} cases of {} suites in {seconds:.1} s ({:.0} a second), {caught} of {} mutants caught, seed {}, evidence {}",
        bundle.verdict,
        bundle.suites.len(),
        rate(cases, seconds),
        bundle.mutants.len(),
        bundle.seed,
        bundle.digest()?.short()
    )?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(cases: u64, seconds: f64) -> f64 {
    cases as f64 / seconds.max(f64::EPSILON)
}
