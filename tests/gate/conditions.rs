//! A walk over every condition: alone it holds back what would fire, and without it the same would fire.

use tierone::{
    domain::{
        answer::Answer,
        decision::{Decision, Effect, Principal},
        id::{ActionId, GroupId, PersonId},
        proposal::ParameterRole,
    },
    pipeline::{
        gate::{conditions::CONDITIONS, evaluate},
        rules::Rules,
    },
};

use super::table::{Person, Row, TABLE};
use crate::support::{
    chance::Chance,
    world::{ACTION, World, decision},
};

fn failing(decision: &Decision) -> Vec<&'static str> {
    let held_by = decision.verdict.held_by();
    held_by
        .into_iter()
        .map(tierone::domain::decision::Code::text)
        .collect()
}

#[test]
fn every_code_has_its_row_and_its_condition() {
    let rows: Vec<&str> = TABLE.iter().map(|row| row.code).collect();
    let conditions: Vec<&str> = CONDITIONS.iter().map(|one| one.code.text()).collect();
    assert_eq!(rows, conditions);
}

#[test]
fn with_nothing_broken_it_fires() {
    let decision = World::holding().decision();
    assert_eq!(failing(&decision), [""; 0]);
    assert_eq!(decision.verdict.effect, Effect::Fire);
    assert_eq!(decision.would, Effect::Fire);
    assert_eq!(decision.proposal.unwrap().action.as_str(), ACTION);
}

#[test]
fn with_one_fact_broken_exactly_its_condition_fails_and_does_what_the_table_says() {
    for row in &TABLE {
        check_alone(row);
    }
}

fn check_alone(row: &Row) {
    let code = row.code;
    let decision = row.world().decision();
    assert_eq!(failing(&decision), [code]);
    assert_eq!(decision.verdict.effect, row.effect, "{code}");
    assert_eq!(decision.verdict.quorum, row.quorum, "{code}");
    let of_release = code.starts_with("release.");
    let would = if of_release { Effect::Fire } else { row.effect };
    assert_eq!(decision.would, would, "{code}");
    assert_eq!(decision.held_by.is_empty(), of_release, "{code}");
    let offered = row.effect == Effect::Ask && code != "catalogue.plan";
    assert_eq!(decision.offered.is_some(), offered, "{code}");
}

#[test]
fn without_its_condition_a_broken_fact_would_fire() {
    for row in &TABLE {
        check_left_out(row);
    }
}

fn check_left_out(row: &Row) {
    let world = row.world();
    let (context, radius) = world.context(&world.decided(), &Principal::Agent);
    let effect_of =
        |conditions: &[_]| evaluate(conditions, &context, &Principal::Agent, radius).effect;
    let others = CONDITIONS.iter().filter(|one| one.code != row.code());
    let others: Vec<_> = others.copied().collect();
    assert_eq!(others.len(), 37);
    assert_eq!(effect_of(&CONDITIONS), row.effect, "{}", row.code);
    assert_eq!(effect_of(&others), Effect::Fire, "{}", row.code);
}

#[test]
fn a_person_is_bound_by_what_the_table_says() {
    for row in &TABLE {
        assert_eq!(may(&row.world()), row.person, "{}", row.code);
    }
}

/// What people may do in `world`: one proposes, another approves, then a third.
fn may(world: &World) -> Person {
    let proposal = world.proposal_of("ines");
    let case = world.answered(world.decided(), "ines", Answer::Propose { proposal });
    if decision(&case).verdict.effect == Effect::Refuse {
        return Person::Refused;
    }
    let case = world.answered(case, "mira", Answer::Approve);
    if decision(&case).verdict.effect == Effect::Fire {
        return Person::One;
    }
    let case = world.answered(case, "omar", Answer::Approve);
    match decision(&case).verdict.effect {
        Effect::Fire => Person::Two,
        Effect::Ask => Person::Stopped,
        Effect::Refuse => Person::Refused,
    }
}

#[test]
fn a_person_is_bound_by_the_ceiling_and_not_by_the_agents_budget() {
    let spent: [fn(&mut tierone::domain::action::Budgets); 3] = [
        |budgets| budgets.alone.action = 0,
        |budgets| budgets.alone.target = 0,
        |budgets| budgets.alone.tenant = 0,
    ];
    for spend in spent {
        let mut world = World::holding();
        world.with_action(|action| spend(&mut action.budgets));
        assert_eq!(world.decision().verdict.effect, Effect::Ask);
        assert_eq!(may(&world), Person::One);
    }
}

