//! An oracle written by hand, with the design's numbers and none of the crate's constants, against hundreds of thousands of contexts.

use jiff::{SignedDuration, Timestamp};
use tierone::{
    domain::{
        decision::{Effect, Principal},
        facts::Known,
        id::PersonId,
        release::{Ppm, Stage},
    },
    pipeline::gate::{
        attested::Attested,
        conditions::CONDITIONS,
        context::{
            Agreed, Autonomy, Breaker, Calibrated, Context, Count, Drawn, Level, Listed,
            Permission, Planned, Provenance, Reversal, SecondKey, Switch, Undo,
        },
        evaluate,
    },
};

use crate::support::{chance::Chance, world::World};

const DAY: i64 = 86_400;
const SEED: u64 = 4_201_202;
const CONTEXTS: usize = 120_000;

/// One field: a value with which it holds, one with which it does not, and what its failing means.
struct Field {
    holds: fn(&mut Context, &mut Chance),
    breaks: fn(&mut Context, &mut Chance),
    refuses: bool,
}

const fn asks(
    holds: fn(&mut Context, &mut Chance),
    breaks: fn(&mut Context, &mut Chance),
) -> Field {
    Field {
        holds,
        breaks,
        refuses: false,
    }
}

const fn refuses(
    holds: fn(&mut Context, &mut Chance),
    breaks: fn(&mut Context, &mut Chance),
) -> Field {
    Field {
        holds,
        breaks,
        refuses: true,
    }
}

