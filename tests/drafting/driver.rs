//! The driver: how often it asks again, what it tells the model, where it goes next, and what it may spend.

use std::sync::Arc;

use serde_json::json;
use tierone::{
    app::{
        drafting::{Tried, Written, terms::Ceilings},
        models::{Prices, Terms},
    },
    domain::{entity::EntityKind, id::TenantId},
    ports::{ChatRequest, Completion, Fault, Stop, Turn},
};

use super::{
    ask::write,
    double::{Double, form, models, said, stopped, terms},
};
use crate::support::world::{World, entity};

fn here() -> Terms {
    Terms {
        region: Some("eu-west-1".into()),
        ..terms()
    }
}

async fn with(endpoints: &[Arc<Double>]) -> (Result<Written, String>, Vec<Tried>) {
    let endpoints: Vec<_> = endpoints.iter().map(|one| (one.clone(), here())).collect();
    let models = models(&endpoints, Ceilings::default());
    write(&models, &World::holding()).await
}

/// Says each of these, then the last again and again.
fn script(answers: Vec<Result<Completion, Fault>>) -> Arc<Double> {
    Double::new("double", move |place, _| {
        answers[place.min(answers.len() - 1)].clone()
    })
}

fn outcomes(tried: &[Tried]) -> Vec<&str> {
    tried.iter().map(|tried| tried.outcome.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn each_fault_is_asked_about_again_only_where_that_may_help() {
    let text = || "it said so".to_owned();
    let busy = |wait_ms| Fault::Busy {
        cause: text(),
        wait_ms,
    };
    for (fault, tries) in [
        (Fault::Transient(text()), 3),
        (Fault::InDoubt(text()), 3),
        (busy(2_000), 3),
        (busy(60_000), 1),
        (Fault::Permanent(text()), 1),
        (Fault::TooLarge(text()), 1),
    ] {
        let double = script(vec![Err(fault.clone())]);
        let (written, tried) = with(std::slice::from_ref(&double)).await;
        assert!(written.unwrap_err().contains("it said so"));
        assert_eq!(
            (tried.len(), double.asked().len()),
            (tries, tries),
            "{fault:?}"
        );
    }
    let double = script(vec![
        Err(Fault::Transient(text())),
        Ok(said(&form(json!({})))),
    ]);
    let (written, tried) = with(&[double]).await;
    assert!(written.is_ok());
    assert_eq!(
        outcomes(&tried),
        ["transient fault: it said so", "answered"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_is_waited_for() {
    let double = script(vec![
        Err(Fault::Busy {
            cause: "full".into(),
            wait_ms: 7_000,
        }),
        Ok(said(&form(json!({})))),
    ]);
    let began = tokio::time::Instant::now();
    with(&[double]).await.0.unwrap();
    assert!(began.elapsed().as_millis() >= 7_000);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_cannot_be_used_is_sent_back_twice_with_the_reason() {
    let double = script(vec![
        Ok(said("no")),
        Ok(said(&form(json!({"action": "rm -rf"})))),
        Ok(said(&form(json!({})))),
    ]);
    let (written, tried) = with(std::slice::from_ref(&double)).await;
    assert!(written.is_ok());
    assert_eq!(tried.len(), 3);
    let last = &double.asked()[2];
    let turns: Vec<&str> = last
        .turns
        .iter()
        .map(|turn| match turn {
            Turn::Asked(text) | Turn::Said(text) => text.as_str(),
        })
        .collect();
    assert_eq!(turns.len(), 5);
    assert_eq!(turns[1], "no");
    assert!(turns[2].contains("expected ident"), "{}", turns[2]);
    assert!(
        turns[4].contains("`rm -rf` was not offered"),
        "{}",
        turns[4]
    );
    let own_words = outcomes(&tried).join("\n");
    assert!(
        own_words.contains("its action was not offered"),
        "{own_words}"
    );
    assert!(
        !own_words.contains("rm -rf"),
        "what a model says is in no event"
    );
    let double = script(vec![Ok(said("no"))]);
    let (written, tried) = with(&[double]).await;
    assert!(written.unwrap_err().contains("could not be used"));
    assert_eq!(tried.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn each_way_to_stop_is_told_apart() {
    let whole = form(json!({}));
    for (stop, tries, expected) in [
        (Stop::Ended, 1, "answered"),
        (Stop::Length, 3, "cut because it is too long"),
        (Stop::ToolCall, 3, "calls a tool"),
        (Stop::Empty, 3, "it is empty"),
        (Stop::Refusal, 1, "it refused"),
        (Stop::Filter, 1, "filter"),
    ] {
        let (written, tried) = with(&[script(vec![Ok(stopped(&whole, stop))])]).await;
        assert_eq!(written.is_ok(), stop == Stop::Ended);
        assert_eq!(tried.len(), tries, "{stop:?}");
        assert!(tried[0].outcome.contains(expected), "{:?}", tried[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_endpoint_is_asked_where_the_first_does_not_write() {
    let down = Double::new("down", |_, _| Err(Fault::Transient("refused".into())));
    let well = Double::new("well", |_, _| Ok(said(&form(json!({})))));
    let (written, tried) = with(&[down, well]).await;
    assert_eq!(written.unwrap().model, "well");
    let endpoints: Vec<&str> = tried.iter().map(|tried| tried.endpoint.as_str()).collect();
    assert_eq!(endpoints[..3], ["down in eu-west-1"; 3]);
    assert_eq!(endpoints[3..], ["well in eu-west-1"]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_with_more_room_may_cite_what_the_first_was_not_shown() {
    let shows = |request: &ChatRequest| super::double::user(request).contains("\nP6 ");
    for context_tokens in (1_500..4_000).step_by(100) {
        let down = Double::new("down", |_, _| Err(Fault::Permanent("401".into())));
        let well = Double::says(form(json!({"citations": ["P6"]})));
        let small = Terms {
            context_tokens,
            ..here()
        };
        let endpoints = [(down.clone(), small), (well.clone(), here())];
        let models = models(&endpoints, Ceilings::default());
        let (written, _) = write(&models, &World::holding()).await;
        if down.asked().first().is_none_or(shows) {
            continue;
        }
        let cited = written.unwrap().grounded.citations;
        let (again, tried) = write(&models, &World::holding()).await;
        assert_eq!(again.unwrap().grounded.citations, cited);
        assert!(tried[0].outcome.starts_with("not called"), "{tried:?}");
        assert_eq!((cited.len(), well.asked().len()), (1, 1));
        return;
    }
    panic!("no room is between all and nothing");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_keeps_failing_is_left_alone_for_a_while() {
    let double = script(vec![Err(Fault::Transient("refused".into()))]);
    let models = models(&[(double.clone(), here())], Ceilings::default());
    for _ in 0..4 {
        write(&models, &World::holding()).await.0.unwrap_err();
    }
    assert_eq!(double.asked().len(), 5);
    tokio::time::advance(std::time::Duration::from_secs(31)).await;
    write(&models, &World::holding()).await.0.unwrap_err();
    assert_eq!(double.asked().len(), 6, "one try tells whether it is back");
}

#[tokio::test(start_paused = true)]
async fn data_goes_to_endpoints_of_its_own_region_only() {
    for (region, asked) in [(Some("eu-west-1"), 1), (Some("us-east-1"), 0), (None, 0)] {
        let double = Double::says(form(json!({})));
        let terms = Terms {
            region: region.map(Into::into),
            ..terms()
        };
        let models = models(&[(double.clone(), terms)], Ceilings::default());
        let (written, _) = write(&models, &World::holding()).await;
        assert_eq!((double.asked().len(), written.is_ok()), (asked, asked == 1));
        if let Err(why) = written {
            assert_eq!(why, "no endpoint may have the data of region `eu-west-1`");
        }
    }
    let mut world = World::holding();
    world.rules.inventory = None;
    for (tenant, region, asked) in [
        (None, None, 1),
        (Some("eu"), None, 0),
        (Some("eu"), Some("eu"), 1),
        (None, Some("eu"), 0),
    ] {
        world.rules.residency.region = tenant.map(Into::into);
        let double = Double::says(form(json!({})));
        let terms = Terms {
            region: region.map(Into::into),
            ..terms()
        };
        let models = models(&[(double.clone(), terms)], Ceilings::default());
        let _written = write(&models, &world).await;
        assert_eq!(double.asked().len(), asked, "{tenant:?} {region:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_case_and_a_day_take_no_more_than_their_ceilings() {
    let prices = Some(Prices {
        prompt: 2_000_000,
        reply: 8_000_000,
    });
    let terms = Terms { prices, ..here() };
    let double = Double::says(form(json!({})));
    let ceilings = |case_tokens, day_micros| Ceilings {
        case_tokens,
        day_micros,
        ..Ceilings::default()
    };
    let models_of = |ceilings| models(&[(double.clone(), terms.clone())], ceilings);
    let (written, tried) = write(&models_of(ceilings(Some(100), None)), &World::holding()).await;
    assert!(written.unwrap_err().contains("tokens of one case"));
    assert_eq!(tried, []);
    let (written, _) = write(&models_of(ceilings(None, Some(10))), &World::holding()).await;
    assert!(written.unwrap_err().contains("cost of one day"));
    assert_eq!(double.asked().len(), 0);
    let (written, tried) = write(
        &models_of(ceilings(Some(9_000), Some(20_000))),
        &World::holding(),
    )
    .await;
    assert!(written.is_ok());
    assert_eq!(
        (tried[0].taken.tokens, tried[0].taken.cost_micros),
        (110, 280)
    );
}

#[tokio::test(start_paused = true)]
async fn a_storm_costs_one_call_and_each_alert_gets_its_own_values() {
    let text = form(json!({"rationale": "E1 opened it from E3"}));
    let double = Double::says(text);
    let models = Arc::new(models(&[(double.clone(), here())], Ceilings::default()));
    let mut tasks = tokio::task::JoinSet::new();
    for place in 0..1_000_u32 {
        let models = models.clone();
        tasks.spawn(async move {
            let mut world = World::holding();
            let address = format!("203.0.{}.{}", place / 250, place % 250);
            world
                .alert
                .entities
                .push(entity(EntityKind::Ip, &address, "source.ip"));
            let (written, tried) = write(&models, &world).await;
            let rationale = written.unwrap().grounded.rationale;
            assert_eq!(rationale, format!("svc-notebook opened it from {address}"));
            assert_eq!(tried.len(), 1);
            tried[0].outcome.starts_with("not called")
        });
    }
    let reused = tasks
        .join_all()
        .await
        .into_iter()
        .filter(|reused| *reused)
        .count();
    assert_eq!((double.asked().len(), reused), (1, 999));
    let mut world = World::holding();
    world.alert.tenant = TenantId::new("annex");
    world
        .alert
        .entities
        .push(entity(EntityKind::Ip, "203.0.113.1", "source.ip"));
    let _written = write(&models, &world).await;
    assert_eq!(
        double.asked().len(),
        2,
        "another tenant gets nothing that was said to this one"
    );
}

#[tokio::test(start_paused = true)]
async fn a_storm_over_an_endpoint_that_is_down_costs_the_tries_of_one() {
    let double = script(vec![Err(Fault::Permanent("401".into()))]);
    let models = Arc::new(models(&[(double.clone(), here())], Ceilings::default()));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let models = models.clone();
        tasks.spawn(async move { write(&models, &World::holding()).await.0.is_err() });
    }
    assert!(tasks.join_all().await.into_iter().all(|failed| failed));
    assert!(double.asked().len() <= 2, "{}", double.asked().len());
}

#[tokio::test(start_paused = true)]
async fn no_more_cases_ask_at_once_than_may() {
    let (now, most) = (
        Arc::new(std::sync::atomic::AtomicUsize::new(0)),
        Arc::new(std::sync::atomic::AtomicUsize::new(0)),
    );
    let double = Arc::new(Slow {
        now,
        most: most.clone(),
    });
    let configured = tierone::app::models::Configured {
        model: double,
        terms: Terms {
            concurrency: 3,
            ..here()
        },
    };
    let models = Arc::new(tierone::app::drafting::Models::new(
        vec![configured],
        tierone::app::rules::prompts(&tierone::config::Config::default()).unwrap(),
        super::ask::redaction().clone(),
        Ceilings::default(),
    ));
    let mut tasks = tokio::task::JoinSet::new();
    for place in 0..20 {
        let models = models.clone();
        tasks.spawn(async move {
            let mut world = World::holding();
            world.alert.title = format!(
                "another matter, kind {}",
                ["a", "b", "c", "d", "e"][place % 5].repeat(place + 1)
            );
            write(&models, &world).await.0.is_ok()
        });
    }
    assert!(tasks.join_all().await.into_iter().all(|written| written));
    assert_eq!(most.load(std::sync::atomic::Ordering::SeqCst), 3);
}

struct Slow {
    now: Arc<std::sync::atomic::AtomicUsize>,
    most: Arc<std::sync::atomic::AtomicUsize>,
}

#[async_trait::async_trait]
impl tierone::ports::ChatModel for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    async fn complete(&self, _: &ChatRequest) -> Result<Completion, Fault> {
        use std::sync::atomic::Ordering::SeqCst;
        let now = self.now.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(now, SeqCst);
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        self.now.fetch_sub(1, SeqCst);
        Ok(said(&form(json!({}))))
    }
}
