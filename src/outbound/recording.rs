//! A recording: what a model once said to a request, under the digest of that request. It holds no prompt.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    domain::canonical::{Digest, to_bytes},
    ports::{ChatRequest, Completion, Fault, Stop, Turn},
};

/// Bytes of a recording that are read.
const FILE_MAX_BYTES: u64 = 2 << 20;

/// Where recordings are, and of which model: its name and decoding parameters are part of each key.
#[derive(Clone, Debug)]
pub struct Recordings {
    /// The folder, one file a recording.
    pub folder: PathBuf,
    /// The model's name.
    pub model: String,
    /// Its decoding parameters.
    pub parameters: Map<String, Value>,
}

/// What is kept.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Recording {
    key: Digest,
    text: String,
    stop: String,
    prompt_tokens: u64,
    reply_tokens: u64,
}

impl Recordings {
    /// The digest of the canonical form of `request` (RFC 8785), put to this model.
    pub fn key(&self, request: &ChatRequest) -> Result<Digest, Fault> {
        let turns: Vec<Value> = request.turns.iter().map(turn).collect();
        let whole = json!({
            "model": self.model,
            "parameters": self.parameters,
            "system": request.system,
            "turns": turns,
            "schema": request.schema,
            "reply_tokens_max": request.reply_tokens_max,
        });
        Digest::of(&whole).map_err(|cause| {
            Fault::Permanent(format!(
                "the request has no key: {cause}; correct the schema"
            ))
        })
    }

    /// Whether there can be recordings in the folder.
    pub fn check(&self) -> Result<(), Fault> {
        if self.folder.is_dir() {
            return Ok(());
        }
        Err(Fault::Permanent(format!(
            "`{}`, the folder of recordings, is not there; make it, or correct recordings.folder",
            self.folder.display()
        )))
    }

    /// What was said to the request of this key; `None` where nothing was recorded.
    pub async fn read(&self, key: Digest) -> Result<Option<Completion>, Fault> {
        let path = self.path(key);
        let wrong = |cause: &dyn std::fmt::Display| {
            Fault::Permanent(format!(
                "recording `{}` cannot be used: {cause}; record it anew",
                path.display()
            ))
        };
        let length = match tokio::fs::metadata(&path).await {
            Ok(about) => about.len(),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(wrong(&cause)),
        };
        if length > FILE_MAX_BYTES {
            return Err(wrong(&format!("it has more than {FILE_MAX_BYTES} bytes")));
        }
        let bytes = tokio::fs::read(&path)
            .await
            .map_err(|cause| wrong(&cause))?;
        let kept: Recording = serde_json::from_slice(&bytes).map_err(|cause| wrong(&cause))?;
        if kept.key != key {
            return Err(wrong(&"it is another's, under this one's name"));
        }
        let stop = stop(&kept.stop).ok_or_else(|| wrong(&"no model stops like that"))?;
        Ok(Some(Completion {
            text: kept.text,
            stop,
            prompt_tokens: kept.prompt_tokens,
            reply_tokens: kept.reply_tokens,
        }))
    }

    /// Keeps what was said. A recording is whole or not there.
    pub async fn write(&self, key: Digest, said: &Completion) -> Result<(), Fault> {
        let recording = Recording {
            key,
            text: said.text.clone(),
            stop: word(said.stop).to_owned(),
            prompt_tokens: said.prompt_tokens,
            reply_tokens: said.reply_tokens,
        };
        let path = self.path(key);
        let kept = match to_bytes(&recording) {
            Ok(bytes) => put(&path, &bytes).await.map_err(|cause| cause.to_string()),
            Err(cause) => Err(cause.to_string()),
        };
        kept.map_err(|cause| {
            Fault::Permanent(format!(
                "recording `{}` cannot be kept: {cause}; make room, or let this user write there",
                path.display()
            ))
        })
    }

    /// Where the recording of this key is.
    pub fn path(&self, key: Digest) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

/// Under another name first: two that record the same say the same.
async fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("part");
    tokio::fs::write(&beside, bytes).await?;
    tokio::fs::rename(&beside, path).await
}

fn turn(turn: &Turn) -> Value {
    match turn {
        Turn::Asked(text) => json!({ "asked": text }),
        Turn::Said(text) => json!({ "said": text }),
    }
}

const STOPS: [Stop; 6] = [
    Stop::Ended,
    Stop::Length,
    Stop::Refusal,
    Stop::Filter,
    Stop::ToolCall,
    Stop::Empty,
];

fn stop(text: &str) -> Option<Stop> {
    STOPS.into_iter().find(|stop| word(*stop) == text)
}

const fn word(stop: Stop) -> &'static str {
    match stop {
        Stop::Ended => "ended",
        Stop::Length => "length",
        Stop::Refusal => "refusal",
        Stop::Filter => "filter",
        Stop::ToolCall => "tool_call",
        Stop::Empty => "empty",
    }
}
