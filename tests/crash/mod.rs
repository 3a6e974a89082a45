//! A process that takes an alert from its arrival to its end is killed before every system call that writes, flushes or talks, one
//! after the other; what it leaves is taken up by another, and must be whole. `strace` does the killing: the product knows nothing of it.
//!
//! Not part of `cargo test`, which needs no tool of the system: `just crash` runs all, `.ci/run` every tenth.

mod child;
mod receiver;

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, Stdio},
};

use jiff::{SignedDuration, Timestamp};
use tierone::{
    app::demo,
    domain::{
        answer,
        case::{Case, Phase, replay},
        decision::{Effect, Principal},
        event::{Body, Event},
        precedent::PrecedentOrigin,
        release::Stage,
    },
    outbound::store::{Store, Which},
};

use tempfile::TempDir;

use crate::support::attested::{AttestedSite, promote};

use self::{
    child::{ANSWERED, Answer, JOB, Job, Repetition, STORED},
    receiver::{Receiver, Told},
};

/// The system calls by which anything reaches the disk or the network.
const CALLS: [&str; 8] = [
    "pwrite64",
    "fdatasync",
    "fsync",
    "ftruncate",
    "unlink",
    "connect",
    "sendto,writev",
    "recvfrom",
];
/// More of one call than any run makes.
const CALLS_MAX: usize = 2_000;

struct Scenario {
    name: &'static str,
    repetition: Repetition,
    answer: Answer,
}

/// What a person has done, or not.
const ASKED: [Scenario; 4] = [
    Scenario {
        name: "approved, the receiver may be told twice",
        repetition: Repetition::Idempotent,
        answer: Answer::Approve,
    },
    Scenario {
        name: "approved, the receiver may not be told twice",
        repetition: Repetition::Unsafe,
        answer: Answer::Approve,
    },
    Scenario {
        name: "approved, and taken back",
        repetition: Repetition::Idempotent,
        answer: Answer::ApproveAndUndo,
    },
    Scenario {
        name: "rejected",
        repetition: Repetition::Idempotent,
        answer: Answer::Reject,
    },
];

/// What the agent does alone.
const ALONE: [Scenario; 2] = [
    Scenario {
        name: "done alone, the receiver may be told twice",
        repetition: Repetition::Idempotent,
        answer: Answer::Nobody,
    },
    Scenario {
        name: "done alone, the receiver may not be told twice",
        repetition: Repetition::Unsafe,
        answer: Answer::Nobody,
    },
];

/// What was counted over all runs.
#[derive(Debug, Default)]
struct Tally {
    runs: usize,
    killed: usize,
    events: usize,
    told: usize,
    told_again: usize,
    in_doubt: usize,
    ended: usize,
    undone: usize,
    held_out: usize,
    precedents: usize,
}

#[test]
#[ignore = "needs strace: `just crash` and .ci/run run it"]
fn whenever_it_is_killed_nothing_is_lost_and_nothing_is_done_twice() {
    let total = killed(&ASKED);
    println!(
        "{total} processes killed; lost 0, done twice 0, called without a decision that fires and an answer 0"
    );
}

#[test]
#[ignore = "needs strace: `just crash` and .ci/run run it"]
fn whenever_it_is_killed_while_it_acts_alone_nothing_is_lost_and_nothing_is_done_twice() {
    let total = killed(&ALONE);
    println!(
        "{total} processes killed while they acted alone; lost 0, done twice 0, called without a decision that fires 0"
    );
}

/// Kills a process at every point of each scenario, looks at what is left each time, and gives how many were killed.
fn killed(scenarios: &[Scenario]) -> usize {
    let every = every();
    let receiver = Receiver::start();
    let mut total = 0;
    for scenario in scenarios {
        let mut tally = Tally::default();
        for call in CALLS {
            for number in (1..CALLS_MAX).step_by(every) {
                if !run(scenario, call, number, &receiver, &mut tally) {
                    break;
                }
            }
        }
        println!("{}: {tally:?}", scenario.name);
        assert!(
            tally.killed > CALLS.len(),
            "each call was killed once at the most: what counts them does not count"
        );
        total += tally.killed;
    }
    total
}

/// How many kills are left out between two: none, unless a shorter run is asked for.
fn every() -> usize {
    let asked =
        std::env::var_os("TIERONE_CRASH_EVERY").and_then(|text| text.to_str()?.parse().ok());
    asked.unwrap_or(1)
}

