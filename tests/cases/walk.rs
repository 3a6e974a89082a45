//! A walk: any sequence of bodies put to a case, each properly chained, with what was accepted and where it came.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tierone::domain::{
    alert::Status,
    case::{Case, Illegal},
    event::Event,
    step::{Step, Word},
};

use super::{
    bodies::{Aim, KINDS, PATIENCE, Wanted, at, body, likely, opening},
    model::Model,
};

/// One step of a walk, as it is generated: numbers that are read against where the case stands.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    likely: bool,
    kind: u8,
    flavour: u8,
    right: bool,
    way: u8,
    who: u8,
}

/// Where a walk went.
pub struct Walk {
    /// The case.
    pub case: Case,
    /// The events that it accepted.
    pub events: Vec<Event>,
    /// How often each kind was accepted, and refused.
    pub kinds: BTreeMap<&'static str, [u32; 2]>,
    /// What was to be done next, by phase.
    pub reached: BTreeSet<(String, String)>,
}

/// Walks, and how the case is opened.
pub fn walks() -> impl Strategy<Value = (bool, Vec<Choice>)> {
    let choice = (
        prop::bool::weighted(0.85),
        any::<u8>(),
        any::<u8>(),
        prop::bool::weighted(0.9),
        0..5_u8,
        0..3_u8,
    );
    let choice = choice.prop_map(|(likely, kind, flavour, right, way, who)| Choice {
        likely,
        kind,
        flavour,
        right,
        way,
        who,
    });
    (
        prop::bool::weighted(0.9),
        prop::collection::vec(choice, 0..60),
    )
}

/// Takes the walk, and fails on the first step that the model does not allow.
pub fn walk(firing: bool, choices: &[Choice]) -> Walk {
    let first = opening(if firing {
        Status::Firing
    } else {
        Status::Resolved
    });
    let mut walk = Walk {
        case: Case::open(&first).unwrap(),
        events: vec![first],
        kinds: BTreeMap::new(),
        reached: BTreeSet::new(),
    };
    let mut model = Model::default();
    walk.look(&model);
    for choice in choices {
        walk.take(*choice, &mut model);
        walk.look(&model);
    }
    walk
}

impl Walk {
    fn take(&mut self, choice: Choice, model: &mut Model) {
        let now = at(i64::try_from(self.case.events).unwrap());
        let wanted = choice.wanted(&self.case);
        let event = self.case.event(body(wanted, &self.case, now), now);
        let before = self.case.clone();
        let [accepted, refused] = self.kinds.entry(wanted.kind).or_default();
        match self.case.apply(&event) {
            Ok(()) => {
                *accepted += 1;
                model.accept(&event);
                self.events.push(event);
            }
            Err(Illegal::Order { .. }) => {
                *refused += 1;
                assert_eq!(self.case, before, "a refused event changed the case");
            }
            Err(other) => panic!("{other}"),
        }
    }

    fn look(&mut self, model: &Model) {
        let now = at(i64::try_from(self.case.events).unwrap());
        for now in [now, now + PATIENCE * 4] {
            let step = self.case.next(now);
            model.allows(&step);
            let ended = matches!(self.case.phase.word(), "closed" | "learned");
            assert_eq!(self.case.closed.is_some(), ended, "how it ended, and that");
            self.reached
                .insert((self.case.phase.word().into(), word(&step)));
        }
    }
}

impl Choice {
    fn wanted(self, case: &Case) -> Wanted {
        let all: Vec<&'static str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        let kinds = if self.likely {
            likely(&case.phase)
        } else {
            &all
        };
        let kind = kinds[usize::from(self.kind) % kinds.len()];
        let (_, flavours) = KINDS.iter().find(|(name, _)| *name == kind).unwrap();
        Wanted {
            kind,
            flavour: flavours[usize::from(self.flavour) % flavours.len()],
            aim: if self.right {
                Aim::Right
            } else {
                Aim::Wrong(self.way)
            },
            who: self.who,
        }
    }
}

/// The step's word, and on whose word a decision is.
pub fn word(step: &Step) -> String {
    match step {
        Step::Decide(Word::Agent) => "decide (agent)".into(),
        Step::Decide(Word::Proposal(_)) => "decide (proposal)".into(),
        Step::Decide(Word::Approval(_)) => "decide (approval)".into(),
        step => step.word().into(),
    }
}
