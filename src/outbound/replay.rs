//! A chat model that says what was recorded, and never calls anyone: a miss is an error.

use async_trait::async_trait;

use super::recording::Recordings;
use crate::ports::{ChatModel, ChatRequest, Completion, Fault};

/// A model's recordings in its place.
#[derive(Debug)]
pub struct Replay(Recordings);

impl Replay {
    /// A replay of these, whose folder must be there.
    pub fn new(recordings: Recordings) -> Result<Self, Fault> {
        recordings.check()?;
        Ok(Self(recordings))
    }
}

#[async_trait]
impl ChatModel for Replay {
    fn name(&self) -> &str {
        &self.0.model
    }

    async fn complete(&self, request: &ChatRequest) -> Result<Completion, Fault> {
        let key = self.0.key(request)?;
        let said = self.0.read(key).await?;
        said.ok_or_else(|| {
            Fault::Permanent(format!(
                "there is no recording `{key}` of `{}` in `{}`, and nothing is called; record it with recordings.mode = \"record\"",
                self.0.model,
                self.0.folder.display()
            ))
        })
    }
}

#[cfg(test)]
mod tests;