/// Kills one process before the `number`th `call` of any of its threads, and has another take up what it left. Says whether it came to
/// the killing.
fn run(
    scenario: &Scenario,
    call: &str,
    number: usize,
    receiver: &Receiver,
    tally: &mut Tally,
) -> bool {
    let start: Timestamp = "2026-10-15T03:00:00Z".parse().unwrap();
    let folder = prepared(scenario, receiver, start);
    let mut job = Job {
        folder: folder.path().to_owned(),
        receiver: receiver.url.clone(),
        repetition: scenario.repetition,
        answer: scenario.answer,
        now: start,
    };
    let what = format!("{}, killed before {call} {number}", scenario.name);
    let (trace, kill) = (
        format!("trace={call}"),
        format!("inject={call}:signal=SIGKILL:when={number}"),
    );
    let first = start_child(
        Command::new("strace")
            // With `--seccomp-bpf` strace 6.1 kills at the first call and at no later one.
            .args(["-f", "-qq", "-o", "/dev/null"])
            .args(["-e", &trace, "-e", &kill]),
        &job,
    );
    let killed = !first.contains(ANSWERED);
    tally.runs += 1;
    tally.killed += usize::from(killed);
    look(&job, &first, &what);
    // What one process left is taken up once its attempt is certainly over.
    job.now = start + SignedDuration::from_mins(5);
    let second = start_child(&mut Command::new("env"), &job);
    assert!(second.contains(ANSWERED), "{what}: {second}");
    look(&job, &second, &what);
    tally.add(scenario, &job, &receiver.take(), &what);
    killed
}

