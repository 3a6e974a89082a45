//! An executor that sends nothing and says what would be sent: for demo and simulated stores, and for `--dry-run`.

use async_trait::async_trait;

use crate::{
    domain::{
        event::Probe,
        order::{Authorized, Order},
    },
    ports::{Executor, Fault, Repetition},
};

/// Takes the place of an executor, of which only the preview is used.
pub struct DryRun<E> {
    inner: E,
}

impl<E: Executor> DryRun<E> {
    /// In place of `inner`.
    pub const fn new(inner: E) -> Self {
        Self { inner }
    }
}

#[async_trait]
impl<E: Executor> Executor for DryRun<E> {
    /// As the executor whose place it takes, so that what would not be repeated is not shown as if it were.
    fn repetition(&self) -> Repetition {
        self.inner.repetition()
    }

    fn preview(&self, order: &Order) -> Result<String, Fault> {
        self.inner.preview(order)
    }

    fn preview_undo(&self, order: &Order, undo: &str) -> Result<String, Fault> {
        self.inner.preview_undo(order, undo)
    }

    async fn execute(&self, authorized: &Authorized) -> Result<String, Fault> {
        let preview = self.inner.preview(authorized.order())?;
        Ok(format!("dry run: {preview}"))
    }

    async fn undo(&self, authorized: &Authorized, undo: &str) -> Result<String, Fault> {
        let preview = self.inner.preview_undo(authorized.order(), undo)?;
        Ok(format!("dry run: {undo}: {preview}"))
    }

    async fn verify(&self, _order: &Order, _probe: &str) -> Result<Probe, Fault> {
        Ok(Probe::Held)
    }
}
