//! What counts as evidence, as people would tell it.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use tierone::domain::{
    decision::Code,
    draft::Disposition,
    evidence::assess,
    facet::{Facet, SetBy},
    id::SourceId,
    precedent::{Cluster, Precedent},
};

use crate::support::{
    doubles::Finds,
    world::{Calls, World, decision, entity, environment, indexed, precedent, scope},
};
use tierone::{domain::entity::EntityKind, outbound::lexical::Lexical};

fn check(world: &World, held_by: &[Code]) {
    assert_eq!(world.decision().held_by, held_by);
}

fn level(world: &World) -> u32 {
    let assessment = assess(&world.facts.evidence, &world.alert, world.facts.store);
    assessment.leading.map_or(0, |leading| leading.level)
}

fn in_scope(world: &World) -> usize {
    assess(&world.facts.evidence, &world.alert, world.facts.store).in_scope
}

/// One job on one host, in the environment's own words.
fn job(nights: i64, a_night: i64) -> World {
    let mut world = World::holding();
    world.alert.entities[0] = entity(EntityKind::User, "svc-backup", "actor.user");
    let received_at = world.alert.received_at;
    let mut rows = Vec::new();
    for night in 0..nights {
        for run in 0..a_night {
            let mut row = precedent(&world.alert, 0);
            row.id = tierone::domain::id::PrecedentId::new(format!("p-{night}-{run}"));
            row.received_at = received_at - SignedDuration::from_hours(24 * (8 + night))
                + SignedDuration::from_secs(run);
            row.cluster = Cluster::new("actor:svc-backup");
            rows.push(row);
        }
    }
    world.facts.evidence.total = rows.len() as u64;
    world.facts.evidence.rows = rows.into();
    world
}

fn fixed(mut world: World) -> World {
    world
        .alert
        .facets
        .push(environment("service_account", "svc-backup"));
    let scope = scope(&world.alert);
    for row in world.rows() {
        row.scope = scope.clone();
    }
    world
}

#[test]
fn a_contradiction_that_retrieval_ranks_last_is_seen() {
    let mut world = World::holding();
    let mut last = precedent(&world.alert, 9);
    last.summary = "zzz".into();
    last.disposition = Disposition::FalsePositive;
    world.rows().push(last);
    let near = world.facts.evidence.rows[..7].to_vec();
    let case = world.decided_with(Calls {
        embedder: &Lexical,
        index: &Finds(near),
        model: None,
    });
    assert!(
        case.found
            .iter()
            .all(|found| found.precedent.as_str() != "p-9")
    );
    assert_eq!(decision(&case).held_by, [Code::PrecedentsAgree]);
    let built_in = world.decided_with(Calls {
        embedder: &Lexical,
        index: &indexed(&world.facts.evidence.rows),
        model: None,
    });
    assert_eq!(decision(&built_in).held_by, [Code::PrecedentsAgree]);
}

#[test]
fn three_hundred_rows_of_one_job_in_one_night_are_one_group() {
    let world = job(1, 300);
    assert_eq!(level(&world), 1);
    check(
        &world,
        &[
            Code::PrecedentsDays,
            Code::PrecedentsClusters,
            Code::RiskLevel,
        ],
    );
}

#[test]
fn over_three_hundred_nights_they_are_three_hundred_groups_and_one_cluster() {
    let world = job(300, 1);
    assert_eq!(level(&world), 300);
    check(&world, &[Code::PrecedentsClusters]);
}

#[test]
fn where_the_environment_fixes_the_cluster_ten_days_of_it_suffice_and_nine_do_not() {
    check(&fixed(job(300, 1)), &[]);
    check(&fixed(job(10, 1)), &[]);
    check(&fixed(job(9, 3)), &[Code::PrecedentsDays]);
}

#[test]
fn who_takes_the_name_of_a_region_has_no_fixed_cluster() {
    let mut world = fixed(job(300, 1));
    for row in world.rows() {
        row.cluster = Cluster::new("actor:somebody-else");
    }
    check(&world, &[Code::PrecedentsClusters]);
}

