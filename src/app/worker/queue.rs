//! The queue of the workers: which cases wait, which are worked on, and which did not move lately. A case is in it once.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::domain::id::{CaseId, TenantId};

/// How long a case that did not move is left alone at first; twice as long each time after that.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_mins(5);
/// A pause that ended this long ago is forgotten: the case was not found due again.
const FORGET_AFTER: Duration = Duration::from_mins(10);

/// A case that is to be worked on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub case: CaseId,
}

/// Why a case is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Something was appended to it.
    News,
    /// The store says that it is due.
    Due,
}

/// Whether a case will be worked on soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It will.
    Taken,
    /// It did not move lately and is left alone for now.
    Paused,
    /// There is no room. The scan finds it later.
    Full,
}

/// Where a case in the queue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Waiting,
    Working,
    /// Something was appended while it was worked on.
    WorkingAgain,
}

struct Pause {
    times: u32,
    until: Instant,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Ticket, Why)>,
    places: HashMap<Ticket, Place>,
    pauses: HashMap<Ticket, Pause>,
}

pub(super) struct Queue {
    state: Mutex<State>,
    room: usize,
    news: Notify,
    ended: Notify,
}

impl From<(TenantId, CaseId)> for Ticket {
    fn from((tenant, case): (TenantId, CaseId)) -> Self {
        Self { tenant, case }
    }
}

impl Queue {
    pub(super) fn new(room: usize) -> Self {
        Self {
            state: Mutex::default(),
            room,
            news: Notify::new(),
            ended: Notify::new(),
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.state().waiting.len() < self.room
    }

    pub(super) fn offer(&self, ticket: &Ticket, why: Why, now: Instant) -> Offered {
        let mut state = self.state();
        match (state.places.get(ticket), why) {
            (Some(Place::Working), Why::News) => {
                let again = Place::WorkingAgain;
                state.places.insert(ticket.clone(), again);
                return Offered::Taken;
            }
            (Some(Place::Waiting | Place::Working | Place::WorkingAgain), _) => {
                return Offered::Taken;
            }
            (None, Why::Due) if state.is_paused(ticket, now) => return Offered::Paused,
            (None, Why::News | Why::Due) => {}
        }
        if state.waiting.len() >= self.room {
            return Offered::Full;
        }
        state.wait(ticket, why);
        drop(state);
        self.news.notify_one();
        Offered::Taken
    }

    /// The next case, and why it was offered. A caller that is dropped meanwhile takes none.
    pub(super) async fn take(&self) -> (Ticket, Why) {
        loop {
            let news = self.news.notified();
            let (next, more) = self.state().next_and_more();
            if let Some(taken) = next {
                // Two pieces of news may have woken one worker only.
                if more {
                    self.news.notify_one();
                }
                return taken;
            }
            news.await;
        }
    }

    /// The work on a case ended well.
    pub(super) fn rested(&self, ticket: &Ticket) {
        self.state().pauses.remove(ticket);
        self.end(ticket);
    }

    /// The work on a case came to nothing.
    pub(super) fn stuck(&self, ticket: &Ticket, now: Instant) {
        self.state().pause(ticket, now);
        self.end(ticket);
    }

    /// What came to nothing may come to something now: nothing is left alone any longer.
    pub(super) fn resume(&self) {
        self.state().pauses.clear();
    }

    /// Returns when the case neither waits nor is worked on.
    pub(super) async fn settled(&self, ticket: &Ticket) {
        loop {
            let ended = self.ended.notified();
            if !self.state().places.contains_key(ticket) {
                return;
            }
            ended.await;
        }
    }

    fn end(&self, ticket: &Ticket) {
        let mut state = self.state();
        let again = state.places.remove(ticket) == Some(Place::WorkingAgain);
        if again {
            state.wait(ticket, Why::News);
        }
        drop(state);
        if again {
            self.news.notify_one();
        }
        self.ended.notify_waiters();
    }

    /// A panic while it was locked leaves it whole: no change to it is made in parts.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&mut self, ticket: &Ticket, why: Why) {
        self.places.insert(ticket.clone(), Place::Waiting);
        self.waiting.push_back((ticket.clone(), why));
    }