#[test]
fn who_proposed_an_action_of_radius_two_may_not_approve_it() {
    let world = TABLE[4].world();
    let proposal = world.proposal_of("ines");
    let case = world.answered(world.decided(), "ines", Answer::Propose { proposal });
    let case = world.answered(case, "ines", Answer::Approve);
    assert_eq!(decision(&case).verdict.effect, Effect::Ask);
    let case = world.answered(case, "mira", Answer::Approve);
    assert_eq!(decision(&case).verdict.effect, Effect::Fire);
}

/// The holding world with another action in its precedents: one that tells a team, at radius 0.
fn routing() -> World {
    let mut world = World::holding();
    for row in world.rows() {
        row.action = Some(ActionId::new("route"));
        row.parameters = [("team".to_owned(), ParameterRole::Owner)].into();
    }
    world
}

#[test]
fn a_kill_switch_does_not_bind_a_person_at_radius_zero() {
    for row in &TABLE[..2] {
        let mut world = routing();
        assert_eq!(world.decision().verdict.effect, Effect::Fire);
        (row.breaks)(&mut world);
        let asked = world.decided();
        assert_eq!(decision(&asked).verdict.effect, Effect::Ask, "{}", row.code);
        let case = world.answered(asked, "mira", Answer::Approve);
        assert_eq!(decision(&case).verdict.effect, Effect::Fire, "{}", row.code);
    }
}

#[test]
fn who_is_not_among_the_people_of_the_site_approves_nothing() {
    let world = TABLE[4].world();
    for stranger in ["mallory", "Mira", "mira ", ""] {
        let case = world.answered(world.decided(), stranger, Answer::Approve);
        assert_eq!(decision(&case).verdict.effect, Effect::Ask, "{stranger}");
    }
}

type Remove = fn(&mut Rules);

#[test]
fn whatever_file_is_absent_every_action_asks() {
    let absent: [(&str, Remove); 5] = [
        ("inventory", |rules| rules.inventory = None),
        ("never list", |rules| rules.never = None),
        ("people", |rules| rules.people = None),
        ("policy", |rules| rules.policy = None),
        ("calibration", |rules| rules.calibration = None),
    ];
    for (file, remove) in absent {
        let mut routing = routing();
        for row in routing.rows() {
            let team = ParameterRole::Constant("soc".into());
            row.parameters = [("team".to_owned(), team)].into();
        }
        for mut world in [World::holding(), routing] {
            assert_eq!(world.decision().verdict.effect, Effect::Fire);
            remove(&mut world.rules);
            let decision = world.decision();
            assert_eq!(decision.verdict.effect, Effect::Ask, "{file}: {decision:?}");
        }
    }
}

#[test]
fn of_several_broken_facts_the_most_severe_consequence_wins() {
    let mut chance = Chance::new(20_261_015);
    let mut counts = [0_u32; 3];
    for number in 0..2_000 {
        let picked = chance.places(number % 4, TABLE.len());
        let rows: Vec<&Row> = picked.iter().map(|place| &TABLE[*place]).collect();
        let effect = check_together(&rows);
        counts[effect as usize] += 1;
    }
    let [fire, ask, refuse] = counts;
    println!("2000 random worlds: {fire} fire, {ask} ask, {refuse} refuse");
    assert!(fire >= 500 && ask >= 500 && refuse >= 100);
}

/// Without a complete plan the conditions about an action hold, so then nothing is refused.
fn check_together(rows: &[&Row]) -> Effect {
    let codes: Vec<&str> = rows.iter().map(|row| row.code).collect();
    let mut world = World::holding();
    for row in rows {
        (row.breaks)(&mut world);
    }
    let expected = if codes.contains(&"catalogue.plan") {
        Effect::Ask
    } else {
        let effects = rows.iter().map(|row| row.effect);
        effects.max().unwrap_or(Effect::Fire)
    };
    let decision = world.decision();
    let failing = failing(&decision);
    assert_eq!(decision.verdict.effect, expected, "{codes:?}: {failing:?}");
    expected
}

#[test]
fn the_first_to_be_asked_are_the_approvers_of_the_action() {
    let decision = TABLE[4].world().decision();
    assert_eq!(decision.chain, ["soc", "soc-lead"].map(GroupId::new));
    assert_eq!(decision.principal, Principal::Agent);
    assert_ne!(
        decision.principal,
        Principal::Person(PersonId::new("tierone"))
    );
}
