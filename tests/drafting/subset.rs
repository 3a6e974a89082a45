//! Whatever a model says, what fires with it fires without it too, and is the plan.

use proptest::prelude::*;
use serde_json::{Value, json};
use tierone::{
    app::drafting::terms::Ceilings,
    domain::{
        decision::{Code, Decision, Effect},
        draft::KeyRule,
    },
    ports::Reply,
};

use super::{
    ask::write,
    double::{Double, form, models, terms},
};
use crate::support::{
    doubles::Says,
    world::{World, decision},
};

fn words(options: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(options).prop_map(ToOwned::to_owned)
}

fn handle() -> impl Strategy<Value = String> {
    words(&[
        "E1",
        "E2",
        "E2",
        "E2",
        "E3",
        "T1",
        "C1",
        "P1",
        "research-share",
        "",
    ])
}

/// Forms of which many are the plan, and many are nearly that.
fn forms() -> impl Strategy<Value = String> {
    let action = words(&[
        "make-bucket-private",
        "make-bucket-private",
        "make-bucket-private",
        "close",
        "route",
        "none",
        "lock-badge",
    ]);
    let disposition = words(&[
        "true_positive",
        "true_positive",
        "benign_positive",
        "undetermined",
        "sure",
    ]);
    let name = words(&["bucket", "bucket", "bucket", "team", "address"]);
    let parameters = prop::collection::vec((name, handle()), 0..3);
    (action, disposition, parameters, ".{0,40}").prop_map(|(action, disposition, parameters, rationale)| {
        let parameters: Vec<Value> = parameters
            .into_iter()
            .map(|(name, handle)| json!({"name": name, "handle": handle}))
            .collect();
        form(json!({"action": action, "disposition": disposition, "parameters": parameters, "rationale": format!("r {rationale}")}))
    })
}

/// The decision with a model that says this.
fn decided(world: &World, text: &str) -> Decision {
    let double = Double::says(text);
    let models = models(&[(double, terms_here())], Ceilings::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (written, _) = runtime.block_on(write(&models, world));
    let reply = written.map(|written| Reply {
        disposition: written.grounded.disposition,
        action: written.grounded.action,
        parameters: written.grounded.parameters,
        rationale: written.grounded.rationale,
        citations: written.grounded.citations,
        reply: written.grounded.reply,
        tokens: 1,
    });
    let reply = reply.map_err(tierone::ports::Fault::Permanent);
    decision(&world.decided_by(Some(&Says(reply))))
}

fn terms_here() -> tierone::app::models::Terms {
    tierone::app::models::Terms {
        region: Some("eu-west-1".into()),
        ..terms()
    }
}

#[test]
fn the_plan_in_a_models_words_fires_and_under_when_asking_anything_does() {
    let plan = form(json!({
        "action": "make-bucket-private",
        "disposition": "true_positive",
        "parameters": [{"name": "bucket", "handle": "E2"}],
    }));
    let mut world = World::holding();
    assert_eq!(decided(&world, &plan).verdict.effect, Effect::Fire);
    assert_eq!(decided(&world, "no").held_by, [Code::Draft]);
    assert_eq!(decided(&world, &form(json!({}))).held_by, [Code::Draft]);
    world.rules.key = KeyRule::WhenAsking;
    assert_eq!(decided(&world, "no").verdict.effect, Effect::Fire);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_fires_with_a_model_fires_without_one(
        text in prop_oneof![4 => forms(), 1 => ".{0,80}"],
        broken in 0..4_u8,
        asking in any::<bool>(),
    ) {
        let mut world = World::holding();
        match broken {
            0 | 1 => {}
            2 => world.alert.origin = tierone::domain::alert::Origin::Guessed,
            _ => { world.rows().truncate(2); }
        }
        if asking {
            world.rules.key = KeyRule::WhenAsking;
        }
        let without = world.decision();
        let with = decided(&world, &text);
        prop_assert!(with.verdict.effect >= without.verdict.effect);
        prop_assert!(with.would >= without.would);
        prop_assert_eq!(&with.proposal, &without.proposal);
        if with.verdict.effect == Effect::Fire {
            prop_assert_eq!(&with.targets, &without.targets);
        }
        if asking {
            prop_assert_eq!(with.verdict.effect, without.verdict.effect);
        }
    }
}

#[test]
fn a_draft_from_before_a_model_was_configured_is_no_key() {
    let mut world = World::holding();
    for (rule, held_by) in [
        (KeyRule::Anyone, vec![]),
        (KeyRule::Always, vec![Code::Draft]),
    ] {
        world.rules.key = rule;
        let (_, decision) = world.decided_by(None).decided.unwrap();
        assert_eq!(decision.held_by, held_by, "{rule:?}");
    }
}