    fn next(&mut self) -> Option<(Ticket, Why)> {
        let (ticket, why) = self.waiting.pop_front()?;
        self.places.insert(ticket.clone(), Place::Working);
        Some((ticket, why))
    }

    fn next_and_more(&mut self) -> (Option<(Ticket, Why)>, bool) {
        (self.next(), !self.waiting.is_empty())
    }

    fn is_paused(&self, ticket: &Ticket, now: Instant) -> bool {
        self.pauses
            .get(ticket)
            .is_some_and(|pause| pause.until > now)
    }

    fn pause(&mut self, ticket: &Ticket, now: Instant) {
        self.pauses
            .retain(|_, pause| pause.until + FORGET_AFTER > now);
        let times = self.pauses.get(ticket).map_or(0, |pause| pause.times);
        let doubled = PAUSE_FIRST.saturating_mul(1 << times.min(16));
        let pause = Pause {
            times: times.saturating_add(1),
            until: now + doubled.min(PAUSE_MAX),
        };
        self.pauses.insert(ticket.clone(), pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(number: u128) -> Ticket {
        Ticket {
            tenant: TenantId::new("acme"),
            case: CaseId::new(uuid::Uuid::from_u128(number)),
        }
    }

    #[tokio::test]
    async fn a_case_is_in_it_once_and_comes_again_when_news_came_meanwhile() {
        let (queue, now) = (Queue::new(10), Instant::now());
        for _ in 0..3 {
            assert_eq!(queue.offer(&ticket(1), Why::News, now), Offered::Taken);
        }
        assert_eq!(queue.take().await, (ticket(1), Why::News));
        assert!(queue.state().next().is_none());
        queue.offer(&ticket(1), Why::Due, now);
        queue.rested(&ticket(1));
        assert!(queue.state().next().is_none(), "what is due was worked on");
        queue.offer(&ticket(1), Why::News, now);
        queue.take().await;
        queue.offer(&ticket(1), Why::News, now);
        assert!(queue.state().next().is_none(), "nobody else works on it");
        queue.rested(&ticket(1));
        assert_eq!(queue.take().await, (ticket(1), Why::News));
    }

    #[tokio::test]
    async fn what_does_not_move_is_left_alone_longer_each_time_unless_there_is_news() {
        let (queue, mut now) = (Queue::new(10), Instant::now());
        for seconds in [1, 2, 4, 8] {
            queue.offer(&ticket(1), Why::News, now);
            queue.take().await;
            queue.stuck(&ticket(1), now);
            let early = now + Duration::from_millis(seconds * 1_000 - 1);
            assert_eq!(queue.offer(&ticket(1), Why::Due, early), Offered::Paused);
            now += Duration::from_secs(seconds);
            assert_eq!(queue.offer(&ticket(1), Why::Due, now), Offered::Taken);
            queue.take().await;
            queue.end(&ticket(1));
        }
        assert_eq!(queue.offer(&ticket(1), Why::News, now), Offered::Taken);
        queue.take().await;
        queue.stuck(&ticket(1), now);
        assert_eq!(queue.offer(&ticket(1), Why::Due, now), Offered::Paused);
        queue.resume();
        assert_eq!(queue.offer(&ticket(1), Why::Due, now), Offered::Taken);
        assert_eq!(queue.take().await, (ticket(1), Why::Due));
    }

    #[tokio::test]
    async fn it_is_bounded() {
        let (queue, now) = (Queue::new(2), Instant::now());
        for number in 0..2 {
            queue.offer(&ticket(number), Why::News, now);
        }
        assert!(!queue.has_room());
        assert_eq!(queue.offer(&ticket(2), Why::News, now), Offered::Full);
        assert_eq!(queue.offer(&ticket(1), Why::News, now), Offered::Taken);
    }

    #[tokio::test]
    async fn whoever_waits_for_a_case_goes_on_when_it_is_done() {
        let (queue, now) = (std::sync::Arc::new(Queue::new(2)), Instant::now());
        queue.settled(&ticket(1)).await;
        queue.offer(&ticket(1), Why::News, now);
        queue.take().await;
        let (waits, own) = (std::sync::Arc::clone(&queue), ticket(1));
        let waiting = tokio::spawn(async move { waits.settled(&own).await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        queue.rested(&ticket(1));
        waiting.await.unwrap();
    }
}
