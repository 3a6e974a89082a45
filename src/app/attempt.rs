//! Carries out one authorised order: the only place where a call is made again.
//!
//! Every try is under the same key. A try is made again only where the fault may pass and the executor does no harm twice; before each one the
//! caller says whether it is still allowed, which is where the kill switch is read.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    domain::{id::CaseId, order::Authorized, paged::Paged},
    outbound::pagerduty::{Alarm, Pagerduty},
    ports::{Executor, Fault, Repetition},
};

/// The most tries one attempt has.
pub const TRIES_MAX: u32 = 5;
/// The longest that a receiver's `Retry-After` is waited for. One that asks for more is not called again.
pub const WAIT_MAX_MS: u64 = 30_000;
/// No call to the pager begins later than this after the first.
const PAGE_WITHIN_MS: u64 = 40_000;
const BACKOFF_FIRST_MS: u64 = 250;
const BACKOFF_MAX_MS: u64 = 5_000;

/// What is done with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand<'a> {
    /// It is carried out.
    Execute,
    /// What was done under it is undone, by the catalogue's name for that.
    Undo(&'a str),
}

/// How often and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Tries, the first one included; at most [`TRIES_MAX`] count.
    pub tries: u32,
    /// No try begins later than this after the first.
    pub within_ms: u64,
}

/// What came of an attempt: each is one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The executor reported success.
    Executed {
        /// What it said.
        receipt: String,
    },
    /// It was not done.
    Failed {
        /// Why.
        cause: String,
    },
    /// Nobody knows whether it was done.
    InDoubt {
        /// What is known.
        known: String,
    },
}

/// Runs `errand`. `still_allowed` is asked before each try, right before the first byte leaves.
pub async fn attempt<Allowed>(
    executor: &dyn Executor,
    authorized: &Authorized,
    errand: Errand<'_>,
    bounds: Bounds,
    still_allowed: impl Fn() -> Allowed,
) -> Outcome
where
    Allowed: Future<Output = bool>,
{
    let call = || once(executor, authorized, errand);
    called(
        tries(executor.repetition(), bounds),
        bounds,
        still_allowed,
        call,
    )
    .await
}

/// Makes a call, and makes it again where the fault may pass.
async fn called<Allowed, Called>(
    tries: u32,
    bounds: Bounds,
    still_allowed: impl Fn() -> Allowed,
    call: impl Fn() -> Called,
) -> Outcome
where
    Allowed: Future<Output = bool>,
    Called: Future<Output = Result<String, Fault>>,
{
    let (begun, within) = (Instant::now(), Duration::from_millis(bounds.within_ms));
    let mut story = Story::default();
    for number in 1..=tries {
        if !still_allowed().await {
            return story.end(number - 1, "it was switched off");
        }
        let fault = match call().await {
            Ok(receipt) => return Outcome::Executed { receipt },
            Err(fault) => fault,
        };
        story.add(&fault);
        let Some(wait) = pause(&fault, number).filter(|_| number < tries) else {
            return story.end(number, "it was not tried again");
        };
        if begun.elapsed() + wait > within {
            return story.end(number, "the time for it ran out");
        }
        sleep(wait).await;
    }
    story.end(tries, "no try was allowed")
}

/// Pages whoever is on call. The pager takes a second call under the same key for the first.
pub async fn page(pager: &Pagerduty, alarm: &Alarm) -> Outcome {
    let bounds = Bounds {
        tries: TRIES_MAX,
        within_ms: PAGE_WITHIN_MS,
    };
    let always = || std::future::ready(true);
    called(TRIES_MAX, bounds, always, || pager.alarm(alarm)).await
}

/// Resolves the page about a decision that nobody answered in time. The pager takes a second call for the first, and one of no page for nothing.
pub async fn call_off(pager: &Pagerduty, case: CaseId, decided: u64) -> Outcome {
    let bounds = Bounds {
        tries: TRIES_MAX,
        within_ms: PAGE_WITHIN_MS,
    };
    let always = || std::future::ready(true);
    let call = || pager.call_off(case, decided);
    called(TRIES_MAX, bounds, always, call).await
}

impl From<Outcome> for Paged {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Executed { receipt } => Self::Sent { receipt },
            Outcome::Failed { cause } | Outcome::InDoubt { known: cause } => Self::Unsent { cause },
        }
    }
}

/// What the tries so far amount to.
#[derive(Default)]
struct Story {
    last: Option<String>,
    doubt: Option<String>,
}

impl Story {
    fn add(&mut self, fault: &Fault) {
        self.last = Some(fault.to_string());
        if matches!(fault, Fault::InDoubt(_)) {
            self.doubt = Some(fault.to_string());
        }
    }

    /// One try of which nobody knows makes the whole in doubt, whatever came after it.
    fn end(self, tries: u32, because: &str) -> Outcome {
        let times = if tries == 1 { "try" } else { "tries" };
        let told = |what: &str| format!("{what}; {because} after {tries} {times}");
        match (self.doubt, self.last) {
            (Some(known), Some(last)) if known != last => Outcome::InDoubt {
                known: told(&format!("{known}; and then: {last}")),
            },
            (Some(known), _) => Outcome::InDoubt {
                known: told(&known),
            },
            (None, Some(cause)) => Outcome::Failed {
                cause: told(&cause),
            },
            (None, None) => Outcome::Failed {
                cause: format!("nothing was sent: {because}"),
            },
        }
    }
}

async fn once(
    executor: &dyn Executor,
    authorized: &Authorized,
    errand: Errand<'_>,
) -> Result<String, Fault> {
    match errand {
        Errand::Execute => executor.execute(authorized).await,
        Errand::Undo(undo) => executor.undo(authorized, undo).await,
    }
}

fn tries(repetition: Repetition, bounds: Bounds) -> u32 {
    match repetition {
        Repetition::Idempotent => bounds.tries.min(TRIES_MAX),
        Repetition::Unsafe => bounds.tries.min(1),
    }
}

/// How long to wait before the next try; `None` where there is none.
fn pause(fault: &Fault, number: u32) -> Option<Duration> {
    let own = backoff_ms(number);
    let wait_ms = match fault {
        Fault::Transient(_) | Fault::InDoubt(_) => own,
        Fault::Busy { wait_ms, .. } if *wait_ms <= WAIT_MAX_MS => own.max(*wait_ms),
        Fault::Busy { .. } | Fault::Permanent(_) | Fault::TooLarge(_) => return None,
    };
    Some(Duration::from_millis(wait_ms))
}

/// Doubles with each try, and half of it is chance, so that many cases do not call at once.
fn backoff_ms(number: u32) -> u64 {
    let doubled = BACKOFF_FIRST_MS.saturating_mul(1 << number.saturating_sub(1).min(16));
    let whole = doubled.min(BACKOFF_MAX_MS);
    let chance = getrandom::u64().unwrap_or(0);
    whole / 2 + chance % (whole / 2)
}

#[cfg(test)]
mod tests;
