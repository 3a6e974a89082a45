//! Every transition of `next`, reached by a script that says each event and the step expected after it.

use std::collections::BTreeSet;

use tierone::domain::{alert::Status, case::Case};

use super::{
    bodies::{Aim, KINDS, PATIENCE, Wanted, at, body, opening},
    walk::word,
};

/// Every phase with every step that is ever next in it.
pub const TRANSITIONS: [(&str, &str); 22] = [
    ("quiet", "rest"),
    ("received", "retrieve"),
    ("retrieved", "plan"),
    ("planned", "draft"),
    ("drafted", "decide (agent)"),
    ("decided", "admit"),
    ("decided", "ask"),
    ("asked", "await answer"),
    ("asked", "expire"),
    ("asked", "page"),
    ("expired", "ask"),
    ("approved", "decide (approval)"),
    ("proposed", "decide (proposal)"),
    ("concluded", "close"),
    ("started", "await receipt"),
    ("started", "recover"),
    ("executed", "verify"),
    ("doubtful", "ask"),
    ("verified", "close"),
    ("closed", "learn"),
    ("closed", "rest"),
    ("learned", "rest"),
];

struct Script {
    name: &'static str,
    status: Status,
    /// An event in words, and the step that is next after it: now, and where it differs, when every deadline is past.
    says: &'static [(&'static str, &'static str)],
}

const TO_DRAFTED: [(&str, &str); 4] = [
    ("", "retrieve"),
    ("retrieved found", "plan"),
    ("planned complete", "draft"),
    ("drafted key", "decide (agent)"),
];

const SCRIPTS: &[Script] = &[
    Script {
        name: "the agent acts alone, and its closing teaches nothing",
        status: Status::Firing,
        says: &[
            ("decided fire", "admit"),
            ("started", "await receipt, recover"),
            ("executed", "verify"),
            ("verified held", "close"),
            ("closed agent", "rest"),
        ],
    },
    Script {
        name: "a person approves, it is done, and a precedent is made of it",
        status: Status::Firing,
        says: &[
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
            ("claimed", "await answer, expire"),
            ("answered approve", "decide (approval)"),
            ("decided fire", "admit"),
            ("started", "await receipt, recover"),
            ("executed", "verify"),
            ("verified held", "close"),
            ("closed person", "learn"),
            ("learned", "rest"),
        ],
    },
    Script {
        name: "one approval of two leaves the ask open for the second",
        status: Status::Firing,
        says: &[
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
            ("answered approve", "decide (approval)"),
            ("decided ask", "await answer, expire"),
            ("answered approve", "decide (approval)"),
            ("decided fire", "admit"),
        ],
    },
    Script {
        name: "an approval that is refused is asked anew, without the action",
        status: Status::Firing,
        says: &[
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
            ("answered approve", "decide (approval)"),
            ("decided refuse", "ask"),
            ("asked open", "await answer, expire"),
            ("answered resolve", "close"),
        ],
    },
    Script {
        name: "a person proposes another action, which is asked anew",
        status: Status::Firing,
        says: &[
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
            ("answered propose", "decide (proposal)"),
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
        ],
    },
    Script {
        name: "a person rejects, and the case is over",
        status: Status::Firing,
        says: &[
            ("decided refuse", "ask"),
            ("asked open", "await answer, expire"),
            ("answered reject", "close"),
            ("closed person", "learn"),
            ("learned", "rest"),
            ("reopened", "ask"),
        ],
    },
    Script {
        name: "an ask goes from group to group, and stays with the last",
        status: Status::Firing,
        says: &[
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
            ("expired", "ask"),
            ("asked open", "await answer, page"),
            ("expired", "await answer"),
            ("answered approve", "decide (approval)"),
        ],
    },
    Script {
        name: "a case that was put off is not passed on before then",
        status: Status::Firing,
        says: &[
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
            ("snoozed", "await answer, expire"),
            ("escalated", "await answer, page"),
            ("expired", "await answer"),
        ],
    },
    Script {
        name: "what fails is put to a person, and no repeat lets the agent try again",
        status: Status::Firing,
        says: &[
            ("decided fire", "admit"),
            ("started", "await receipt, recover"),
            ("failed", "ask"),
            ("asked open", "await answer, expire"),
            ("repeated graver", "await answer, expire"),
            ("resolved", "await answer, expire"),
        ],
    },
    Script {
        name: "what is in doubt, and what the probe denies, is put to a person",
        status: Status::Firing,
        says: &[
            ("decided fire", "admit"),
            ("started", "await receipt, recover"),
            ("in_doubt", "ask"),
            ("asked open", "await answer, expire"),
            ("answered propose", "decide (proposal)"),
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
            ("answered approve", "decide (approval)"),
            ("decided fire", "admit"),
            ("started", "await receipt, recover"),
            ("executed", "verify"),
            ("verified not held", "ask"),
        ],
    },
    Script {
        name: "what was undone after the end is open again",
        status: Status::Firing,
        says: &[
            ("decided fire", "admit"),
            ("started", "await receipt, recover"),
            ("executed", "verify"),
            ("verified held", "close"),
            ("closed agent", "rest"),
            ("undone", "ask"),
            ("asked open", "await answer, expire"),
        ],
    },
    Script {
        name: "what the probe denied is undone while a person is asked, and asked about anew",
        status: Status::Firing,
        says: &[
            ("decided fire", "admit"),
            ("started", "await receipt, recover"),
            ("executed", "verify"),
            ("verified not held", "ask"),
            ("asked open", "await answer, expire"),
            ("undone", "ask"),
            ("asked open", "await answer, expire"),
        ],
    },
    Script {
        name: "an undo that was begun opens the case again, and may fail, and be begun anew",
        status: Status::Firing,
        says: &[
            ("decided fire", "admit"),
            ("started", "await receipt, recover"),
            ("executed", "verify"),
            ("verified held", "close"),
            ("closed agent", "rest"),
            ("in_doubt", "ask"),
            ("asked open", "await answer, expire"),
            ("failed", "ask"),
            ("in_doubt", "ask"),
            ("undone", "ask"),
            ("asked open", "await answer, expire"),
        ],
    },
    Script {
        name: "a graver repeat before a start is decided again from the beginning",
        status: Status::Firing,
        says: &[
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
            ("repeated joined", "await answer, expire"),
            ("repeated graver", "retrieve"),
            ("retrieved nothing", "plan"),
            ("planned none", "draft"),
            ("called", "draft"),
            ("drafted shown", "decide (agent)"),
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
        ],
    },
    Script {
        name: "a repeat that changes nothing leaves the open ask as it is",
        status: Status::Firing,
        says: &[
            ("decided ask", "ask"),
            ("asked open", "await answer, expire"),
            ("repeated decide", "retrieve"),
            ("retrieved found", "plan"),
            ("planned complete", "draft"),
            ("drafted key", "decide (agent)"),
            ("decided ask", "await answer, expire"),
            ("answered approve", "decide (approval)"),
        ],
    },
    Script {
        name: "a signal that was only ever seen going off rests until it fires",
        status: Status::Resolved,
        says: &[
            ("", "rest"),
            ("resolved", "rest"),
            ("repeated decide", "retrieve"),
        ],
    },
    Script {
        name: "a person closes what was only seen going off, and reopens it",
        status: Status::Resolved,
        says: &[
            ("", "rest"),
            ("closed person", "rest"),
            ("reopened", "retrieve"),
        ],
    },
];

