//! The whole path through the app: an alert comes in, a model writes, the gate decides, a person can ask why.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::json;
use tierone::{
    app::{
        App, Ruling, StoreChoice, Story, Submitted, demo,
        drafting::{Models, terms::Ceilings},
        executors::Sending,
        models::{Configured, Terms},
    },
    config::Config,
    domain::{
        alert::Origin,
        case::Case,
        decision::{Code, Decision},
        draft::{Drafter, KeyRule, Standing},
        entity::EntityKind,
        event::{Body, Event},
        id::{PersonId, SourceId},
        person::People,
        precedent::About,
        residency::Region,
    },
    pipeline::{
        normalise::{Asked, Intake},
        question::{Line, Weight},
    },
    ports::{ChatModel, ChatRequest, Completion, Fault},
};

use super::double::{Double, form, models, said, terms, user};
use crate::support::world::precedent;

const TICKET: &str =
    include_str!("../../eval/demo/alerts/alertmanager/certificate-status-page.json");

async fn app(double: &Arc<Double>, key: KeyRule) -> App {
    Box::pin(opened(double, key)).await
}

async fn opened(double: &Arc<Double>, key: KeyRule) -> App {
    let (config, tenant) = (Config::default(), demo::tenant());
    let opened = App::open(
        &config,
        &StoreChoice::Throwaway,
        &tenant,
        None,
        Sending::DryRun,
    );
    let app = Box::pin(opened).await.unwrap();
    let rules = tierone::pipeline::rules::Rules {
        key,
        ..app.rules().clone()
    };
    // The same model in two regions: each is an endpoint of its own.
    let endpoints = ["us-east-1", "eu-west-1"].map(|region| {
        let region = Some(region.into());
        (double.clone(), Terms { region, ..terms() })
    });
    let app = app.with_rules(rules);
    let models = models(&endpoints, Ceilings::default());
    Box::pin(app.with_models(models)).await.unwrap()
}

async fn submit(app: &App, payload: &str) -> Vec<Submitted> {
    let intake = Intake {
        tenant: demo::tenant(),
        name: "post.json".into(),
        bytes: payload.as_bytes(),
        source: Asked::Source {
            id: SourceId::new("alertmanager"),
            origin: Origin::Named,
        },
        received_at: app.clock().unwrap(),
    };
    Box::pin(app.submit(&intake)).await.unwrap()
}

async fn submitted(app: &App) -> (Case, Decision, Vec<Event>) {
    let submitted = submit(app, TICKET).await;
    let Some(Submitted::Alert(outcome)) = submitted.into_iter().next() else {
        panic!("no alert");
    };
    let Ruling::Decided(decision) = outcome.ruling else {
        panic!("not decided");
    };
    let story = story(app, &outcome.case).await;
    (outcome.case, decision, story.events)
}

async fn story(app: &App, case: &Case) -> Story {
    let found = app.find(&demo::tenant(), case.id).await;
    found.unwrap().unwrap()
}

fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.body.kind()).collect()
}

/// Says what the plan is, in the handles of the prompt.
fn agrees(request: &tierone::ports::ChatRequest) -> Completion {
    let ticket = user(request)
        .lines()
        .skip_while(|line| !line.starts_with("open-ticket:"))
        .nth(1);
    let handle = ticket
        .and_then(|line| line.trim().strip_prefix("team: "))
        .and_then(|line| line.get(..2));
    said(&form(json!({
        "disposition": "true_positive",
        "action": "open-ticket",
        "parameters": [{"name": "team", "handle": handle.unwrap_or("T1")}],
        "citations": ["P1"],
        "rationale": "E1 is like P1, and 198.51.100.77 is not in it",
    })))
}

