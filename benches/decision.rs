//! Alert to decision without a model, over 10,000 precedents of which 100 are in the alert's key; and the gate alone.
//!
//! Not timed tests: run `just bench`, and compare as ratios within one run.

#![expect(
    clippy::expect_used,
    reason = "a benchmark that measures a failure measures nothing"
)]

use std::{collections::BTreeSet, hint::black_box};

use criterion::{BatchSize, Criterion};
use jiff::Timestamp;
use tierone::{
    app::{App, Outcome, Ruling, Submitted, demo, executors::Sending, rules},
    config::Config,
    domain::{
        alert::Origin,
        case::Case,
        decision::Effect,
        event::{Body, Event},
        facts::{Evidence, Facts, GateState, Known, StoreKind},
        id::{PrecedentId, SourceId, TenantId},
        precedent::Precedent,
        release::{Attestation, Ppm, Stage},
        step::Word,
    },
    outbound::store::Store,
    pipeline::{
        gate::{Question, decide},
        normalise::{Asked, Intake},
        rules::Rules,
    },
};
use tokio::runtime::{Builder, Runtime};

const PRECEDENTS: usize = 10_000;
const IN_KEY: usize = 100;
const DETECTION: &str = "HostRebooted";

type Anyhow<T> = anyhow::Result<T>;

fn main() -> Anyhow<()> {
    let mut criterion = Criterion::default().configure_from_args();
    // As `triage` has it.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let url = format!("demo://{}", folder.path().join("bench.db").display());
    let memory = runtime.block_on(bench_app(None))?;
    let file = runtime.block_on(bench_app(Some(&url)))?;
    alert_to_decision(
        &mut criterion,
        &runtime,
        "alert to decision/in memory",
        &memory,
    );
    alert_to_decision(
        &mut criterion,
        &runtime,
        "alert to decision/on disk, synchronous=FULL",
        &file,
    );
    gate(&mut criterion, &runtime, &memory)?;
    criterion.final_summary();
    Ok(())
}

fn alert_to_decision(criterion: &mut Criterion, runtime: &Runtime, name: &str, app: &App) {
    let mut number = 0_u64;
    criterion.bench_function(name, |bencher| {
        bencher.iter_batched(
            || {
                number += 1;
                payload(number)
            },
            |payload| {
                let outcome = runtime.block_on(submit(app, &payload));
                black_box(outcome.expect("an alert is decided"))
            },
            BatchSize::SmallInput,
        );
    });
}

/// The gate on a case that is drafted: every condition, the site's policy, the digest.
fn gate(criterion: &mut Criterion, runtime: &Runtime, app: &App) -> Anyhow<()> {
    let outcome = runtime.block_on(submit(app, &payload(0)))?;
    let story = runtime.block_on(app.find(&demo::tenant(), outcome.case.id))?;
    let case = drafted(&story.expect("the case is stored").events)?;
    let rules = rules::load(&Config::default(), StoreKind::Demo)?;
    let facts = facts(&rules)?;
    let now = clock()?;
    let question = Question {
        case: &case,
        word: &Word::Agent,
        facts: &facts,
        rules: &rules,
        now,
    };
    let decision = decide(question)?;
    assert_eq!(
        decision.verdict.effect,
        Effect::Fire,
        "{:?}",
        decision.held_by
    );
    criterion.bench_function("gate", |bencher| {
        bencher.iter(|| decide(black_box(question)).expect("the gate decides"));
    });
    Ok(())
}

async fn bench_app(url: Option<&str>) -> Anyhow<App> {
    let store = match url {
        Some(url) => Store::open(url).await?,
        None => Store::throwaway().await?,
    };
    store
        .add_precedents(&demo::tenant(), &precedents()?)
        .await?;
    App::over(
        store,
        &Config::default(),
        &demo::tenant(),
        None,
        Sending::Real,
    )
    .await
}

