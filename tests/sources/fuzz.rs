//! Our fixtures, changed at random, through their own source, another one and a guess. Nothing may be lost, panic or grow.

use std::{
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    time::Instant,
};

use serde_json::Value;
use tierone::{
    domain::alert::Reading,
    pipeline::normalise::{Item, Sources},
};

use super::{
    Payload, complaint, fixtures,
    mutation::{Chance, mutated},
    read, shipped,
};

/// Inputs of the test that everybody runs.
const INPUTS: usize = 150;
/// Above this many megabytes something grows that should not.
const PEAK_MAX_MB: u64 = 512;
/// How a reader says that jq itself panicked: that ends one payload, and is worth a look.
const JQ_PANICKED: &str = "a number that jq cannot handle";

#[derive(Default)]
struct Count {
    inputs: usize,
    readings: usize,
    alerts: usize,
    controls: usize,
    unreadable: usize,
    jq_panics: usize,
    panics: usize,
    lost: usize,
    bad: BTreeMap<String, String>,
}

/// The most memory that this process ever had, where the system tells.
pub fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes =
        line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

fn run(inputs: usize, seed: u64) -> Count {
    let (sources, payloads) = (shipped(), fixtures());
    let others: Vec<Value> = payloads
        .iter()
        .filter_map(|payload| serde_json::from_slice(&payload.bytes).ok())
        .collect();
    let (mut chance, mut count) = (Chance(seed), Count::default());
    for _ in 0..inputs {
        let payload = &payloads[chance.below(payloads.len())];
        let stranger = &payloads[chance.below(payloads.len())].source;
        let bytes = mutated(&payload.bytes, &others, &mut chance);
        count.inputs += 1;
        for way in [Some(payload.source.as_str()), Some(stranger.as_str()), None] {
            one(sources, way, payload, &bytes, &mut count);
        }
    }
    count
}

fn one(sources: &Sources, way: Option<&str>, payload: &Payload, bytes: &[u8], count: &mut Count) {
    count.readings += 1;
    let Ok(items) = catch_unwind(AssertUnwindSafe(|| read(sources, way, bytes))) else {
        count.panics += 1;
        count
            .bad
            .insert("panic".into(), String::from_utf8_lossy(bytes).into_owned());
        return;
    };
    for item in &items {
        match item {
            Item::Control { .. } => count.controls += 1,
            Item::Alert(alert) => {
                count.alerts += 1;
                if let Reading::Unreadable { cause } = &alert.reading {
                    count.unreadable += 1;
                    count.jq_panics += usize::from(cause.contains(JQ_PANICKED));
                }
            }
        }
    }
    if let Some(complaint) = complaint(&items) {
        count.lost += 1;
        let text = String::from_utf8_lossy(bytes);
        let start: String = text.chars().take(2_000).collect();
        count
            .bad
            .entry(complaint)
            .or_insert_with(|| format!("{} by {}: {start}", payload.name, way.unwrap_or("auto")));
    }
}

fn report(count: &Count, started: Instant) {
    println!(
        "{} inputs, {} readings in {:.0} s: {} alerts ({} unreadable, of which {} where jq panicked), {} control messages, {} panics, {} lost; most memory {} MB",
        count.inputs,
        count.readings,
        started.elapsed().as_secs_f64(),
        count.alerts,
        count.unreadable,
        count.jq_panics,
        count.controls,
        count.panics,
        count.lost,
        peak_mb(),
    );
}

fn check(inputs: usize, seed: u64) -> Count {
    let started = Instant::now();
    // A panic within jq is caught and counted; its words would only fill the screen.
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let count = run(inputs, seed);
    set_hook(hook);
    report(&count, started);
    assert!(
        count.bad.is_empty() && count.panics == 0 && count.lost == 0,
        "{:#?}",
        count.bad
    );
    count
}

#[test]
fn changed_fixtures_are_never_lost() {
    check(INPUTS, 1);
}

#[test]
#[ignore = "takes as long as it is told to: `TIERONE_FUZZ=2000000 just fuzz`"]
fn changed_fixtures_are_never_lost_however_many() {
    let told = |name: &str| {
        let text = std::env::var_os(name)?;
        text.to_str()?.parse::<u64>().ok()
    };
    let inputs = told("TIERONE_FUZZ").unwrap_or(2_000_000);
    check(
        usize::try_from(inputs).unwrap(),
        told("TIERONE_SEED").unwrap_or(2),
    );
    assert!(peak_mb() < PEAK_MAX_MB, "{} MB", peak_mb());
}
