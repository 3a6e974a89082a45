//! What holds for every order of events.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRng, TestRunner},
};
use tierone::domain::{
    canonical::Digest,
    case::{Case, Illegal, replay},
    event::{EVENT_VERSION, Event},
    id::TenantId,
    sealed::Unsealing,
};

use super::{
    bodies::KINDS,
    transitions::TRANSITIONS,
    walk::{Choice, Walk, walk, walks},
};

/// Enough for every phase and step, which the first property counts.
const MANY: u32 = 800;
const SOME: u32 = 150;

/// Runs `check` on walks from a fixed seed, so that a failure is the same for everyone.
fn for_every_walk(walks_max: u32, check: impl Fn(Walk, usize)) {
    let config = Config {
        cases: walks_max,
        failure_persistence: None,
        ..Config::default()
    };
    let algorithm = config.rng_algorithm;
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(algorithm));
    let strategy = (walks(), any::<u16>());
    let found = runner.run(&strategy, |((firing, choices), place)| {
        check(walk(firing, &choices), usize::from(place));
        Ok(())
    });
    if let Err(TestError::Fail(why, ((firing, choices), _))) = found {
        panic!("{why}\nopened firing: {firing}\n{}", listed(&choices));
    }
    found.unwrap();
}

fn listed(choices: &[Choice]) -> String {
    let lines = choices.iter().map(|choice| format!("{choice:?}\n"));
    lines.collect()
}

#[test]
fn no_order_of_events_starts_or_finishes_what_nobody_allowed() {
    let kinds = RefCell::new(BTreeMap::<&str, [u32; 2]>::new());
    let reached = RefCell::new(BTreeSet::new());
    for_every_walk(MANY, |walk, _| {
        for (kind, [accepted, refused]) in walk.kinds {
            let mut kinds = kinds.borrow_mut();
            let count = kinds.entry(kind).or_default();
            *count = [count[0] + accepted, count[1] + refused];
        }
        reached.borrow_mut().extend(walk.reached);
    });
    let transitions: BTreeSet<(String, String)> = TRANSITIONS
        .iter()
        .map(|(phase, step)| ((*phase).to_owned(), (*step).to_owned()))
        .collect();
    assert_eq!(reached.into_inner(), transitions, "phases and steps");
    let kinds = kinds.into_inner();
    for (kind, _) in KINDS {
        let [accepted, refused] = kinds[kind];
        assert!(accepted >= 10 || kind == "received", "{kind}: {accepted}");
        // What was sent to a model has left, wherever the case stands.
        let always = kind == "called";
        assert!(
            (refused == 0) == always && (always || refused >= 5),
            "{kind} was refused {refused} times"
        );
    }
}

#[test]
fn a_prefix_and_then_the_rest_is_the_whole() {
    for_every_walk(SOME, |walk, place| {
        let (prefix, rest) = walk.events.split_at(1 + place % walk.events.len());
        let mut case = replay(prefix).unwrap();
        for event in rest {
            case.apply(event).unwrap();
        }
        assert_eq!(case, walk.case);
        assert_eq!(replay(&walk.events).unwrap(), walk.case);
    });
}

#[test]
fn events_survive_their_bytes_and_payloads() {
    for_every_walk(SOME, |walk, _| {
        let stored: Vec<Event> = walk.events.iter().map(stored).collect();
        assert_eq!(stored, walk.events);
        assert_eq!(replay(&stored).unwrap(), walk.case);
    });
}

fn stored(event: &Event) -> Event {
    let bytes = event.bytes().unwrap();
    let mut back: Event = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        back.bytes().unwrap(),
        bytes,
        "canonical once, canonical twice"
    );
    if let Some(payload) = event.body.payload() {
        let payload = payload.stored().unwrap();
        let seal = back.body.payload_mut().unwrap();
        let mut changed = payload.bytes.clone();
        changed.push(b' ');
        let refused = seal.fill(payload.salt, &changed);
        assert!(matches!(refused, Err(Unsealing::Mismatch(_))));
        seal.fill(payload.salt, &payload.bytes).unwrap();
    }
    back
}

#[test]
fn erased_payloads_leave_the_chain_valid_and_the_next_step_the_same() {
    for_every_walk(SOME, |walk, _| {
        let erased = |event: &Event| serde_json::from_slice(&event.bytes().unwrap()).unwrap();
        let events: Vec<Event> = walk.events.iter().map(erased).collect();
        let case = replay(&events).unwrap();
        assert_eq!(case.head, walk.case.head);
        assert_eq!(case.phase.word(), walk.case.phase.word());
        assert!(matches!(case.alert(), Err(Illegal::Erased)));
    });
}

#[test]
fn a_changed_log_is_refused() {
    for_every_walk(SOME, |walk, place| {
        for change in [dropped, swapped, tampered, strange] {
            let changed = change(walk.events.clone(), place);
            if changed == walk.events {
                continue;
            }
            match replay(&changed) {
                Err(Illegal::Chain { .. } | Illegal::Beginning(_)) => {}
                Ok(case) => panic!("not seen: {:?} of {:?}", case.head, walk.case.head),
                Err(other) => panic!("{other}"),
            }
        }
    });
}

#[test]
fn the_last_event_cannot_be_changed_without_changing_the_head() {
    for_every_walk(SOME, |walk, _| {
        let mut events = walk.events;
        let last = events.last_mut().unwrap();
        last.at += jiff::SignedDuration::from_secs(1);
        assert_ne!(replay(&events).unwrap().head, walk.case.head);
    });
}

#[test]
fn a_newer_event_leaves_the_case_alone() {
    for_every_walk(SOME, |walk, place| {
        let mut events = walk.events;
        let place = place % events.len();
        events[place].version = EVENT_VERSION + 1;
        let refused = replay(&events);
        let number = u64::try_from(place).unwrap() + 1;
        assert!(
            matches!(refused, Err(Illegal::Newer { number: at, version: 2 }) if at == number),
            "{refused:?}"
        );
        if place > 0 {
            let mut case: Case = replay(&events[..place]).unwrap();
            let before = case.clone();
            case.apply(&events[place]).unwrap_err();
            assert_eq!(case, before);
        }
    });
}

/// Without one event; the last one's absence only the store can see.
fn dropped(mut events: Vec<Event>, place: usize) -> Vec<Event> {
    if events.len() > 1 {
        events.remove(place % (events.len() - 1));
    }
    events
}

fn swapped(mut events: Vec<Event>, place: usize) -> Vec<Event> {
    if events.len() > 1 {
        let place = place % (events.len() - 1);
        events.swap(place, place + 1);
    }
    events
}

/// One second later than it was: legal in itself, and no longer what the next event names.
fn tampered(mut events: Vec<Event>, place: usize) -> Vec<Event> {
    if events.len() > 1 {
        let place = place % (events.len() - 1);
        events[place].at += jiff::SignedDuration::from_secs(1);
    }
    events
}

/// One event from another tenant's log, or with another predecessor.
fn strange(mut events: Vec<Event>, place: usize) -> Vec<Event> {
    if events.len() > 1 {
        let at = 1 + place % (events.len() - 1);
        if place.is_multiple_of(2) {
            events[at].tenant = TenantId::new("globex");
        } else {
            events[at].previous = Digest::of_bytes(b"another");
        }
    }
    events
}
