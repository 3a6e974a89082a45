//! Reading: a payload becomes items. Sources of this build run here. A site's own run in a child process with bounds: a jq file may be
//! written so that it allocates or computes without end, and then takes its own process with it and nothing else.
//!
//! Parent and child are the same program, so what they say to each other has no version.

use std::{
    io::{Read, Write},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::rules;
use crate::{
    config::Config,
    domain::{
        alert::{Alert, Origin},
        id::{SourceId, TenantId},
    },
    outbound::child::{self, Bounds, Said},
    pipeline::normalise::{Asked, GENERIC, Intake, Item, Sources, normalise, unread_intake},
};

/// The command by which this program reads as a child.
pub const COMMAND: &str = "read-alert";
/// The option of that command with the seconds of processor time.
pub const SECONDS: &str = "--seconds";
/// Processor time of a child: this …
const SECONDS_BASE: u64 = 4;
/// … and one more for this many bytes of payload.
const BYTES_PER_SECOND: u64 = 1024 * 1024;
/// How much longer a child may take by the clock on the wall.
const WALL_FACTOR: u64 = 3;
/// Bytes of a child's answer.
const ANSWER_MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes of a child's question: the largest payload, and all sources of a site.
const QUESTION_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Children at once.
const CHILDREN_MAX: usize = 4;

/// The sources of a site, and where each is run.
pub struct Reading {
    built_in: Sources,
    /// Every source by name and text, in order.
    files: Vec<File>,
    own: Vec<SourceId>,
    names: Vec<SourceId>,
    /// One for each child that may run at once.
    places: Arc<Semaphore>,
}

/// The name and the text of a source.
type File = (String, String);

/// What a child is asked: one line of JSON, which the payload follows as it is.
#[derive(Serialize, Deserialize)]
struct Question {
    sources: Vec<File>,
    task: Task,
}

#[derive(Serialize, Deserialize)]
enum Task {
    Compile,
    Read {
        tenant: TenantId,
        name: String,
        source: Asked,
        received_at: Timestamp,
    },
}

#[derive(Serialize, Deserialize)]
enum Answer {
    Compiled,
    /// The source file that is not accepted, and why.
    Refused(String),
    Items(Vec<Item>),
}

impl Reading {
    /// Loads these sources. Those of a folder in the config, and `own_source`, are the site's own.
    pub fn open(
        config: &Config,
        mut files: rules::Files,
        own_source: Option<File>,
    ) -> anyhow::Result<Self> {
        if let Some((name, _)) = &own_source {
            files.retain(|(other, _)| other != name);
        }
        let (built_in, mut own) = match config.files.sources {
            Some(_) => (Vec::new(), files),
            None => (files, Vec::new()),
        };
        own.extend(own_source);
        if !own.is_empty() {
            compile(&own)?;
        }
        let mut files = [built_in.as_slice(), own.as_slice()].concat();
        files.sort();
        let ids = |files: &[File]| -> Vec<SourceId> {
            files
                .iter()
                .map(|(name, _)| SourceId::new(name.as_str()))
                .collect()
        };
        Ok(Self {
            built_in: Sources::compile(built_in)?,
            own: ids(&own),
            names: ids(&files),
            files,
            places: Arc::new(Semaphore::new(CHILDREN_MAX)),
        })
    }

    /// The names of the sources, in order.
    pub fn names(&self) -> impl Iterator<Item = &SourceId> {
        self.names.iter()
    }

    /// Whether there is a source of this name.
    pub fn contains(&self, id: &SourceId) -> bool {
        self.names.contains(id)
    }

    /// The items of `intake`, of which there is always at least one. Blocks while it works.
    pub fn items(&self, intake: &Intake<'_>) -> Vec<Item> {
        let files = self.for_child(&intake.source);
        if files.is_empty() {
            return normalise(&self.built_in, intake);
        }
        read_by_child(files, intake).unwrap_or_else(|cause| {
            let cause = format!("the site's own source did not read it: {cause:#}");
            tracing::warn!(payload = ?intake.name, "{cause}");
            vec![Item::Alert(unread_intake(intake, &cause))]
        })
    }

    /// Waits until a child may run, where one is needed for a payload of this source.
    pub(super) async fn place(&self, asked: &Asked) -> Option<OwnedSemaphorePermit> {
        if self.for_child(asked).is_empty() {
            return None;
        }
        // It is never closed; were it, a child more would run.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// The sources that a child needs for such a payload; none where no source of the site's own has to look at it.
    fn for_child(&self, asked: &Asked) -> &[File] {
        let needed = match asked {
            Asked::Auto if self.own.is_empty() => None,
            Asked::Auto => Some(self.files.as_slice()),
            Asked::Source { id, .. } if self.own.contains(id) => {
                let place = self.names.iter().position(|name| name == id);
                place.and_then(|place| self.files.get(place..=place))
            }
            Asked::Source { .. } => None,
        };
        needed.unwrap_or_default()
    }
}

/// Whether the site's own sources are accepted. Already that is done by a child: a file may be nested so deep that reading it ends it.
pub(super) fn compile(own: &[File]) -> anyhow::Result<()> {
    let question = Question {
        sources: own.to_vec(),
        task: Task::Compile,
    };
    let answer = answer_of(&question, &[]).context(
        "the site's own sources cannot be compiled; look for a definition that is nested very deep",
    )?;
    match answer {
        Answer::Compiled => Ok(()),
        Answer::Refused(cause) => bail!(cause),
        Answer::Items(_) => {
            bail!("the site's own sources cannot be compiled; report this as a fault of tierone")
        }
    }
}

fn read_by_child(files: &[File], intake: &Intake<'_>) -> anyhow::Result<Vec<Item>> {
    let question = Question {
        sources: files.to_vec(),
        task: Task::Read {
            tenant: intake.tenant.clone(),
            name: intake.name.clone(),
            source: intake.source.clone(),
            received_at: intake.received_at,
        },
    };
    match answer_of(&question, intake.bytes)? {
        Answer::Items(items) if are_of(&items, files, intake) => Ok(items),
        Answer::Items(_) | Answer::Compiled => bail!("its process answered something else"),
        Answer::Refused(cause) => bail!(cause),
    }
}

/// Whether the items are of this intake: what a child says of whose they are is not taken from it.
fn are_of(items: &[Item], files: &[File], intake: &Intake<'_>) -> bool {
    let origin = match &intake.source {
        Asked::Source { origin, .. } => origin,
        Asked::Auto => &Origin::Guessed,
    };
    let known = |source: &SourceId| match &intake.source {
        Asked::Source { id, .. } => source == id,
        Asked::Auto => {
            source.as_str() == GENERIC || files.iter().any(|(name, _)| name == source.as_str())
        }
    };
    let is_of = |alert: &Alert| {
        alert.tenant == intake.tenant
            && alert.received_at == intake.received_at
            && alert.origin == *origin
            && known(&alert.source)
    };
    !items.is_empty()
        && items.iter().all(|item| match item {
            Item::Alert(alert) => is_of(alert),
            Item::Control { source, .. } => known(source),
        })
}

fn answer_of(question: &Question, payload: &[u8]) -> anyhow::Result<Answer> {
    let mut head = serde_json::to_vec(question)?;
    head.push(b'\n');
    let seconds = SECONDS_BASE.saturating_add(payload.len() as u64 / BYTES_PER_SECOND);
    let arguments = [COMMAND, SECONDS, &seconds.to_string()].map(str::to_owned);
    let bounds = Bounds {
        wall: Duration::from_secs(seconds.saturating_mul(WALL_FACTOR)),
        answer_max_bytes: ANSWER_MAX_BYTES,
    };
    let Said { bytes, status } = child::ask(&arguments, &[&head, payload], bounds)?;
    if !status.success() {
        bail!("its process ended with {status}");
    }
    serde_json::from_slice(&bytes).context("its process answered nonsense")
}

/// The child's part: reads a question and writes the answer.
pub fn answer(input: impl Read, mut output: impl Write) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    input.take(QUESTION_MAX_BYTES).read_to_end(&mut bytes)?;
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (head, rest) = end
        .and_then(|end| bytes.split_at_checked(end + 1))
        .context("the question has no line of its own")?;
    let Question { sources, task } = serde_json::from_slice(head)?;
    let answer = match (Sources::compile(sources), task) {
        (Err(refused), _) => Answer::Refused(refused.to_string()),
        (Ok(_), Task::Compile) => Answer::Compiled,
        (
            Ok(sources),
            Task::Read {
                tenant,
                name,
                source,
                received_at,
            },
        ) => Answer::Items(normalise(
            &sources,
            &Intake {
                tenant,
                name,
                bytes: rest,
                source,
                received_at,
            },
        )),
    };
    serde_json::to_writer(&mut output, &answer)?;
    Ok(output.flush()?)
}