#[test]
fn a_facet_that_the_actor_sets_fixes_no_cluster() {
    let mut world = fixed(job(300, 1));
    world.alert.facets.last_mut().unwrap().set_by = SetBy::Actor;
    check(&world, &[Code::PrecedentsClusters]);
}

#[test]
fn null_and_empty_facets_match_nothing() {
    for value in [None, Some(String::new())] {
        let mut world = World::holding();
        world.alert.facets[2].value = value;
        assert_eq!(in_scope(&world), 0);
        assert!(world.decision().held_by.contains(&Code::PrecedentsAgree));
    }
}

#[test]
fn a_detection_that_declares_no_facet_matches_nothing() {
    let mut world = World::holding();
    world.alert.facets.clear();
    for row in world.rows() {
        row.scope.facets.clear();
    }
    assert_eq!(in_scope(&world), 0);
}

#[test]
fn an_alert_with_the_detection_id_of_another_source_matches_nothing() {
    let mut world = World::holding();
    world.alert.source = SourceId::new("generic");
    assert_eq!(in_scope(&world), 0);
}

#[test]
fn an_alert_with_one_more_declared_facet_is_out_of_scope() {
    let mut world = World::holding();
    world.alert.facets.push(environment("region", "eu-west-1"));
    assert_eq!(in_scope(&world), 0);
}

#[test]
fn a_facet_that_an_alert_has_twice_must_be_equal_both_times() {
    let mut world = World::holding();
    world
        .alert
        .facets
        .push(Facet::new("api", Some("DeleteBucket".into()), SetBy::Actor));
    assert_eq!(in_scope(&world), 0);
}

#[test]
fn facets_are_equal_byte_for_byte() {
    for value in [
        "putbucketpolicy",
        "PutBucketPolicy ",
        "PutBucketPolicy.",
        "PutBucketPоlicy",
    ] {
        let mut world = World::holding();
        world.alert.facets[2].value = Some(value.into());
        assert_eq!(in_scope(&world), 0, "{value}");
    }
}

#[test]
fn long_facets_are_compared_by_digest() {
    let long = |end: &str| Some(format!("{}{end}", "a".repeat(300)));
    let mut world = World::holding();
    world.alert.facets[2] = Facet::new("api", long("b"), SetBy::Actor);
    let scope = scope(&world.alert);
    for row in world.rows() {
        row.scope = scope.clone();
    }
    assert!(
        world.alert.facets[2]
            .value
            .as_ref()
            .unwrap()
            .starts_with("sha256:")
    );
    check(&world, &[]);
    world.alert.facets[2] = Facet::new("api", long("c"), SetBy::Actor);
    assert_eq!(in_scope(&world), 0);
}

#[test]
fn an_undetermined_outcome_agrees_with_nothing() {
    let mut world = World::holding();
    world.rows()[3].disposition = Disposition::Undetermined;
    check(&world, &[Code::PrecedentsAgree]);
    for row in world.rows() {
        row.disposition = Disposition::Undetermined;
    }
    assert_eq!(level(&world), 0);
    assert_eq!(world.decision().proposal, None);
}

#[test]
fn groups_that_saw_a_draft_count_at_most_as_many_as_the_others() {
    for (blind, expected) in [(0, 0), (1, 2), (2, 4), (3, 6), (4, 7), (7, 7)] {
        let mut world = World::holding();
        for row in world.rows().iter_mut().skip(blind) {
            row.seen_draft = true;
        }
        assert_eq!(level(&world), expected, "{blind} blind");
    }
}

#[test]
fn outcomes_with_other_roles_or_another_action_do_not_agree() {
    let changes: [fn(&mut Precedent); 3] = [
        |row| {
            row.parameters = BTreeMap::from([(
                "bucket".into(),
                tierone::domain::proposal::ParameterRole::from("related.bucket"),
            )]);
        },
        |row| row.action = None,
        |row| row.disposition = Disposition::BenignPositive,
    ];
    for change in changes {
        let mut world = World::holding();
        let mut row = precedent(&world.alert, 9);
        change(&mut row);
        world.rows().push(row);
        check(&world, &[Code::PrecedentsAgree]);
    }
}
