//! Secrets stand in every field of every source's payloads, and in what people wrote about earlier cases: none of them is in a prompt.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tierone::{
    app::Submitted,
    domain::event::{Body, Event},
    pipeline::{
        prompt::{
            budget::{Limits, fit},
            sheet::{Sheet, Subject},
            tokens::Tokens,
        },
        redact::Taken,
    },
    ports::{ChatRequest, Completion},
};

use super::{
    ask::{redaction, seen},
    double::{Double, form, said, user},
};
use crate::{
    sources::{alerts, fixtures, read, shipped},
    support::{
        planted::{CARRIED, SECRETS, planted},
        world::World,
    },
};

#[test]
fn no_secret_in_any_field_of_any_source_is_in_a_prompt() {
    let prompts = tierone::app::rules::prompts(&tierone::config::Config::default()).unwrap();
    let tokens = Tokens::of_model("gpt-4o");
    let limits = Limits {
        context_tokens: 128_000,
        reply_tokens: 512,
    };
    let mut world = World::holding();
    let (mut rendered, mut sources) = (0, std::collections::BTreeSet::new());
    for (place, payload) in fixtures().iter().enumerate() {
        let Ok(value) = serde_json::from_slice::<Value>(&payload.bytes) else {
            continue;
        };
        sources.insert(payload.source.clone());
        for (number, (secret, core)) in SECRETS.iter().enumerate() {
            // Each secret in each source by each way, and each payload by one.
            let carry = CARRIED[(place + number) % CARRIED.len()];
            let bytes = planted(&value, &|text| carry(text, secret)).to_string();
            world.rows()[0].summary = carry("an earlier case", secret);
            for alert in alerts(read(shipped(), Some(&payload.source), bytes.as_bytes())) {
                let rows = seen(&world.facts.evidence.rows);
                let subject = Subject {
                    alert: &alert,
                    precedents: &rows,
                    rules: &world.rules,
                    now: world.now,
                };
                let sheet = Sheet::of(&subject, redaction());
                let prompt = fit(&sheet, &prompts, tokens, limits, [1; 32]).unwrap();
                let sent = format!("{}\n{}\n{}", prompt.system, prompt.user, prompt.schema);
                let plain = sent.replace('^', " ");
                assert!(
                    !plain.to_lowercase().contains(&core.to_lowercase()),
                    "{}: `{secret}`\n{sent}",
                    payload.name
                );
                rendered += 1;
            }
        }
    }
    println!(
        "leaks: {} kinds of secrets, {} sources, {rendered} prompts",
        SECRETS.len(),
        sources.len()
    );
    assert!(
        sources.len() >= 24 && rendered > 1_500,
        "{} {rendered}",
        sources.len()
    );
}

/// What is logged, at the finest level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A model that says again what it was shown: every handle, and the start of what somebody else wrote.
fn echo(place: usize, request: &ChatRequest) -> Completion {
    let (inside, _) = user(request).split_once("\nEND ").unwrap();
    let shown: String = inside.chars().skip(20).take(450).collect();
    let rationale = format!("E1 E2 E3 E4 E5 E6 E7 E8 {shown}");
    // Now and then it is wrong, and sometimes so often that the draft is made without it: what is said of that is looked at too.
    said(&if place % 9 > 5 {
        format!("no, {rationale}")
    } else {
        form(json!({"rationale": rationale, "missing": [shown], "reply": rationale}))
    })
}

/// The words of a draft and what is said of it, as `cases show` and a card say them. On what it would act is the alert's own, not a word.
fn told(events: &[Event]) -> String {
    let told = events.iter().filter_map(|event| match &event.body {
        Body::Drafted { draft, standing } => {
            let draft = draft.content().unwrap();
            let words = (&draft.rationale, &draft.missing, &draft.reply);
            Some(format!("{words:?} {:?} {standing:?}", draft.unverified))
        }
        Body::Called { outcome, .. } => Some(outcome.clone()),
        _ => None,
    });
    told.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn no_secret_is_in_a_request_a_log_line_or_what_a_model_is_heard_to_say() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let double = Double::new("echo", |place, request| Ok(echo(place, request)));
    let app = Box::pin(super::figures::app(&double)).await;
    let (mut alerts, mut sources) = (0, std::collections::BTreeSet::new());
    for (place, payload) in fixtures().iter().enumerate() {
        let Ok(value) = serde_json::from_slice::<Value>(&payload.bytes) else {
            continue;
        };
        let (secret, _) = SECRETS[place % SECRETS.len()];
        let carry = CARRIED[place % CARRIED.len()];
        let bytes = planted(&value, &|text| carry(text, secret)).to_string();
        for submitted in super::figures::submit(&app, &payload.source, bytes.as_bytes()).await {
            if let Submitted::Alert(outcome) = submitted {
                let story = app.find(&outcome.case.tenant, outcome.case.id).await;
                let told = told(&story.unwrap().unwrap().events);
                without_secrets(&payload.name, &told, &|secret| is_secret(secret));
                alerts += 1;
                sources.insert(payload.source.clone());
            }
        }
    }
    for request in double.asked() {
        without_secrets(
            "request",
            &format!("{request:?}").replace('^', " "),
            &|_| true,
        );
    }
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    without_secrets("log", &logged, &|_| true);
    println!(
        "leaks: {alerts} alerts of {} sources, {} requests, {} bytes of log",
        sources.len(),
        double.asked().len(),
        logged.len()
    );
    assert!(logged.contains("no model wrote the draft"), "{logged}");
    assert!(
        alerts > SECRETS.len() && sources.len() >= 24,
        "{alerts} {sources:?}"
    );
}

/// Whether it is more than personal: people may read in their own case what is a person's.
fn is_secret(secret: &str) -> bool {
    let spans = redaction().spans(secret);
    spans.iter().any(|span| span.taken == Taken::Secret)
}

fn without_secrets(what: &str, text: &str, looked_for: &dyn Fn(&str) -> bool) {
    let lower = text.to_lowercase();
    for (secret, core) in SECRETS.iter().filter(|(secret, _)| looked_for(secret)) {
        assert!(
            !lower.contains(&core.to_lowercase()),
            "{what}: `{secret}`\n{text}"
        );
    }
}