fn bad<T>() -> Known<T> {
    Known::Unreadable("unreadable".into())
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn on(chance: &mut Chance) -> Known<Switch> {
    if chance.below(2) == 0 {
        Known::Read(Switch::On)
    } else {
        bad()
    }
}

fn problem(chance: &mut Chance) -> Vec<String> {
    (0..=chance.below(2))
        .map(|number| format!("problem {number}"))
        .collect()
}

fn count(is: u64, bound: u64) -> Count {
    Count { is, bound }
}

fn spent(chance: &mut Chance) -> Known<Count> {
    let bound = chance.below(5);
    let over = chance.below(3);
    match chance.below(4) {
        0 => bad(),
        _ => Known::Read(count(bound + over, bound)),
    }
}

fn left(chance: &mut Chance) -> Option<Known<Count>> {
    let is = chance.below(5);
    let more = 1 + chance.below(3);
    match chance.below(4) {
        0 => None,
        _ => Some(Known::Read(count(is, is + more))),
    }
}

fn none_or<T>(chance: &mut Chance, value: T) -> Option<T> {
    (chance.below(4) > 0).then_some(value)
}

/// In the order of the design's table.
const FIELDS: [Field; 38] = [
    asks(
        |c, _| c.kill_global = Known::Read(Switch::Off),
        |c, r| c.kill_global = on(r),
    ),
    asks(
        |c, _| c.kill_tenant = Known::Read(Switch::Off),
        |c, r| c.kill_tenant = on(r),
    ),
    asks(
        |c, r| c.kill_action = none_or(r, Known::Read(Switch::Off)),
        |c, r| c.kill_action = Some(on(r)),
    ),
    asks(
        |c, _| c.attestation = Attested::Until(Timestamp::MAX),
        |c, r| {
            c.attestation = match r.below(6) {
                0 => Attested::Absent,
                1 => Attested::OtherRelease(vec!["binary".into()]),
                2 => Attested::Untrusted("forged".into()),
                3 => Attested::Outdated(vec!["people".into()]),
                4 => Attested::NotYet(Timestamp::MAX),
                _ => Attested::Expired(Timestamp::MIN),
            };
        },
    ),
    asks(
        |c, r| {
            let (stage, draw) = r.one_of(&[
                (Stage::Canary, 0),
                (Stage::Canary, 99_999),
                (Stage::Full, 0),
                (Stage::Full, 979_999),
            ]);
            c.stage = Drawn {
                stage: Known::Read(stage),
                draw: Ppm::new(draw),
            };
        },
        |c, r| {
            c.stage = match r.below(4) {
                0 => Drawn {
                    stage: Known::Read(Stage::Shadow),
                    draw: Ppm::new(0),
                },
                1 => Drawn {
                    stage: Known::Read(Stage::Canary),
                    draw: Ppm::new(100_000),
                },
                2 => Drawn {
                    stage: Known::Read(Stage::Full),
                    draw: Ppm::new(980_000),
                },
                _ => Drawn {
                    stage: bad(),
                    draw: Ppm::new(0),
                },
            };
        },
    ),
    refuses(
        |c, r| c.exists = none_or(r, Listed::Yes),
        |c, _| c.exists = Some(Listed::No("x".into())),
    ),
    asks(
        |c, r| c.autonomous = none_or(r, Autonomy::Granted),
        |c, _| c.autonomous = Some(Autonomy::Never),
    ),
    asks(
        |c, r| {
            let fact = r.one_of(&[
                (Undo::Possible, 0),
                (Undo::Possible, 3),
                (Undo::Impossible, 0),
            ]);
            c.reversible = none_or(
                r,
                Reversal {
                    undo: fact.0,
                    radius: fact.1,
                },
            );
        },
        |c, r| {
            c.reversible = Some(Reversal {
                undo: Undo::Impossible,
                radius: r.one_of(&[1, 2, 3]),
            });
        },
    ),
    refuses(
        |c, r| c.parameters = none_or(r, vec![]),
        |c, r| c.parameters = Some(problem(r)),
    ),
    asks(
        |c, r| {
            c.plan = if r.below(2) == 0 {
                Planned::Complete
            } else {
                Planned::ByPerson(PersonId::new("mira"))
            }
        },
        |c, r| {
            c.plan = if r.below(2) == 0 {
                Planned::None("x".into())
            } else {
                Planned::Incomplete("x".into())
            };
        },
    ),
    asks(
        |c, r| c.draft = none_or(r, SecondKey::Agrees),
        |c, r| {
            c.draft = Some(if r.below(2) == 0 {
                SecondKey::Differs("x".into())
            } else {
                SecondKey::NoKey("x".into())
            });
        },
    ),
    refuses(
        |c, r| c.target_tenant = none_or(r, vec![]),
        |c, r| c.target_tenant = Some(problem(r)),
    ),
    refuses(
        |c, r| c.target_never = none_or(r, vec![]),
        |c, r| c.target_never = Some(problem(r)),
    ),
    asks(
        |c, r| c.target_protected = none_or(r, vec![]),
        |c, r| c.target_protected = Some(problem(r)),
    ),
    asks(
        |c, r| c.target_critical = none_or(r, vec![]),
        |c, r| c.target_critical = Some(problem(r)),
    ),
    asks(
        |c, r| c.target_known = none_or(r, vec![]),
        |c, r| c.target_known = Some(problem(r)),
    ),
    asks(
        |c, _| c.injection_signs = vec![],
        |c, r| c.injection_signs = problem(r),
    ),
    asks(
        |c, r| c.precedents_complete = count(r.one_of(&[0, 1, 9_999, 10_000]), 10_000),
        |c, r| c.precedents_complete = count(r.one_of(&[10_001, u64::MAX]), 10_000),
    ),
    asks(
        |c, r| {
            c.precedents_days = r
                .one_of(&[(3, 3), (4, 3), (10, 10), (300, 10)].map(|(is, bound)| count(is, bound)));
        },
        |c, r| {
            c.precedents_days =
                r.one_of(&[(0, 3), (2, 3), (3, 10), (9, 10)].map(|(is, bound)| count(is, bound)));
        },
    ),
    asks(
        |c, r| {
            c.precedents_clusters =
                r.one_of(&[(3, 3), (7, 3), (1, 1)].map(|(is, bound)| count(is, bound)));
        },
        |c, r| {
            c.precedents_clusters =
                r.one_of(&[(0, 1), (1, 3), (2, 3)].map(|(is, bound)| count(is, bound)));
        },
    ),
    asks(
        |c, r| c.precedents_agree = Agreed::All(r.one_of(&[1, 10_000])),
        |c, r| {
            c.precedents_agree = r.one_of(&[
                Agreed::NoRows,
                Agreed::Contradicted {
                    rows: 1,
                    of: 10_000,
                },
            ]);
        },
    ),
    asks(
        |c, r| c.precedents_oldest = Some(seconds(r.one_of(&[7 * DAY, 7 * DAY + 1, 900 * DAY]))),
        |c, r| {
            c.precedents_oldest = r.one_of(&[
                None,
                Some(seconds(7 * DAY - 1)),
                Some(seconds(0)),
                Some(seconds(-DAY)),
            ]);
        },
    ),
    asks(
        |c, r| c.precedents_fresh = Some(seconds(r.one_of(&[0, 89 * DAY, 90 * DAY]))),
        |c, r| {
            c.precedents_fresh =
                r.one_of(&[None, Some(seconds(90 * DAY + 1)), Some(seconds(900 * DAY))]);
        },
    ),
    asks(
        |c, r| c.precedents_quarantine = Known::Read(r.one_of(&[0, 9])),
        |c, _| c.precedents_quarantine = bad(),
    ),
    asks(
        |c, r| {
            let (level, rung) = r.one_of(&[(5, 5), (6, 5), (30, 30), (40, 30)]);
            c.risk_level = none_or(
                r,
                Level {
                    level,
                    rung: Some(rung),
                },
            );
        },
        |c, r| {
            let (level, rung) =
                r.one_of(&[(0, Some(5)), (4, Some(5)), (29, Some(30)), (1_000, None)]);
            c.risk_level = Some(Level { level, rung });
        },
    ),
    asks(
        |c, _| c.risk_calibration = Calibrated::Current(Timestamp::MIN),
        |c, r| {
            c.risk_calibration = if r.below(2) == 0 {
                Calibrated::Absent
            } else {
                Calibrated::Stale("x".into())
            };
        },
    ),
    asks(
        |c, r| c.budget_action = left(r),
        |c, r| c.budget_action = Some(spent(r)),
    ),
    asks(
        |c, r| c.budget_target = left(r),
        |c, r| c.budget_target = Some(spent(r)),
    ),
    asks(
        |c, r| c.budget_tenant = left(r),
        |c, r| c.budget_tenant = Some(spent(r)),
    ),
    asks(
        |c, r| c.budget_settle = none_or(r, Known::Read(vec![])),
        |c, r| {
            c.budget_settle = Some(if r.below(2) == 0 {
                bad()
            } else {
                Known::Read(problem(r))
            });
        },
    ),
    asks(
        |c, r| c.breaker = none_or(r, Known::Read(Breaker::Closed)),
        |c, r| {
            c.breaker = Some(if r.below(2) == 0 {
                bad()
            } else {
                Known::Read(Breaker::Demoted)
            });
        },
    ),
    asks(|c, _| c.readable = vec![], |c, r| c.readable = problem(r)),
    asks(|c, _| c.fields = vec![], |c, r| c.fields = problem(r)),
    asks(
        |c, r| c.age = Some(seconds(r.one_of(&[-300, -299, 0, DAY - 1, DAY]))),
        |c, r| {
            c.age = r.one_of(&[
                None,
                Some(seconds(-301)),
                Some(seconds(DAY + 1)),
                Some(seconds(9 * DAY)),
            ]);
        },
    ),
    asks(
        |c, r| c.replay = Known::Read(r.one_of(&[None, Some(seconds(30 * DAY + 1))])),
        |c, r| {
            c.replay = match r.below(4) {
                0 => bad(),
                1 => Known::Read(Some(seconds(30 * DAY))),
                2 => Known::Read(Some(seconds(0))),
                _ => Known::Read(Some(seconds(-DAY))),
            };
        },
    ),
    asks(
        |c, _| c.origin = Provenance::Trusted("x".into()),
        |c, _| c.origin = Provenance::Untrusted("x".into()),
    ),
    asks(|c, _| c.endpoints = vec![], |c, r| c.endpoints = problem(r)),
    asks(
        |c, r| c.site_policy = none_or(r, Permission::Allowed(vec!["x".into()])),
        |c, r| {
            c.site_policy = Some(if r.below(2) == 0 {
                Permission::Absent
            } else {
                Permission::Denied(vec!["x".into()])
            });
        },
    ),
];

#[test]
fn every_effect_agrees_with_an_oracle_written_by_hand() {
    let mut chance = Chance::new(SEED);
    let world = World::holding();
    let (mut context, radius) = world.context(&world.decided(), &Principal::Agent);
    let mut counts = [0_usize; 3];
    for number in 0..CONTEXTS {
        let broken = if number % 2 == 0 {
            chance.places((number / 2) % 4, FIELDS.len())
        } else {
            (0..FIELDS.len()).filter(|_| chance.below(2) == 0).collect()
        };
        for (place, field) in FIELDS.iter().enumerate() {
            let fill = if broken.contains(&place) {
                field.breaks
            } else {
                field.holds
            };
            fill(&mut context, &mut chance);
        }
        let expected = match broken.iter().map(|place| FIELDS[*place].refuses).max() {
            None => Effect::Fire,
            Some(false) => Effect::Ask,
            Some(true) => Effect::Refuse,
        };
        let found = evaluate(&CONDITIONS, &context, &Principal::Agent, radius);
        assert_eq!(
            found.effect, expected,
            "seed {SEED}, number {number}: {broken:?}\n{context:#?}"
        );
        assert_eq!(
            found.held_by().len(),
            broken.len(),
            "seed {SEED}, number {number}"
        );
        counts[expected as usize] += 1;
    }
    let [fire, ask, refuse] = counts;
    println!("{CONTEXTS} contexts of seed {SEED}: {fire} fire, {ask} ask, {refuse} refuse");
    assert!(fire * 10 >= CONTEXTS);
}
