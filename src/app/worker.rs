//! Workers: they take up the cases of a service, each as far as it goes. What is in the queue is in the store too, so that nothing is lost
//! with the process; a scan finds what no queue knows: asks that ran out, attempts without a receipt, and what an earlier process left.
//!
//! In one process no two workers have one case. Across processes the store's optimistic version decides.

mod queue;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::queue::{Offered, Ticket};
use self::queue::{Queue, Why};
use super::{
    App,
    tend::{Tending, Turn},
};

/// How often the store is asked for what is due.
const SCAN_EVERY: Duration = Duration::from_secs(1);
/// The most cases that one scan takes up.
const SCAN_MAX: u32 = 10_000;

/// How many workers there are, and how much waits for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerBounds {
    /// Cases that are worked on at once.
    pub workers: usize,
    /// Cases that wait in memory; the rest waits in the store.
    pub queue_max: usize,
}

/// The workers of one process. Clones are the same workers.
#[derive(Clone)]
pub struct Workers {
    app: Arc<App>,
    queue: Arc<Queue>,
    tasks: TaskTracker,
    stop: CancellationToken,
    scanned: Arc<AtomicBool>,
}

/// Whether everything under way came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It did.
    Idle,
    /// It did not, in the time given. What was started has no receipt yet, and is taken up at the next start.
    Busy,
}

/// What working on a case came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// It waits for a person, for a time, or for nothing.
    ToRest,
    /// It still needs tierone: it is tried again, later each time.
    ToNothing,
}

impl Workers {
    /// Starts them over `app`.
    pub fn start(app: Arc<App>, bounds: WorkerBounds) -> Self {
        let workers = Self {
            app,
            queue: Arc::new(Queue::new(bounds.queue_max)),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            scanned: Arc::new(AtomicBool::new(true)),
        };
        for _ in 0..bounds.workers {
            let worker = workers.clone();
            workers.tasks.spawn(async move { worker.run().await });
        }
        let scanner = workers.clone();
        workers.tasks.spawn(async move { scanner.scan().await });
        workers
    }

    /// Has a case worked on soon, because something was appended to it.
    pub fn offer(&self, ticket: &Ticket) -> Offered {
        self.queue.offer(ticket, Why::News, Instant::now())
    }

    /// Whether the queue has room.
    pub fn has_room(&self) -> bool {
        self.queue.has_room()
    }

    /// Whether the store could be asked for what is due, the last time.
    pub fn can_scan(&self) -> bool {
        self.scanned.load(Ordering::Relaxed)
    }

    /// Returns when nobody works on the case and it does not wait to be worked on, or when the workers stop.
    pub async fn settled(&self, ticket: &Ticket) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = self.queue.settled(ticket) => {}
        }
    }

    /// Stops them: each ends what it has under way, at the longest `within` that time.
    pub async fn stop(&self, within: Duration) -> Stopped {
        self.stop.cancel();
        self.tasks.close();
        match tokio::time::timeout(within, self.tasks.wait()).await {
            Ok(()) => Stopped::Idle,
            Err(_) => Stopped::Busy,
        }
    }

    async fn run(&self) {
        loop {
            let (ticket, why) = tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                taken = self.queue.take() => taken,
            };
            // In a task of its own, so that a panic ends the work on this case and no worker.
            let (app, own) = (Arc::clone(&self.app), ticket.clone());
            let work = tokio::spawn(async move { Box::pin(work(&app, &own, why)).await });
            let came = match work.await {
                Ok(Ok(came)) => came,
                Ok(Err(error)) => {
                    self.app.note(&error);
                    tracing::warn!(case = %ticket.case, tenant = %ticket.tenant, error = %format!("{error:#}"), "a case does not move, it is tried again later");
                    Came::ToNothing
                }
                Err(fault) => {
                    tracing::error!(case = %ticket.case, tenant = %ticket.tenant, %fault, "the work on a case broke off, it is tried again later");
                    Came::ToNothing
                }
            };
            match came {
                Came::ToRest => self.queue.rested(&ticket),
                Came::ToNothing => self.queue.stuck(&ticket, Instant::now()),
            }
        }
    }

    async fn scan(&self) {
        let mut ticks = interval(SCAN_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tending = Tending::default();
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if tending.round(&self.app).await == Turn::Recovered {
                self.queue.resume();
            }
            match self.app.due(self.app.now(), SCAN_MAX).await {
                Ok(due) => {
                    self.scanned.store(true, Ordering::Relaxed);
                    self.take_up(due.into_iter().map(Ticket::from));
                }
                Err(error) => {
                    // Said once, not each second.
                    if self.scanned.swap(false, Ordering::Relaxed) {
                        tracing::error!(error = %format!("{error:#}"), "the store cannot be asked for what is due; it is asked again each second");
                    }
                }
            }
        }
    }

    /// Offers what the scan found, as long as there is room: the rest is found again.
    fn take_up(&self, due: impl Iterator<Item = Ticket>) {
        let now = Instant::now();
        for ticket in due {
            if self.queue.offer(&ticket, Why::Due, now) == Offered::Full {
                return;
            }
        }
    }
}

async fn work(app: &App, ticket: &Ticket, why: Why) -> anyhow::Result<Came> {
    let now = app.now();
    let Some(case) = app.case(&ticket.tenant, ticket.case).await? else {
        return Ok(Came::ToRest);
    };
    let before = case.events;
    let after = Box::pin(app.work(case, now)).await?;
    Ok(came(why, after.events > before, after.is_due(now)))
}

/// What work came to. A case that was found due, and to which nothing was appended, has a row that says it is due although it is not, and
/// would say so again at once. News of which nothing follows, such as a repeat that only counts, is no reason to be late once the case is due.
const fn came(why: Why, moved: bool, is_due: bool) -> Came {
    match (is_due, moved, why) {
        (true, _, _) | (false, false, Why::Due) => Came::ToNothing,
        (false, true, _) | (false, false, Why::News) => Came::ToRest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_go_on_or_is_found_due_for_nothing_is_left_alone() {
        for (why, moved, is_due, expected) in [
            (Why::News, true, false, Came::ToRest),
            (Why::News, false, false, Came::ToRest),
            (Why::Due, true, false, Came::ToRest),
            (Why::Due, false, false, Came::ToNothing),
            (Why::News, false, true, Came::ToNothing),
            (Why::Due, true, true, Came::ToNothing),
        ] {
            assert_eq!(
                came(why, moved, is_due),
                expected,
                "{why:?} {moved} {is_due}"
            );
        }
    }
}
