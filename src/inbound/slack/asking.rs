//! How often one person may ask for something: so that nobody fills the queues of others by accident.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Requests of one person within the window.
const REQUESTS_MAX: usize = 5;
const WINDOW: Duration = Duration::from_mins(10);
/// The most people who are counted; beyond them nobody may ask until some are forgotten.
const PEOPLE_MAX: usize = 10_000;

/// When who asked for something, lately.
#[derive(Debug, Default)]
pub struct Asking(Mutex<HashMap<String, Vec<Instant>>>);

impl Asking {
    /// Whether `user` may ask for something at `now`; it counts then.
    pub fn may(&self, user: &str, now: Instant) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |at: &Instant| now.duration_since(*at) < WINDOW;
        if asked.len() >= PEOPLE_MAX {
            asked.retain(|_, times| times.iter().any(fresh));
        }
        if asked.len() >= PEOPLE_MAX && !asked.contains_key(user) {
            return false;
        }
        let own = asked.entry(user.to_owned()).or_default();
        own.retain(fresh);
        if own.len() >= REQUESTS_MAX {
            return false;
        }
        own.push(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_may_ask_five_times_in_ten_minutes() {
        let (asking, begin) = (Asking::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        for seconds in 0..5 {
            assert!(asking.may("U1", at(seconds)));
        }
        assert!(!asking.may("U1", at(6)));
        assert!(asking.may("U2", at(6)), "another person");
        assert!(asking.may("U1", at(600)), "the first is forgotten");
        assert!(!asking.may("U1", at(600)));
    }
}
