//! Breaker: an endpoint that failed several times in a row is left alone for a while, then asked once.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How many faults in a row open it.
const FAULTS_MAX: u32 = 5;
/// How long it stays open.
const OPEN_FOR: Duration = Duration::from_secs(30);

/// The breaker of one endpoint.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    faults: u32,
    closed_until: Option<Instant>,
}

impl Breaker {
    /// Whether the endpoint may be asked now. Where it was left alone long enough, one caller is told that it may.
    pub(super) fn lets(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.closed_until {
            Some(until) if until > now => false,
            Some(_) => {
                state.closed_until = Some(now + OPEN_FOR);
                true
            }
            None => true,
        }
    }

    /// It answered, whatever it said.
    pub(super) fn answered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// It did not.
    pub(super) fn failed(&self, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.faults = state.faults.saturating_add(1);
        if state.faults >= FAULTS_MAX {
            state.closed_until = Some(now + OPEN_FOR);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_faults_open_it_and_after_a_while_one_is_let_through() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..FAULTS_MAX {
            assert!(breaker.lets(now));
            breaker.failed(now);
        }
        assert!(!breaker.lets(now));
        let later = now + OPEN_FOR;
        assert!(breaker.lets(later));
        assert!(!breaker.lets(later), "only one");
        breaker.answered();
        assert!(breaker.lets(later));
    }
}
