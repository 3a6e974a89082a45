//! From the marks of a suite's cases to its verdict: bounds over clusters against bars that were declared before the run.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    bars::{Bar, ERRORS_MAX},
    bundle::{BarResult, Side, SuiteResult, Verdict},
    runner::Ran,
    suite::Suite,
};
use crate::domain::statistics::{lower, upper};

/// What `ran` says of `suite`, of which so many cases were `drawn`. A case that is missing is an error.
pub fn of(suite: &Suite, drawn: usize, ran: &[Ran]) -> SuiteResult {
    let broken = ran.iter().filter(|ran| ran.result.is_err()).count();
    let errors = broken + drawn.saturating_sub(ran.len());
    let clusters: BTreeSet<&str> = ran.iter().map(|ran| ran.cluster.as_str()).collect();
    let bars: Vec<BarResult> = suite.bars.iter().map(|bar| bar_result(bar, ran)).collect();
    let worst = bars.iter().map(|bar| bar.verdict).max();
    SuiteResult {
        name: suite.name.clone(),
        compiled_in: suite.compiled_in,
        data: suite.data,
        cases: count(ran.len()),
        clusters: count(clusters.len()),
        errors: count(errors),
        verdict: worst
            .unwrap_or(Verdict::Inconclusive)
            .max(sound(errors, drawn)),
        bars,
        figures: figures(ran),
    }
}

/// A suite that ran nothing, or in which more came to no result than may, says nothing.
fn sound(errors: usize, drawn: usize) -> Verdict {
    let share = u128::from(ERRORS_MAX) * count_wide(drawn);
    if drawn == 0 || count_wide(errors) * 1_000_000 > share {
        Verdict::Inconclusive
    } else {
        Verdict::Pass
    }
}

/// A bar counts the clusters with a case that it is about. What must not happen happened in a cluster where it did in any of its
/// cases; what must happen, where it did in all of them.
fn bar_result(bar: &Bar, ran: &[Ran]) -> BarResult {
    let mut clusters: BTreeMap<&str, bool> = BTreeMap::new();
    for ran in ran {
        let marks = ran.result.iter().flat_map(|graded| &graded.marks);
        for mark in marks.filter(|mark| mark.bar == bar.name) {
            let happened = clusters
                .entry(&ran.cluster)
                .or_insert(bar.side == Side::AtLeast);
            match bar.side {
                Side::Never | Side::AtMost => *happened |= mark.happened,
                Side::AtLeast => *happened &= mark.happened,
            }
        }
    }
    let n = count(clusters.len());
    let k = count(clusters.values().filter(|happened| **happened).count());
    let bound = match bar.side {
        Side::Never | Side::AtMost => upper(k, n),
        Side::AtLeast => lower(k, n),
    };
    BarResult {
        name: bar.name.into(),
        side: bar.side,
        n,
        k,
        bound,
        limit: bar.limit,
        verdict: verdict(bar, n, k, bound),
    }
}

fn verdict(bar: &Bar, n: u64, k: u64, bound: u32) -> Verdict {
    match bar.side {
        Side::Never if k > 0 => Verdict::Fail,
        Side::Never | Side::AtMost if bound <= bar.limit => Verdict::Pass,
        Side::AtMost if lower(k, n) > bar.limit => Verdict::Fail,
        Side::AtLeast if bound >= bar.limit => Verdict::Pass,
        Side::AtLeast if n > 0 && upper(k, n) < bar.limit => Verdict::Fail,
        Side::Never | Side::AtMost | Side::AtLeast => Verdict::Inconclusive,
    }
}

/// How often each effect was seen.
fn figures(ran: &[Ran]) -> BTreeMap<String, u64> {
    let mut figures = BTreeMap::new();
    for graded in ran.iter().filter_map(|ran| ran.result.as_ref().ok()) {
        *figures.entry(graded.effect.word().to_owned()).or_default() += 1;
    }
    figures
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn count_wide(number: usize) -> u128 {
    u128::try_from(number).unwrap_or(u128::MAX)
}