#[tokio::test]
async fn a_model_that_agrees_is_the_second_key_and_its_try_is_an_event() {
    let double = Double::new("double", |_, request| Ok(agrees(request)));
    let app = app(&double, KeyRule::Always).await;
    let (case, decision, events) = submitted(&app).await;
    assert_eq!(
        kinds(&events),
        [
            "received",
            "retrieved",
            "planned",
            "called",
            "drafted",
            "decided",
            "asked"
        ]
    );
    assert_eq!(
        case.called.keys().collect::<Vec<_>>(),
        ["double in eu-west-1"]
    );
    let (draft, standing) = case.draft.as_ref().unwrap();
    let draft = draft.content().unwrap();
    assert_eq!(*standing, Standing::Key);
    assert_eq!(draft.drafter, Drafter::Model("double".into()));
    assert!(draft.prompt.is_some() && draft.tokens == 110 && draft.citations.len() == 1);
    assert_eq!(draft.unverified, ["198.51.100.77"]);
    assert!(
        draft.rationale.contains("[unverified] 198.51.100.77"),
        "{}",
        draft.rationale
    );
    assert_eq!(decision.held_by, [], "{draft:?}");
    assert_eq!(double.asked().len(), 1);
}

#[tokio::test]
async fn a_model_that_is_down_leaves_a_draft_that_is_no_key_and_under_when_asking_no_key_is_asked_for()
 {
    for (key, held_by) in [
        (KeyRule::Always, vec![Code::Draft]),
        (KeyRule::WhenAsking, vec![]),
    ] {
        let double = Double::new("double", |_, _| Err(Fault::Transient("refused".into())));
        let app = app(&double, key).await;
        let (case, decision, events) = submitted(&app).await;
        assert_eq!(
            kinds(&events)[3..7],
            ["called", "called", "called", "drafted"]
        );
        assert_eq!(decision.held_by, held_by);
        let (draft, standing) = case.draft.as_ref().unwrap();
        assert_eq!(draft.content().unwrap().drafter, Drafter::Plan);
        assert!(matches!(standing, Standing::Shown { because } if because.contains("refused")));
    }
}

#[tokio::test]
async fn a_rehearsal_asks_no_model() {
    let double = Double::new("double", |_, request| Ok(agrees(request)));
    let app = app(&double, KeyRule::Always).await;
    let intake = Intake {
        tenant: demo::tenant(),
        name: "post.json".into(),
        bytes: TICKET.as_bytes(),
        source: Asked::Auto,
        received_at: app.clock().unwrap(),
    };
    let mut stage = tierone::app::rehearse::Stage::default();
    let rehearsed = Box::pin(app.rehearse_intake(&intake, &mut stage))
        .await
        .unwrap();
    let (Submitted::Alert(outcome), _) = &rehearsed[0] else {
        panic!("no alert");
    };
    assert!(outcome.case.decided.is_some());
    assert_eq!(double.asked().len(), 0);
}

#[tokio::test]
async fn a_question_is_answered_from_the_record_with_citations_and_its_call_is_all_that_is_new() {
    let double = Double::new("double", |_, request| {
        Ok(said(if request.system.contains("second reader") {
            "no"
        } else {
            r##"{"answer": "db-99 waits because #2 says so", "citations": ["#2"]}"##
        }))
    });
    let app = app(&double, KeyRule::Always).await;
    let (case, _, before) = submitted(&app).await;
    let line = |handle: &str, text: &str, weight| Line {
        handle: handle.into(),
        text: text.into(),
        weight,
        precedent: None,
    };
    let record = [
        line("#1", "an alert came in", Weight::Story),
        line(
            "#2",
            "the gate said ask, token=EXAMPLEsecretEXAMPLE",
            Weight::Reason,
        ),
        line("#3", "soc was asked", Weight::Story),
    ];
    let now = app.clock().unwrap();
    let answer = app
        .question(
            &story(&app, &case).await,
            &record,
            "why not automatic?",
            now,
        )
        .await
        .unwrap();
    assert_eq!(answer.answer, "[unverified] db-99 waits because #2 says so");
    let answer_text = answer.answer.clone();
    assert_eq!(
        (answer.citations, answer.by.as_str()),
        (vec!["#2".to_owned()], "model:double")
    );
    let asked = double.asked();
    let sent = user(asked.last().unwrap());
    assert!(
        sent.contains("#2 the^gate^said^ask") && !sent.contains("EXAMPLEsecret"),
        "{sent}"
    );
    let after = app.find(&demo::tenant(), case.id).await.unwrap().unwrap();
    assert_eq!(after.case.phase, case.phase);
    let new = after.events.strip_prefix(before.as_slice()).unwrap();
    called_for_a_question(new, &answer_text);
    // What a model said is no record that another answer could rest on.
    let lines = tierone::inbound::record::record(&app, &after)
        .await
        .unwrap();
    let number = format!("#{}", new[0].number);
    assert!(lines.iter().all(|line| line.handle != number));
    let without = tierone::pipeline::question::from_record(&record, "who was asked?");
    assert_eq!(without.answer.lines().count(), 2);
    assert_eq!(without.citations, ["#2", "#3"]);
}

