//! An attempt that left no receipt is repeated under its key only as long as its receiver can be expected to remember the key.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use tierone::{
    domain::{
        case::Phase,
        event::Probe,
        order::{Authorized, Order},
    },
    ports::{Executor, Fault, Repetition},
};
use tokio::sync::Notify;

use super::arena::{Arena, Counting, at};

/// A receiver that may be told twice. It counts, or falls silent for ever once it was called.
enum Patient {
    Counts(Counting),
    Hangs(Arc<Notify>),
}

#[async_trait]
impl Executor for Patient {
    fn repetition(&self) -> Repetition {
        Repetition::Idempotent
    }

    fn preview(&self, _order: &Order) -> Result<String, Fault> {
        Ok(String::new())
    }

    fn preview_undo(&self, _order: &Order, _undo: &str) -> Result<String, Fault> {
        Ok(String::new())
    }

    async fn execute(&self, authorized: &Authorized) -> Result<String, Fault> {
        match self {
            Self::Counts(counting) => counting.execute(authorized).await,
            Self::Hangs(called) => {
                called.notify_one();
                std::future::pending().await
            }
        }
    }

    async fn undo(&self, authorized: &Authorized, _undo: &str) -> Result<String, Fault> {
        self.execute(authorized).await
    }

    async fn verify(&self, _order: &Order, _probe: &str) -> Result<Probe, Fault> {
        Ok(Probe::Held)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_started_long_ago_is_not_repeated_without_a_person() {
    let hours = SignedDuration::from_hours;
    for (later, calls, phase) in [
        (SignedDuration::from_mins(5), 1, Phase::Learned),
        (hours(23), 1, Phase::Learned),
        (hours(25), 0, Phase::Asked),
        (hours(24 * 30), 0, Phase::Asked),
    ] {
        let arena = Arena::new(|same| same).await;
        let asked = arena.asked(0, at(0)).await;
        let approved = arena.approved(&asked, at(0)).await;
        let called = Arc::new(Notify::new());
        let app = arena.app(Patient::Hangs(Arc::clone(&called))).await;
        let work = tokio::spawn(async move { Box::pin(app.work(approved, at(0))).await });
        called.notified().await;
        work.abort();
        let app = arena.app(Patient::Counts(arena.executor.clone())).await;
        let case = app.case(&arena.tenant, asked.id).await.unwrap().unwrap();
        assert_eq!(case.phase, Phase::Started);
        let after = Box::pin(app.work(case, at(0) + later)).await.unwrap();
        assert_eq!(arena.executor.calls(asked.id).len(), calls, "{later}");
        assert_eq!(after.phase, phase, "{later}");
    }
}