#[test]
fn every_script_takes_the_steps_that_it_says_and_together_they_take_all() {
    let mut reached = BTreeSet::new();
    for script in SCRIPTS {
        check(script, &mut reached);
    }
    let transitions = TRANSITIONS
        .iter()
        .map(|(phase, step)| ((*phase).to_owned(), (*step).to_owned()));
    assert_eq!(reached, transitions.collect());
}

fn check(script: &Script, reached: &mut BTreeSet<(String, String)>) {
    let mut case = Case::open(&opening(script.status)).unwrap();
    let before: &[(&str, &str)] = match script.status {
        Status::Firing => &TO_DRAFTED,
        Status::Resolved => &[],
    };
    for (place, (said, expected)) in before.iter().chain(script.says).enumerate() {
        let now = at(i64::try_from(case.events).unwrap());
        if !said.is_empty() {
            let event = case.event(body(wanted(said, place), &case, now), now);
            let applied = case.apply(&event);
            applied.unwrap_or_else(|why| panic!("{}: {said}: {why}", script.name));
        }
        let mut steps = vec![];
        for now in [now, now + PATIENCE * 4] {
            let step = word(&case.next(now));
            reached.insert((case.phase.word().to_owned(), step.clone()));
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        assert_eq!(steps.join(", "), *expected, "{}: {said}", script.name);
    }
}

fn wanted(said: &'static str, who: usize) -> Wanted {
    let (kind, flavour) = said.split_once(' ').unwrap_or((said, ""));
    let (kind, flavours) = KINDS.iter().find(|(name, _)| *name == kind).unwrap();
    let known = flavour.is_empty() || flavours.contains(&flavour);
    assert!(known, "`{kind}` has no flavour `{flavour}`");
    Wanted {
        kind,
        flavour,
        aim: Aim::Right,
        who: u8::try_from(who % 3).unwrap(),
    }
}
