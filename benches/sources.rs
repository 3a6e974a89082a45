//! From the bytes of a typical payload to its alerts: each source on its own fixtures, and a payload of each whose source is guessed. The
//! slowest are printed in the end.
//!
//! Not timed tests: run `just bench`, and compare as ratios within one run.

#![expect(
    clippy::print_stdout,
    reason = "what is slowest is told on standard output"
)]

use std::{
    fs,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use criterion::Criterion;
use jiff::Timestamp;
use tierone::{
    app::rules,
    config::Config,
    domain::{alert::Origin, id::TenantId},
    pipeline::normalise::{Asked, Intake, Sources, normalise},
};

/// How many of the slowest are printed.
const SLOWEST: usize = 5;

fn main() -> anyhow::Result<()> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let sources = Sources::compile(rules::source_files(&Config::default())?)?;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sources");
    // One payload's time, by name: the best of all its samples is the least disturbed.
    let mut times = Vec::new();
    for id in sources.names() {
        let payloads = payloads(&fixtures.join(id.as_str()))?;
        if payloads.is_empty() {
            continue;
        }
        let named = Asked::Source {
            id: id.clone(),
            origin: Origin::Named,
        };
        for (how, asked) in [("named", named), ("guessed", Asked::Auto)] {
            let name = format!("{how}/{id}");
            let best = measured(&mut criterion, &name, &sources, &payloads, &asked)?;
            if let Some(best) = best {
                times.push((best, name));
            }
        }
    }
    times.sort();
    times.reverse();
    for (time, name) in times.iter().take(SLOWEST) {
        println!("slowest: {name}: {} µs a payload", time.as_micros());
    }
    criterion.final_summary();
    Ok(())
}

/// The time of one payload: the mean of a source's fixtures, in the best sample. `None` where it was filtered out.
fn measured(
    criterion: &mut Criterion,
    name: &str,
    sources: &Sources,
    payloads: &[Vec<u8>],
    asked: &Asked,
) -> anyhow::Result<Option<Duration>> {
    let received_at: Timestamp = "2026-11-24T05:00:00Z".parse()?;
    let intakes: Vec<Intake<'_>> = payloads
        .iter()
        .map(|bytes| Intake {
            tenant: TenantId::new("default"),
            name: "post.json".into(),
            bytes,
            source: asked.clone(),
            received_at,
        })
        .collect();
    let mut best = None;
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|rounds| {
            let start = Instant::now();
            for _ in 0..rounds {
                for intake in &intakes {
                    black_box(normalise(sources, black_box(intake)));
                }
            }
            let each = start.elapsed() / u32::try_from(intakes.len()).unwrap_or(1);
            let one = each / u32::try_from(rounds).unwrap_or(1);
            best = Some(best.map_or(one, |best: Duration| best.min(one)));
            each
        });
    });
    Ok(best)
}

fn payloads(folder: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut payloads = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(payloads);
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            payloads.push(fs::read(path)?);
        }
    }
    Ok(payloads)
}
