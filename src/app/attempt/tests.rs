//! The driver: when it tries again, when it stops, and what it says then; last, over a real socket.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use secrecy::SecretString;

use super::*;
use crate::{
    domain::{event::Probe, order::Order},
    outbound::{
        tests::{
            KEY, authorized, clock,
            receiver::{Receiver, reply},
            settings,
        },
        webhook::{Webhook, WebhookSettings},
    },
};

const BOUNDS: Bounds = Bounds {
    tries: 4,
    within_ms: 60_000,
};

/// Answers from a script.
struct Script {
    repetition: Repetition,
    says: Mutex<VecDeque<Result<String, Fault>>>,
    calls: AtomicU32,
}

#[async_trait]
impl Executor for Script {
    fn repetition(&self) -> Repetition {
        self.repetition
    }

    fn preview(&self, _order: &Order) -> Result<String, Fault> {
        Ok(String::new())
    }

    fn preview_undo(&self, _order: &Order, _undo: &str) -> Result<String, Fault> {
        Ok(String::new())
    }

    async fn execute(&self, _authorized: &Authorized) -> Result<String, Fault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.says.lock().unwrap().pop_front().unwrap()
    }

    async fn undo(&self, authorized: &Authorized, undo: &str) -> Result<String, Fault> {
        let receipt = self.execute(authorized).await?;
        Ok(format!("{undo} {receipt}"))
    }

    async fn verify(&self, _order: &Order, _probe: &str) -> Result<Probe, Fault> {
        Ok(Probe::Held)
    }
}

fn script(repetition: Repetition, says: &[Result<&str, Fault>]) -> Script {
    let own = |said: &Result<&str, Fault>| said.clone().map(str::to_owned);
    Script {
        repetition,
        says: Mutex::new(says.iter().map(own).collect()),
        calls: AtomicU32::new(0),
    }
}

fn transient() -> Result<&'static str, Fault> {
    Err(Fault::Transient("refused".into()))
}

fn in_doubt() -> Result<&'static str, Fault> {
    Err(Fault::InDoubt("silence".into()))
}

fn permanent() -> Result<&'static str, Fault> {
    Err(Fault::Permanent("no".into()))
}

fn busy(wait_ms: u64) -> Result<&'static str, Fault> {
    let cause = "busy".into();
    Err(Fault::Busy { cause, wait_ms })
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Executed { .. } => "executed",
        Outcome::Failed { .. } => "failed",
        Outcome::InDoubt { .. } => "in doubt",
    }
}

/// A name, the executor, its answers in turn, what comes of it, and after how many calls.
type Case = (
    &'static str,
    Repetition,
    Vec<Result<&'static str, Fault>>,
    &'static str,
    u32,
);

fn cases() -> Vec<Case> {
    use Repetition::{Idempotent, Unsafe};
    vec![
        ("at once", Idempotent, vec![Ok("done")], "executed", 1),
        (
            "third time",
            Idempotent,
            vec![transient(), in_doubt(), Ok("done")],
            "executed",
            3,
        ),
        ("never", Idempotent, vec![transient(); 9], "failed", 4),
        (
            "one silence of four",
            Idempotent,
            vec![transient(), in_doubt(), transient(), transient()],
            "in doubt",
            4,
        ),
        (
            "silence, then no",
            Idempotent,
            vec![in_doubt(), permanent()],
            "in doubt",
            2,
        ),
        ("no", Idempotent, vec![permanent()], "failed", 1),
        (
            "not twice",
            Unsafe,
            vec![transient(), Ok("done")],
            "failed",
            1,
        ),
        (
            "not twice in doubt",
            Unsafe,
            vec![in_doubt(), Ok("done")],
            "in doubt",
            1,
        ),
        (
            "busy",
            Idempotent,
            vec![busy(3_000), Ok("done")],
            "executed",
            2,
        ),
        (
            "busy too long",
            Idempotent,
            vec![busy(WAIT_MAX_MS + 1), Ok("done")],
            "failed",
            1,
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn it_tries_again_only_what_may_pass_and_does_no_harm_twice() {
    for (what, repetition, says, expected, calls) in cases() {
        let script = script(repetition, &says);
        let begun = Instant::now();
        let outcome = attempt(
            &script,
            &authorized(),
            Errand::Execute,
            BOUNDS,
            async || true,
        )
        .await;
        println!("{what}: {outcome:?} in {:?}", begun.elapsed());
        assert_eq!(name(&outcome), expected, "{what}");
        assert_eq!(script.calls.load(Ordering::SeqCst), calls, "{what}");
        if what == "busy" {
            assert!(begun.elapsed() >= Duration::from_secs(3));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_kill_before_a_try_stops_it() {
    for (allowed, calls, expected) in [(0, 0, "failed"), (1, 1, "failed"), (2, 2, "in doubt")] {
        let script = script(
            Repetition::Idempotent,
            &[transient(), in_doubt(), Ok("done")],
        );
        let asked = AtomicU32::new(0);
        let still = async || asked.fetch_add(1, Ordering::SeqCst) < allowed;
        let outcome = attempt(&script, &authorized(), Errand::Execute, BOUNDS, still).await;
        println!("{outcome:?}");
        assert_eq!(name(&outcome), expected);
        assert_eq!(script.calls.load(Ordering::SeqCst), calls);
        assert!(format!("{outcome:?}").contains("switched off"));
    }
}

#[tokio::test(start_paused = true)]
async fn no_try_begins_after_the_time_ran_out() {
    let script = script(Repetition::Idempotent, &vec![busy(4_000); 9]);
    let bounds = Bounds {
        tries: 100,
        within_ms: 9_000,
    };
    let outcome = attempt(
        &script,
        &authorized(),
        Errand::Execute,
        bounds,
        async || true,
    )
    .await;
    assert_eq!(name(&outcome), "failed");
    assert!(
        format!("{outcome:?}").contains("ran out after 3 tries"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn undo_goes_the_same_way() {
    let script = script(Repetition::Idempotent, &[Ok("done")]);
    let outcome = attempt(
        &script,
        &authorized(),
        Errand::Undo("reopen"),
        BOUNDS,
        async || true,
    )
    .await;
    let receipt = "reopen done".into();
    assert_eq!(outcome, Outcome::Executed { receipt });
}

#[test]
fn a_pause_grows_within_its_bound_and_is_never_nothing() {
    for number in 1..40 {
        let pause = backoff_ms(number);
        assert!(
            (BACKOFF_FIRST_MS / 2..BACKOFF_MAX_MS).contains(&pause),
            "{pause}"
        );
    }
}

#[tokio::test]
async fn every_try_is_under_the_same_key() {
    let replies = vec![
        reply("500 Oops", "", ""),
        reply("429 Busy", "retry-after: 0\r\n", ""),
        reply("200 OK", "", "done"),
    ];
    let receiver = Receiver::start(replies).await;
    let webhook = Webhook::new(&WebhookSettings {
        endpoint: settings(&receiver.url(), &["127.0.0.0/8"]),
        secret: SecretString::from("c2VjcmV0"),
        repetition: Repetition::Idempotent,
        clock,
    })
    .unwrap();
    // A spawned task proves that the whole is `Send`.
    let task = tokio::spawn(async move {
        attempt(
            &webhook,
            &authorized(),
            Errand::Execute,
            BOUNDS,
            async || true,
        )
        .await
    });
    let receipt = "200 done".into();
    assert_eq!(task.await.unwrap(), Outcome::Executed { receipt });
    let got = receiver.got();
    assert_eq!(got.len(), 3);
    assert!(
        got.iter()
            .all(|request| request.headers["webhook-id"] == KEY)
    );
}
