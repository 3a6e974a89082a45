//! Journal: where every try at a model is written down, and what a case took with it.

use async_trait::async_trait;

use super::{Tried, ledger::plus};
use crate::domain::case::Spent;

/// Whether a model may be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It may.
    GoOn,
    /// Nobody needs the answer any more.
    Stop,
}

/// Where tries are written down.
#[async_trait]
pub trait Journal: Send {
    /// Writes one down and says whether there may be another.
    async fn note(&mut self, tried: Tried) -> Next;
}

/// A journal that is kept in memory.
#[async_trait]
impl Journal for Vec<Tried> {
    async fn note(&mut self, tried: Tried) -> Next {
        self.push(tried);
        Next::GoOn
    }
}

/// A journal with what its case took so far.
pub(super) struct Account<'a> {
    pub(super) journal: &'a mut dyn Journal,
    pub(super) spent: Spent,
    pub(super) next: Next,
}

impl Account<'_> {
    pub(super) async fn note(&mut self, tried: Tried) -> Next {
        self.spent = plus(self.spent, tried.taken);
        self.next = self.journal.note(tried).await;
        self.next
    }
}
