//! What people are shown of an alert full of secrets, whatever a model says of it: the decision, the case's story and record, its events, its card and
//! forms, an answer about it, what was learnt of it, and a page. No secret is in any of them, and all else of the alert is.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tierone::{
    app::{App, Outcome, Story, Submitted},
    domain::{
        answer::{Answer, Closing, Mattered},
        decision::Principal,
        draft::Disposition,
        event::Body,
        facts::StoreKind,
        id::{PersonId, PrecedentId},
        person::Proof,
        sealed::Sealed,
    },
    inbound::{
        case_view::CaseView,
        cli::story,
        record::record,
        slack::{
            card::{Here, Scene, card},
            form,
        },
        view,
    },
    pipeline::{learn::learn, mask::Mask},
    ports::{ChatRequest, Completion},
};

use super::{
    ask::redaction,
    double::{Double, form as filled, said, user},
};
use crate::{
    sources::fixtures,
    support::{
        planted::{CARRIED, SECRETS, planted},
        world::World,
    },
};

/// What is no secret to whoever is asked about a case: what is a person's own, and the names of keys.
const PEOPLE_SEE: [&str; 6] = [
    "AKIA2EXAMPLE7QWERTYU",
    "SK1234567890EXAMPLE000000000000000",
    "card 4111 1111 1111 1111 exp 12/29",
    "pay to DE02 1203 0000 0000 2020 51",
    "call me on +49 151 0000 0000",
    "write to ana.example@mail.example.com",
];

/// Those that nobody sees.
fn secrets() -> Vec<(&'static str, &'static str)> {
    let hidden = SECRETS
        .iter()
        .filter(|(text, _)| !PEOPLE_SEE.contains(text));
    hidden.copied().collect()
}

/// A model that says every handle, and fills in the first action that it is offered.
fn echo(_: usize, request: &ChatRequest) -> Completion {
    let asked = user(request);
    let (inside, offered) = asked.split_once("\nEND ").unwrap();
    let shown: String = inside.chars().skip(20).take(450).collect();
    let rationale = format!("E1 E2 E3 E4 E5 E6 E7 E8 {shown}");
    let (action, parameters) = first_offer(offered);
    said(&filled(json!({
        "disposition": "true_positive", "action": action, "parameters": parameters,
        "rationale": rationale, "missing": [shown], "reply": rationale,
    })))
}

fn first_offer(offered: &str) -> (String, Vec<Value>) {
    let mut lines = offered
        .lines()
        .skip_while(|line| !line.starts_with("Actions"))
        .skip(1);
    let first = lines.next().and_then(|line| line.split_once(": "));
    let parameters = lines.take_while(|line| line.starts_with("  "));
    let parameters = parameters.filter_map(|line| line.trim().split_once(": "));
    let filled = parameters.map(|(name, handles)| {
        let handle = handles.split([',', ' ']).next().unwrap();
        json!({ "name": name, "handle": handle })
    });
    (
        first.map_or("none".into(), |(action, _)| action.to_owned()),
        filled.collect(),
    )
}

/// Everything that is shown of a case, by surface.
async fn surfaces(app: &App, outcome: Outcome) -> BTreeMap<&'static str, String> {
    let (tenant, id) = (outcome.case.tenant.clone(), outcome.case.id);
    let mut shown = BTreeMap::new();
    let mut show = |surface, text: String| assert!(shown.insert(surface, text).is_none());
    let submitted = Submitted::Alert(outcome).shown(app.kind()).unwrap();
    show("triage", json(&view::line(None, submitted)));
    let told = app.find(&tenant, id).await.unwrap().unwrap();
    let mut written = Vec::new();
    story::write(&mut written, app, &told).await.unwrap();
    show("cases show", String::from_utf8(written).unwrap());
    show("cases list", json(&CaseView::of(&told)));
    show("events", json(&told.events));
    show(
        "explained",
        json(&told.case.decided.as_ref().map(|(_, made)| made)),
    );
    let lines = record(app, &told).await.unwrap();
    let asked = "why was it not automatic, and which user, password and host?";
    let answer = app.question(&told, &lines, asked, app.now()).await.unwrap();
    show("record", format!("{lines:?}"));
    show("answer", json(&answer));
    show("card", carded(app, &told).await);
    // Forms are made of the case as it is.
    let case = app.case(&tenant, id).await.unwrap().unwrap();
    let mask = Mask::of(redaction(), case.alert.content().map(|alert| &alert.raw));
    let forms = ["reject", "edit"].map(|name| {
        form::view(
            name,
            "token",
            &case,
            app.rules(),
            crate::slack::cards::NONE,
            &mask,
        )
    });
    let forms: Vec<Value> = forms
        .into_iter()
        .flatten()
        .map(|form| labels(&form))
        .collect();
    show("forms", json(&forms));
    shown
}