/// The demo's rows of one detection, copied until there are 100 of that key and 9,900 of others.
fn precedents() -> Anyhow<Vec<Precedent>> {
    let demo = demo::precedents(&demo::tenant())?;
    let rows: Vec<&Precedent> = demo
        .iter()
        .filter(|row| row.scope.detection_id == DETECTION)
        .collect();
    let copy = |(number, row): (usize, &&Precedent)| {
        let mut copy = (**row).clone();
        copy.id = PrecedentId::new(format!("bench-{number}"));
        if number >= IN_KEY {
            copy.scope.detection_id = format!("{DETECTION}-{}", number / IN_KEY);
        }
        copy
    };
    Ok(rows
        .iter()
        .cycle()
        .take(PRECEDENTS)
        .enumerate()
        .map(copy)
        .collect())
}

async fn submit(app: &App, payload: &str) -> Anyhow<Outcome> {
    let intake = Intake {
        tenant: TenantId::new("default"),
        name: "bench".into(),
        bytes: payload.as_bytes(),
        source: Asked::Source {
            id: SourceId::new("alertmanager"),
            origin: Origin::Named,
        },
        received_at: clock()?,
    };
    let mut submitted = app.submit(&intake).await?;
    match submitted.pop() {
        Some(Submitted::Alert(outcome)) if matches!(outcome.ruling, Ruling::Decided(_)) => {
            Ok(outcome)
        }
        other => anyhow::bail!("not decided: {other:?}"),
    }
}

/// An Alertmanager post (version 4) with one alert of its own.
fn payload(number: u64) -> String {
    format!(
        r#"{{"version":"4","groupKey":"{{}}:{{alertname=\"{DETECTION}\"}}","truncatedAlerts":0,"status":"firing",
        "receiver":"triage","groupLabels":{{"alertname":"{DETECTION}"}},"commonLabels":{{"alertname":"{DETECTION}"}},
        "commonAnnotations":{{}},"externalURL":"http://alertmanager.example.net:9093","alerts":[{{"status":"firing",
        "labels":{{"alertname":"{DETECTION}","instance":"web-02","job":"node","environment":"production",
        "datacenter":"dc-1","rack":"rack-{number}","severity":"warning"}},
        "annotations":{{"summary":"web-02 has rebooted","description":"Uptime is below ten minutes."}},
        "startsAt":"2026-10-15T02:04:10Z","endsAt":"0001-01-01T00:00:00Z",
        "generatorURL":"http://prometheus.example.net:9090/graph","fingerprint":"{number:016x}"}}]}}"#
    )
}

fn drafted(events: &[Event]) -> Anyhow<Case> {
    let (first, rest) = events.split_first().expect("a case has events");
    let mut case = Case::open(first)?;
    for event in rest
        .iter()
        .take_while(|event| !matches!(event.body, Body::Decided { .. }))
    {
        case.apply(event)?;
    }
    Ok(case)
}

fn facts(rules: &Rules) -> Anyhow<Facts> {
    let rows: Vec<Precedent> = precedents()?.into_iter().take(IN_KEY).collect();
    Ok(Facts {
        store: StoreKind::Demo,
        evidence: Evidence {
            total: rows.len() as u64,
            rows: rows.into(),
            quarantine: Known::Read(BTreeSet::new()),
        },
        look_alikes: Vec::new(),
        occurrence_seen: Known::Read(None),
        gate: GateState {
            kills: Known::Read(BTreeSet::new()),
            stage: Known::Read(Stage::Full),
            attestation: Known::Read(Some(Attestation {
                release: rules.release.clone(),
                issued: "2026-01-01T00:00:00Z".parse()?,
                until: "2027-01-01T00:00:00Z".parse()?,
            })),
            outdated: Vec::new(),
            demoted: Known::Read(BTreeSet::new()),
        },
        starts: Known::Read(Vec::new()),
        draw: Ppm::new(0),
        blind_draw: Ppm::ONE,
        endpoints: Vec::new(),
    })
}

fn clock() -> Anyhow<Timestamp> {
    let clock = demo::clock(StoreKind::Demo)?;
    Ok(clock.expect("a demo store has a clock"))
}
