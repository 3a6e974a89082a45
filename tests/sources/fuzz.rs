//! Our fixtures, changed at random, each through one source: its own, another one, or a guess. Nothing may be lost, panic or grow.

use std::{
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    thread,
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
const INPUTS: usize = 400;
/// After so many inputs a thread says how far it is.
const PROGRESS: usize = 100_000;
/// Above this many megabytes something grows that should not.
const PEAK_MAX_MB: u64 = 512;
/// How a reader says that jq itself panicked: that ends one payload, and is worth a look.
const JQ_PANICKED: &str = "a number that jq cannot handle";

#[derive(Default)]
struct Count {
    /// By the source that read them; by a guess it is the one of the first alert.
    inputs: BTreeMap<String, usize>,
    guessed: usize,
    bytes: usize,
    alerts: usize,
    controls: usize,
    unreadable: usize,
    jq_panics: usize,
    panics: usize,
    lost: usize,
    bad: BTreeMap<String, String>,
}

impl Count {
    fn add(&mut self, other: Self) {
        for (source, inputs) in other.inputs {
            *self.inputs.entry(source).or_default() += inputs;
        }
        self.guessed += other.guessed;
        self.bytes += other.bytes;
        self.alerts += other.alerts;
        self.controls += other.controls;
        self.unreadable += other.unreadable;
        self.jq_panics += other.jq_panics;
        self.panics += other.panics;
        self.lost += other.lost;
        self.bad.extend(other.bad);
    }

    fn all(&self) -> usize {
        self.inputs.values().sum()
    }
}

/// Our fixtures by source, so that each source has as many inputs as any other, and all of them as values.
struct Corpus {
    sources: Vec<Vec<Payload>>,
    values: Vec<Value>,
}

impl Corpus {
    fn new() -> Self {
        let mut sources: Vec<Vec<Payload>> = Vec::new();
        let mut values = Vec::new();
        for payload in fixtures() {
            values.extend(serde_json::from_slice::<Value>(&payload.bytes).ok());
            match sources.last_mut() {
                Some(last) if last[0].source == payload.source => last.push(payload),
                _ => sources.push(vec![payload]),
            }
        }
        Self { sources, values }
    }
}

/// The most memory that this process ever had, where the system tells.
pub fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes =
        line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

fn run(corpus: &Corpus, inputs: usize, seed: u64) -> Count {
    let (sources, started) = (shipped(), Instant::now());
    let (mut chance, mut count) = (Chance(seed), Count::default());
    for done in 1..=inputs {
        let payloads: &Vec<Payload> = chance.of(&corpus.sources);
        let payload = chance.of(payloads);
        let strangers: &Vec<Payload> = chance.of(&corpus.sources);
        let stranger = &strangers[0].source;
        let way = match chance.below(8) {
            0 => None,
            1 => Some(stranger.as_str()),
            _ => Some(payload.source.as_str()),
        };
        let bytes = mutated(&payload.bytes, &corpus.values, &mut chance);
        one(sources, way, payload, &bytes, &mut count);
        if done % PROGRESS == 0 {
            report(&count, started);
        }
    }
    count
}

fn one(sources: &Sources, way: Option<&str>, payload: &Payload, bytes: &[u8], count: &mut Count) {
    count.bytes += bytes.len();
    count.guessed += usize::from(way.is_none());
    let Ok(items) = catch_unwind(AssertUnwindSafe(|| read(sources, way, bytes))) else {
        *count.inputs.entry("none".into()).or_default() += 1;
        count.panics += 1;
        let text = format!("{} by {way:?}: {}", payload.name, bytes.escape_ascii());
        count.bad.insert("panic".into(), text);
        return;
    };
    let reader = way.map_or_else(|| source_of(&items), ToOwned::to_owned);
    *count.inputs.entry(reader).or_default() += 1;
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

fn source_of(items: &[Item]) -> String {
    match items.first() {
        None => "none".into(),
        Some(Item::Control { source, .. }) => source.to_string(),
        Some(Item::Alert(alert)) => alert.source.to_string(),
    }
}

fn report(count: &Count, started: Instant) {
    println!(
        "{} inputs ({} by a guess, {} MB) in {:.0} s: {} alerts ({} unreadable, of which {} where jq panicked), {} control messages, {} panics, {} lost; most memory {} MB",
        count.all(),
        count.guessed,
        count.bytes >> 20,
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

/// `inputs` shared among `threads`, each with a seed of its own.
fn check(inputs: usize, seed: u64, threads: usize) {
    let (started, corpus) = (Instant::now(), Corpus::new());
    // A panic within jq is caught and counted; its words would only fill the screen.
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let mut count = Count::default();
    thread::scope(|scope| {
        let runs: Vec<_> = (0..threads as u64)
            .map(|thread| {
                let (corpus, seed) = (&corpus, seed.wrapping_add(thread << 32));
                scope.spawn(move || run(corpus, inputs.div_ceil(threads), seed))
            })
            .collect();
        for run in runs {
            count.add(run.join().unwrap());
        }
    });
    set_hook(hook);
    report(&count, started);
    for (source, inputs) in &count.inputs {
        println!("  {source}: {inputs}");
    }
    assert!(
        count.bad.is_empty() && count.panics == 0 && count.lost == 0,
        "{:#?}",
        count.bad
    );
}

#[test]
fn changed_fixtures_are_never_lost() {
    check(INPUTS, 1, 1);
}

#[test]
#[ignore = "takes as long as it is told to: `TIERONE_FUZZ=2000000 just fuzz`"]
fn changed_fixtures_are_never_lost_however_many() {
    let told = |name: &str, otherwise: usize| {
        let text = std::env::var_os(name);
        text.map_or(otherwise, |text| text.to_str().unwrap().parse().unwrap())
    };
    check(
        told("TIERONE_FUZZ", 2_000_000),
        told("TIERONE_SEED", 2) as u64,
        told("TIERONE_THREADS", 1),
    );
    assert!(peak_mb() < PEAK_MAX_MB, "{} MB", peak_mb());
}
