//! A model under somebody else's control: whatever it proposes and the plan does not, never fires; and it moves no other finding.

use tierone::{
    domain::{
        case::Case,
        decision::{Code, Decision, Effect, Finding},
        draft::{Disposition, Drafter, Standing},
        entity::EntityKind,
    },
    outbound::{embedded_index::EmbeddedIndex, lexical::Lexical},
    ports::{Drafting, Fault, Reply},
};

use super::table::TABLE;
use crate::support::{
    doubles::{Echo, Says, reply},
    world::{ACTION, BUCKET, Calls, World, decision, entity},
};

const DISPOSITIONS: [Disposition; 4] = [
    Disposition::TruePositive,
    Disposition::BenignPositive,
    Disposition::FalsePositive,
    Disposition::Undetermined,
];
const VALUES: [&str; 6] = [
    BUCKET,
    "svc-notebook",
    "another-bucket",
    "",
    "Research-Share",
    "research-share ",
];

/// Everything that the model says: each action, each value in all its parameters, each disposition.
fn replies(world: &World) -> Vec<Reply> {
    let mut replies = vec![reply(Disposition::TruePositive, None, &[])];
    let ids = World::holding().rules.catalogue.actions;
    let ids = ids
        .iter()
        .map(|action| action.id.as_str())
        .chain(["rm -rf /", ""]);
    for id in ids {
        let listed = world.rules.catalogue.actions.iter();
        let names: Vec<String> = listed
            .filter(|action| action.id.as_str() == id)
            .flat_map(|action| action.parameters.keys().cloned())
            .collect();
        let values = if names.is_empty() {
            &VALUES[..1]
        } else {
            &VALUES[..]
        };
        for value in values {
            let filled: Vec<(&str, &str)> =
                names.iter().map(|name| (name.as_str(), *value)).collect();
            replies.extend(DISPOSITIONS.map(|disposition| reply(disposition, Some(id), &filled)));
        }
    }
    replies.push(reply(Disposition::TruePositive, Some(ACTION), &[]));
    replies.push(reply(
        Disposition::TruePositive,
        Some(ACTION),
        &[("bucket", BUCKET), ("force", "true")],
    ));
    replies
}

fn go_on(world: &World, planned: &Case, model: &dyn Drafting) -> Case {
    let calls = Calls {
        embedder: &Lexical,
        index: &EmbeddedIndex::default(),
        model: Some(model),
    };
    let drafted = world.step(planned.clone(), calls);
    world.step(drafted, calls)
}

fn others(decision: &Decision) -> Vec<&Finding> {
    let findings = decision.verdict.findings.iter();
    findings
        .filter(|finding| finding.code != Code::Draft)
        .collect()
}

#[test]
fn nothing_that_a_hijacked_model_proposes_and_the_plan_does_not_ever_fires() {
    let mut worlds = vec![World::holding()];
    worlds.extend(TABLE.iter().map(super::table::Row::world));
    let (mut said, mut fired) = (0, 0);
    for world in &worlds {
        let planned = world.planned(Calls {
            embedder: &Lexical,
            index: &EmbeddedIndex::default(),
            model: None,
        });
        let honest = decision(&go_on(world, &planned, &Echo));
        for reply in replies(world) {
            let model = Says(Ok(reply));
            let case = go_on(world, &planned, &model);
            said += 1;
            fired += u32::from(check(&planned, &case, &honest));
        }
    }
    println!(
        "hijacked model: {said} drafts over {} worlds, {fired} fired, each of them the plan",
        worlds.len()
    );
    assert!(fired >= 1);
}

/// Whether it fired, which it may only where the draft is the plan, and then does the plan.
fn check(planned: &Case, case: &Case, honest: &Decision) -> bool {
    let decision = decision(case);
    assert_eq!(others(&decision), others(honest));
    assert_eq!(decision.proposal, honest.proposal);
    assert_eq!(decision.chain, honest.chain);
    assert_eq!(decision.expires_at, honest.expires_at);
    if decision.verdict.effect != Effect::Fire {
        return false;
    }
    let draft = case.draft.as_ref().unwrap().0.content().unwrap();
    let plan = planned.plan.as_ref().unwrap().proposal().unwrap();
    assert_eq!(draft.action.as_ref(), Some(&plan.action));
    assert_eq!(draft.disposition, plan.disposition);
    let values = plan
        .parameters
        .iter()
        .map(|(name, one)| (name.clone(), one.value.clone()));
    assert_eq!(draft.parameters, values.collect());
    assert_eq!(decision.proposal.as_ref(), Some(plan));
    assert_eq!(decision.targets, [BUCKET]);
    true
}

#[test]
fn a_model_that_does_not_answer_is_no_key_and_the_plan_is_shown() {
    let text = || "no".to_owned();
    for fault in [
        Fault::Transient(text()),
        Fault::Permanent(text()),
        Fault::TooLarge(text()),
    ] {
        let case = World::holding().decided_by(Some(&Says(Err(fault))));
        let decision = decision(&case);
        assert_eq!(decision.verdict.effect, Effect::Ask);
        assert_eq!(decision.held_by, [Code::Draft]);
        let (draft, standing) = case.draft.as_ref().unwrap();
        assert_eq!(draft.content().unwrap().drafter, Drafter::Plan);
        assert!(matches!(standing, Standing::Shown { .. }));
    }
}

#[test]
fn without_a_plan_a_models_action_is_offered_only_with_values_of_the_alert_and_never_fires() {
    let mut world = World::holding();
    world.alert.entities.push(entity(
        EntityKind::Bucket,
        "another-bucket",
        "target.bucket",
    ));
    for (value, offered) in [
        (BUCKET, true),
        ("another-bucket", true),
        ("payroll", false),
        ("svc-notebook", false),
    ] {
        let model = Says(Ok(reply(
            Disposition::TruePositive,
            Some(ACTION),
            &[("bucket", value)],
        )));
        let decision = decision(&world.decided_by(Some(&model)));
        assert_eq!(decision.verdict.effect, Effect::Ask);
        assert_eq!(decision.proposal, None);
        assert_eq!(decision.offered.is_some(), offered, "{value}");
    }
}
