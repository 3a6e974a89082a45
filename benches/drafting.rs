//! What drafting costs beside the model: an alert becomes a prompt that fits, and a reply becomes a draft. The promise is 3 ms for both.
//!
//! Not a timed test: run `just bench`.

use std::hint::black_box;

use criterion::Criterion;
use tierone::{
    app::{demo, rules},
    config::Config,
    domain::{
        alert::{Alert, Origin},
        facts::StoreKind,
        id::SourceId,
    },
    pipeline::{
        normalise::{Asked, Intake, Item, Sources, normalise},
        prompt::{
            budget::{Limits, fit},
            sheet::{Seen, Sheet, Subject},
            tokens::Tokens,
        },
        reply::ground,
    },
};

const ALERT: &str = include_str!("../eval/demo/alerts/guardduty/ssh-guessing-bastion.json");
const REPLY: &str = r#"{"disposition": "true_positive", "action": "none", "parameters": [], "citations": ["P1", "P2"],
    "missing": ["whether E1 is one of ours"], "rationale": "E1 guessed passwords of a host, as in P1 and P2; 198.51.100.77 is not known.",
    "reply": null}"#;
const LIMITS: Limits = Limits {
    context_tokens: 8_192,
    reply_tokens: 512,
};

type Anyhow<T> = anyhow::Result<T>;

fn main() -> Anyhow<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let (alert, rows) = (alert()?, demo::precedents(&demo::tenant())?);
    let rules = rules::load(&Config::default(), StoreKind::Demo)?;
    let (prompts, redaction) = (rules::prompts(&Config::default())?, rules::redaction()?);
    let tokens = Tokens::of_model("gpt-4o");
    let precedents: Vec<Seen<'_>> = rows
        .iter()
        .filter(|row| Some(&row.scope.detection_id) == alert.detection_id.as_ref())
        .map(|row| Seen {
            row,
            in_scope: row.scope.covers(&alert),
        })
        .collect();
    let subject = Subject {
        alert: &alert,
        precedents: &precedents,
        rules: &rules,
        now: alert.received_at,
    };
    let drafted = || -> Anyhow<usize> {
        let sheet = Sheet::of(&subject, redaction);
        let prompt = fit(&sheet, &prompts, tokens, LIMITS, [7; 32])?;
        let grounded = ground(REPLY, &prompt.shown(&sheet.handles), &alert)?;
        Ok(prompt.tokens + grounded.rationale.len())
    };
    drafted()?;
    criterion.bench_function("render, budget, parse and ground", |bencher| {
        bencher.iter(|| black_box(drafted()));
    });
    criterion.final_summary();
    Ok(())
}

fn alert() -> Anyhow<Alert> {
    let sources = Sources::compile(rules::source_files(&Config::default())?)?;
    let intake = Intake {
        tenant: demo::tenant(),
        name: "bench".into(),
        bytes: ALERT.as_bytes(),
        source: Asked::Source {
            id: SourceId::new("guardduty"),
            origin: Origin::Named,
        },
        received_at: "2026-10-15T03:00:00Z".parse()?,
    };
    match normalise(&sources, &intake).into_iter().next() {
        Some(Item::Alert(alert)) => Ok(alert),
        other => anyhow::bail!("no alert: {other:?}"),
    }
}
