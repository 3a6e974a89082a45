//! A chat model that is asked for real, and what it says is kept for a replay. Faults are not kept.

use async_trait::async_trait;

use super::recording::Recordings;
use crate::ports::{ChatModel, ChatRequest, Completion, Fault};

/// A model, and where its words are kept.
#[derive(Debug)]
pub struct Recorder<M> {
    model: M,
    recordings: Recordings,
}

impl<M> Recorder<M> {
    /// A recorder of `model` into these, whose folder must be there.
    pub fn new(model: M, recordings: Recordings) -> Result<Self, Fault> {
        recordings.check()?;
        Ok(Self { model, recordings })
    }
}

#[async_trait]
impl<M: ChatModel> ChatModel for Recorder<M> {
    fn name(&self) -> &str {
        self.model.name()
    }

    async fn complete(&self, request: &ChatRequest) -> Result<Completion, Fault> {
        let key = self.recordings.key(request)?;
        let said = self.model.complete(request).await?;
        self.recordings.write(key, &said).await?;
        Ok(said)
    }
}