fn start_child(command: &mut Command, job: &Job) -> String {
    let child = command
        .arg(std::env::current_exe().unwrap())
        .args([
            "crash::child::child",
            "--exact",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(JOB, serde_json::to_string(job).unwrap())
        .stdin(Stdio::null())
        .output();
    let child = child.expect("strace runs: install it");
    String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr)
}

/// A site in a folder: one whose release is attested and promoted, where nobody is to answer.
fn prepared(scenario: &Scenario, receiver: &Receiver, now: Timestamp) -> TempDir {
    match scenario.answer {
        Answer::Nobody => promoted(scenario, receiver, now),
        Answer::Approve | Answer::Reject | Answer::ApproveAndUndo => {
            let folder = tempfile::tempdir().unwrap();
            prepare(folder.path());
            folder
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn promoted(scenario: &Scenario, receiver: &Receiver, now: Timestamp) -> TempDir {
    let site = AttestedSite::new(receiver.port);
    if scenario.repetition == Repetition::Unsafe {
        let config = std::fs::read_to_string(site.at("tierone.toml")).unwrap();
        site.write("tierone.toml", format!("{config}idempotent = false\n"));
    }
    site.attest(now - SignedDuration::from_hours(1));
    let app = site.open(now).await;
    promote(&app, Stage::Full).await;
    drop(app);
    site.folder
}

#[tokio::main(flavor = "current_thread")]
async fn prepare(folder: &Path) {
    std::fs::write(
        folder.join("secret"),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    .unwrap();
    let url = format!("sqlite://{}", folder.join("live.db").display());
    let store = Store::open(&url).await.unwrap();
    let mut rows = demo::precedents(&demo::tenant()).unwrap();
    for row in &mut rows {
        row.origin = PrecedentOrigin::Lived;
    }
    store.add_precedents(&demo::tenant(), &rows).await.unwrap();
    store.close().await;
}

/// The case that is stored, its events verified against their chain, and how many precedents there are.
#[tokio::main(flavor = "current_thread")]
async fn stored(job: &Job) -> (Option<(Case, Vec<Event>)>, usize) {
    let (store, tenant) = (Store::open(&job.store_url()).await.unwrap(), demo::tenant());
    let ids = store.case_ids(&tenant, Which::All, 10).await.unwrap();
    assert!(ids.len() <= 1, "one alert is one case");
    let mut found = None;
    for id in ids {
        let events = store.events(&tenant, id).await.unwrap();
        found = Some((replay(&events).unwrap(), events));
    }
    let precedents = store.precedents(&tenant).await.unwrap().len();
    store.close().await;
    (found, precedents)
}

/// Nothing that was acknowledged is missing.
fn look(job: &Job, said: &str, what: &str) {
    let (case, _) = stored(job);
    let events = case.map_or(Vec::new(), |(_, events)| events);
    let has = |is: fn(&Body) -> bool| events.iter().any(|event| is(&event.body));
    if said.contains(STORED) {
        assert!(
            has(|body| matches!(body, Body::Received { .. })),
            "{what}: the alert is lost"
        );
    }
    if said.contains(ANSWERED) && job.answer != Answer::Nobody {
        assert!(
            has(|body| matches!(body, Body::Answered { .. })),
            "{what}: the answer is lost"
        );
    }
}

impl Tally {
    /// Counts what became of the case, and fails where anything was done that nobody allowed, or done twice.
    fn add(&mut self, scenario: &Scenario, job: &Job, told: &[Told], what: &str) {
        let (found, precedents) = stored(job);
        let (case, events) = found.expect(what);
        self.events += events.len();
        self.precedents += precedents;
        let orders: Vec<&Told> = told
            .iter()
            .filter(|told| told.kind == "tierone.action")
            .collect();
        let keys: BTreeSet<&str> = orders.iter().map(|told| told.id.as_str()).collect();
        assert!(keys.len() <= 1, "{what}: done under {keys:?}");
        for key in &keys {
            assert!(
                is_allowed(&events, key, &case, scenario.answer),
                "{what}: nobody allowed {key}"
            );
        }
        self.told += orders.len().min(1);
        self.told_again += orders.len().saturating_sub(1);
        if scenario.repetition == Repetition::Unsafe {
            assert!(orders.len() <= 1, "{what}: told {} times", orders.len());
        }
        match (&case.phase, scenario.answer) {
            (Phase::Closed | Phase::Learned, Answer::Approve) | (Phase::Closed, Answer::Nobody) => {
                assert_eq!(keys.len(), 1, "{what}: ended without being done");
                self.ended += 1;
            }
            (Phase::Closed | Phase::Learned, Answer::Reject) => {
                assert!(orders.is_empty(), "{what}: done though it was rejected");
                self.ended += 1;
            }
            // The hold-out: of what could be done alone, a part is asked about all the same.
            (Phase::Asked, Answer::Nobody) if case.attempt.is_none() => {
                assert!(orders.is_empty(), "{what}: done though it is asked about");
                self.held_out += 1;
            }
            (Phase::Asked, Answer::Approve | Answer::Nobody) if case.attempt.is_some() => {
                assert_eq!(scenario.repetition, Repetition::Unsafe, "{what}");
                self.in_doubt += 1;
            }
            (Phase::Asked, Answer::ApproveAndUndo) => {
                assert_eq!(case.executed, None, "{what}: it stands");
                assert_eq!(keys.len(), 1, "{what}: undone without being done");
                let undoes = told.iter().filter(|told| told.kind == "tierone.undo");
                let undoes: BTreeSet<&str> = undoes.map(|told| told.id.as_str()).collect();
                assert_eq!(undoes.len(), 1, "{what}: undone under {undoes:?}");
                self.undone += 1;
            }
            (phase, _) => panic!("{what}: left {}", phase.word()),
        }
    }
}

/// Whether `key` names a start that follows a decision which fires, on the word of someone who approved or, where nobody is to answer, on
/// the agent's.
fn is_allowed(events: &[Event], key: &str, case: &Case, answer: Answer) -> bool {
    let place = events.iter().position(|event| {
        matches!(event.body, Body::Started { .. }) && format!("{}-{}", case.id, event.number) == key
    });
    let Some(before) = place.and_then(|place| events.get(..place)) else {
        return false;
    };
    let fires = before.iter().rev().find_map(|event| match &event.body {
        Body::Decided { decision } => Some(decision),
        _ => None,
    });
    let Some(decision) = fires.filter(|decision| decision.verdict.effect == Effect::Fire) else {
        return false;
    };
    if answer == Answer::Nobody {
        return decision.principal == Principal::Agent;
    }
    let approved = before.iter().any(|event| {
        matches!(
            &event.body,
            Body::Answered {
                answer: answer::Answer::Approve,
                ..
            }
        )
    });
    approved && decision.principal != Principal::Agent
}