fn called_for_a_question(new: &[Event], answer: &str) {
    assert_eq!(kinds(new), ["called"]);
    let Body::Called {
        outcome,
        tokens,
        told: Some(told),
        ..
    } = &new[0].body
    else {
        panic!("{new:?}");
    };
    assert_eq!((outcome.as_str(), *tokens), ("answered", 110));
    let told = told.content().unwrap();
    assert_eq!(told.question, "why not automatic?");
    assert_eq!(told.answer.as_deref(), Some(answer));
    assert_eq!(told.citations, ["#2"]);
}

#[tokio::test]
async fn an_answer_that_cites_what_is_not_there_is_no_answer() {
    let double = Double::says(r##"{"answer": "because", "citations": ["#99"]}"##);
    let app = app(&double, KeyRule::Always).await;
    let (case, ..) = submitted(&app).await;
    let record = [Line {
        handle: "#1".into(),
        text: "an alert came in".into(),
        weight: Weight::Story,
        precedent: None,
    }];
    let now = app.clock().unwrap();
    let answer = app
        .question(&story(&app, &case).await, &record, "what came in?", now)
        .await
        .unwrap();
    assert_eq!(
        (answer.by.as_str(), answer.citations),
        ("record", vec!["#1".to_owned()])
    );
}

#[tokio::test]
async fn a_question_sends_no_colleague_and_nothing_of_another_region() {
    let double = Double::says(
        r##"{"answer": "H1 closed it, and H2 was asked", "citations": ["#1", "P1"]}"##,
    );
    let app = app(&double, KeyRule::WhenAsking).await;
    let (case, ..) = submitted(&app).await;
    let mut story = story(&app, &case).await;
    let person = PersonId::new("zoe-of-night-shift");
    story.events.push(
        story
            .case
            .event(Body::Claimed { by: person }, story.case.opened_at),
    );
    let people: People =
        toml::from_str("[[person]]\nid = \"amir\"\nidentities = { oidc = \"am@corp.example\" }\n")
            .unwrap();
    let rules = tierone::pipeline::rules::Rules {
        people: Some(people),
        ..app.rules().clone()
    };
    let app = app.with_rules(rules);
    let line = |handle: &str, text: &str, precedent| Line {
        handle: handle.into(),
        text: text.into(),
        weight: Weight::Story,
        precedent,
    };
    let of = |region: Region, names: &[(&str, EntityKind)]| {
        let mut row = precedent(story.case.alert().unwrap(), 0);
        let names = names.iter().map(|(name, kind)| ((*name).into(), *kind));
        row.about = Some(About {
            region,
            names: names.collect(),
        });
        Some(row)
    };
    let here = Region::of(story.case.alert().unwrap(), app.rules());
    let record = [
        line(
            "#1",
            "closed by amir, AM@corp.example; claimed by zoe-of-night-shift",
            None,
        ),
        line(
            "P1",
            "jsmith did it",
            of(here, &[("jsmith", EntityKind::User)]),
        ),
        line("P2", "kwhite did it", of(Region::Of("mars".into()), &[])),
    ];
    let now = app.clock().unwrap();
    let answer = app
        .question(&story, &record, "what did Amir say?", now)
        .await
        .unwrap();
    assert_eq!(answer.by, "model:double");
    assert_eq!(
        answer.answer,
        "amir closed it, and zoe-of-night-shift was asked"
    );
    let asked = double.asked();
    let sent = user(asked.last().unwrap());
    assert!(
        sent.contains("#1 closed^by^H1,^H1;^claimed^by^H2\nP1 [user]^did^it\nEND"),
        "{sent}"
    );
    assert!(sent.contains("what^did^H1^say"), "{sent}");
}

/// A model whose first call takes so long that the same alert comes in again, and graver.
struct Slow {
    app: OnceLock<Arc<App>>,
    asked: AtomicUsize,
}

#[async_trait::async_trait]
impl ChatModel for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    async fn complete(&self, request: &ChatRequest) -> Result<Completion, Fault> {
        if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
            let graver = TICKET.replace("\"warning\"", "\"critical\"");
            submit(self.app.get().unwrap(), &graver).await;
        }
        Ok(agrees(request))
    }
}

