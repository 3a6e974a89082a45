//! Rehearsing: a rehearsal asks no model, and says so in the draft. What is asked costs, and leaves.

use async_trait::async_trait;

use crate::ports::{Drafting, Fault, Reply, Shown};

/// Stands where the configured models would.
pub(in crate::app) struct Rehearsing;

#[async_trait]
impl Drafting for Rehearsing {
    fn name(&self) -> &'static str {
        "rehearsal"
    }

    async fn reply(&self, _: &Shown<'_>) -> Result<Reply, Fault> {
        Err(Fault::Permanent("a rehearsal asks none".into()))
    }
}