async fn carded(app: &App, told: &Story) -> String {
    let found = told.case.found.iter().map(|found| found.precedent.clone());
    let ids: Vec<PrecedentId> = found.collect();
    let precedents = app.precedents(&told.case.tenant, &ids).await.unwrap();
    let message = card(Scene {
        story: told,
        precedents: &precedents,
        rules: app.rules(),
        here: Here::Asked,
    });
    format!("{} {}", message.text, json(&message.blocks))
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// What of a form people read: what is sent back is the name of a facet, or a digest.
fn labels(form: &Value) -> Value {
    match form {
        Value::Object(fields) => {
            let read = fields.iter().filter(|(name, _)| *name != "value");
            Value::Object(
                read.map(|(name, value)| (name.clone(), labels(value)))
                    .collect(),
            )
        }
        Value::Array(items) => items.iter().map(labels).collect(),
        other => other.clone(),
    }
}

/// A text without what only stands between its characters: a card breaks addresses, and JSON escapes.
fn bare(text: &str) -> String {
    let text = text
        .to_lowercase()
        .replace("[.]", ".")
        .replace("[@]", "@")
        .replace("[:]", ":");
    text.replace('\\', "").replace("[#]", "#")
}

#[tokio::test]
async fn no_secret_is_shown_to_people_on_any_surface_whatever_a_model_says() {
    let double = Double::new("echo", |place, request| Ok(echo(place, request)));
    let app = Box::pin(super::figures::app(&double)).await;
    let secrets = secrets();
    assert!(secrets.len() >= 25, "{}", secrets.len());
    let (mut cases, mut drafts, mut sources) = (0, 0, std::collections::BTreeSet::new());
    let (mut kinds, mut told_at) = (std::collections::BTreeSet::new(), Vec::new());
    for (place, payload) in fixtures().iter().enumerate() {
        let Ok(value) = serde_json::from_slice::<Value>(&payload.bytes) else {
            continue;
        };
        let (secret, _) = secrets[place % secrets.len()];
        let carry = CARRIED[place % CARRIED.len()];
        let bytes = planted(&value, &|text| carry(text, secret)).to_string();
        for submitted in super::figures::submit(&app, &payload.source, bytes.as_bytes()).await {
            let Submitted::Alert(outcome) = submitted else {
                continue;
            };
            drafts += usize::from(outcome.case.draft.is_some());
            sources.insert(payload.source.clone());
            kinds.insert(secret);
            cases += 1;
            for (surface, text) in surfaces(&app, outcome).await {
                let text = bare(&text);
                let told = secrets
                    .iter()
                    .filter(|(_, core)| text.contains(&core.to_lowercase()));
                told_at.extend(told.map(|(hidden, _)| {
                    format!("{} on {surface}: `{hidden}`\n{text}", payload.name)
                }));
            }
        }
    }
    println!(
        "shown: {} kinds of secrets, {} sources, {cases} cases, {drafts} drafts, 9 surfaces each",
        kinds.len(),
        sources.len()
    );
    assert!(told_at.is_empty(), "{}: {}", told_at.len(), told_at[0]);
    assert_eq!(kinds.len(), secrets.len());
    assert!(sources.len() >= 24 && drafts > 100, "{sources:?} {drafts}");
}

#[test]
fn what_is_learnt_of_an_alert_has_no_secret_of_it() {
    let mut world = World::holding();
    world.alert.title = "DB_PASSWORD=correct-horse-EXAMPLE for ana".into();
    world.alert.raw = json!({ "log": "DB_PASSWORD=correct-horse-EXAMPLE" });
    let case = world.decided();
    let reason = Sealed::new("it was correct-horse-EXAMPLE again".to_owned(), [7; 32]).unwrap();
    let closing = Closing {
        disposition: Disposition::BenignPositive,
        reason: reason.clone(),
        mattered: Mattered::default(),
    };
    let by = PersonId::new("mira");
    let answered = Body::Answered {
        digest: case.decided.as_ref().unwrap().1.digest,
        by: by.clone(),
        proof: Proof::OsUser,
        answer: Answer::Resolve { closing },
    };
    let closed = Body::Closed {
        by: Principal::Person(by),
        disposition: Disposition::BenignPositive,
        reason,
        mattered: Mattered::default(),
    };
    let events = [answered, closed].map(|body| case.event(body, world.now));
    let row = learn(&case, &events, StoreKind::Live, &world.rules, redaction()).unwrap();
    assert_eq!(
        row.summary,
        "DB_PASSWORD=[secret] for ana: it was [secret] again"
    );
}