#[tokio::test]
async fn a_try_during_which_the_case_moved_is_in_its_record_and_counts() {
    let slow = Arc::new(Slow {
        app: OnceLock::new(),
        asked: AtomicUsize::new(0),
    });
    let configured = ["us-east-1", "eu-west-1"].map(|region| Configured {
        model: slow.clone(),
        terms: Terms {
            region: Some(region.into()),
            ..terms()
        },
    });
    let models = Models::new(
        configured.into(),
        tierone::app::rules::prompts(&Config::default()).unwrap(),
        super::ask::redaction().clone(),
        Ceilings::default(),
    );
    let nobody = Double::says("");
    let app = app(&nobody, KeyRule::Always).await;
    let app = Arc::new(Box::pin(app.with_models(models)).await.unwrap());
    assert!(slow.app.set(app.clone()).is_ok());
    let submitted = submit(&app, TICKET).await;
    let Some(Submitted::Alert(outcome)) = submitted.into_iter().next() else {
        panic!("no alert");
    };
    let story = story(&app, &outcome.case).await;
    assert_eq!(
        kinds(&story.events),
        [
            "received",
            "retrieved",
            "planned",
            "repeated",
            "retrieved",
            "planned",
            "called",
            "drafted",
            "decided",
            "asked",
            "called"
        ]
    );
    assert_eq!(story.case.phase.word(), "asked");
    let spent = story.case.called["slow in eu-west-1"];
    assert_eq!(spent.tokens, 220, "both tries count");
}

#[tokio::test]
async fn a_restart_does_not_begin_the_day_anew() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("demo://{}", folder.path().join("demo.db").display());
    let double = Double::new("double", |_, request| {
        Ok(Completion {
            prompt_tokens: 1_000_000,
            ..agrees(request)
        })
    });
    let ceilings = Ceilings {
        day_tokens: Some(1_000_000),
        ..Ceilings::default()
    };
    let start = async |ceilings| {
        let (config, tenant) = (Config::default(), demo::tenant());
        let choice = StoreChoice::At(url.clone());
        let opened = App::open(&config, &choice, &tenant, None, Sending::DryRun);
        let app = Box::pin(opened).await.unwrap();
        let region = Some("eu-west-1".into());
        let endpoint = (double.clone(), Terms { region, ..terms() });
        let models = models(&[endpoint], ceilings);
        Box::pin(app.with_models(models)).await.unwrap()
    };
    let first = Box::pin(start(ceilings)).await;
    submit(&first, TICKET).await;
    drop(first);
    let other = TICKET.replace("status.example.com", "www.example.com");
    let other = other.replace("058f4e4e89f7016b", "158f4e4e89f7016b");
    let second = Box::pin(start(ceilings)).await;
    submit(&second, &other).await;
    assert_eq!(double.asked().len(), 1, "the day's tokens are spent");
    let third = Box::pin(start(Ceilings::default())).await;
    submit(
        &third,
        &other.replace("158f", "258f").replace("www.", "shop."),
    )
    .await;
    assert_eq!(double.asked().len(), 2);
}
