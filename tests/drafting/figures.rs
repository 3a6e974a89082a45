//! How often a model is called for alerts: for those of the demo, and for every fixture of every source.

use std::sync::Arc;

use serde_json::json;
use tierone::{
    app::{
        App, StoreChoice, Submitted, demo, drafting::terms::Ceilings, executors::Sending,
        models::Terms,
    },
    config::Config,
    domain::{alert::Origin, case::Phase, event::Body, id::SourceId},
    embedded::{DemoFiles, bytes, names},
    pipeline::normalise::{Asked, Intake},
};

use super::double::{Double, form, models, terms};
use crate::sources::fixtures;

/// At most so many calls for a hundred alerts.
const CALLS_OF_100_MAX: usize = 110;

/// An app with a model that answers well, wherever data is.
pub async fn app(double: &Arc<Double>) -> App {
    let (config, tenant) = (Config::default(), demo::tenant());
    let choice = StoreChoice::Throwaway;
    let opened = App::open(&config, &choice, &tenant, None, Sending::DryRun);
    let app = Box::pin(opened).await.unwrap();
    let endpoints = [None, Some("eu-west-1")].map(|region| {
        let region = region.map(Into::into);
        (double.clone(), Terms { region, ..terms() })
    });
    let models = models(&endpoints, Ceilings::default());
    Box::pin(app.with_models(models)).await.unwrap()
}

/// What came of a payload.
pub async fn submit(app: &App, source: &str, bytes: &[u8]) -> Vec<Submitted> {
    let intake = Intake {
        tenant: demo::tenant(),
        name: "post.json".into(),
        bytes,
        source: Asked::Source {
            id: SourceId::new(source),
            origin: Origin::Named,
        },
        received_at: app.now(),
    };
    Box::pin(app.submit(&intake)).await.unwrap()
}

#[derive(Debug, Default)]
struct Counted {
    alerts: usize,
    decided: usize,
    reused: usize,
    nowhere: usize,
}

async fn count(what: &str, payloads: Vec<(String, Vec<u8>)>) {
    let double = Double::says(form(json!({})));
    let app = Box::pin(app(&double)).await;
    let mut counted = Counted::default();
    for (source, bytes) in payloads {
        for submitted in submit(&app, &source, &bytes).await {
            let Submitted::Alert(outcome) = submitted else {
                continue;
            };
            counted.alerts += 1;
            if matches!(outcome.case.phase, Phase::Quiet) {
                continue;
            }
            let story = app.find(&outcome.case.tenant, outcome.case.id).await;
            let events = story.unwrap().unwrap().events;
            let last = events.iter().rev().find_map(|event| match &event.body {
                Body::Called { outcome, .. } => Some(outcome.clone()),
                _ => None,
            });
            counted.decided += 1;
            match last {
                None => counted.nowhere += 1,
                Some(outcome) if outcome.starts_with("not called") => counted.reused += 1,
                Some(_) => {}
            }
        }
    }
    let calls = double.asked().len();
    println!(
        "{what}: {} alerts, {} calls, {:.2} an alert; {} % needed none: {} of a prompt answered before, {} that no endpoint may have, the rest not decided",
        counted.alerts,
        calls,
        f64::from(u32::try_from(calls).unwrap())
            / f64::from(u32::try_from(counted.alerts).unwrap()),
        (counted.alerts - calls.min(counted.alerts)) * 100 / counted.alerts,
        counted.reused,
        counted.nowhere
    );
    assert!(calls > 0, "nothing was asked");
    assert!(
        calls * 100 <= counted.alerts * CALLS_OF_100_MAX,
        "{counted:?}"
    );
}

#[tokio::test]
async fn an_alert_costs_about_one_call_at_the_most() {
    let alerts = names::<DemoFiles>("alerts/").into_iter().map(|name| {
        let source = name.split('/').nth(1).unwrap().to_owned();
        (source, bytes::<DemoFiles>(&name).unwrap())
    });
    count("the demo", alerts.collect()).await;
    let samples = fixtures().into_iter();
    let samples = samples.map(|payload| (payload.source, payload.bytes));
    count("every fixture of every source", samples.collect()).await;
}
