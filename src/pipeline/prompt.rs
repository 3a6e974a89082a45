//! Prompt: what a model is asked, rendered from files. The one place that renders them: strict, with fuel, and each part bounded.

pub mod budget;
pub mod elsewhere;
pub mod fence;
pub(super) mod folded;
pub mod handles;
mod known;
pub mod lines;
pub(super) mod secrets;
pub mod sheet;
pub mod tokens;
pub mod veil;

use minijinja::{Environment, UndefinedBehavior, value::Serde};
use serde::Serialize;
use serde_json::Value;

use self::handles::Handles;
use crate::domain::canonical::{Digest, NotCanonical};

/// The files that a folder of prompts has.
pub const FILES: [&str; 7] = [
    "answer.json",
    "question-system.txt",
    "question.txt",
    "repair.txt",
    "reply.json",
    "system.txt",
    "user.txt",
];
/// What one rendering may cost, in the template engine's own unit.
const FUEL: u64 = 100_000;
/// The most bytes of a file, and of what is rendered of it.
const PART_MAX_BYTES: usize = 64 << 10;

/// The prompts of a site or of this build.
#[derive(Debug)]
pub struct Prompts {
    templates: Environment<'static>,
}

/// Prompts that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// A file is not there.
    #[error("prompt `{0}` is absent; put it into the folder, or name no folder")]
    Absent(&'static str),
    /// A file is no template, or asks for what there is not.
    #[error("prompt `{name}` is wrong: {cause:#}; see the ones of this build")]
    Wrong {
        /// Which.
        name: String,
        /// Why.
        cause: minijinja::Error,
    },
    /// It is too large.
    #[error("prompt `{name}` has {bytes} bytes, at most {PART_MAX_BYTES} are sent; shorten it")]
    Large {
        /// Which.
        name: String,
        /// How large.
        bytes: usize,
    },
    /// A schema is no JSON.
    #[error("prompt `{name}` renders to no JSON: {cause}; see the one of this build")]
    NotJson {
        /// Which.
        name: String,
        /// Why.
        cause: serde_json::Error,
    },
    /// It cannot be hashed.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
}

impl Prompts {
    /// The templates of these files, by name.
    pub fn read(files: Vec<(String, String)>) -> Result<Self, PromptError> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_fuel(Some(FUEL));
        for (name, text) in files {
            bounded(&name, text.len())?;
            templates
                .add_template_owned(name.clone(), text)
                .map_err(|cause| PromptError::Wrong { name, cause })?;
        }
        let absent = FILES
            .into_iter()
            .find(|name| templates.get_template(name).is_err());
        absent.map_or(Ok(Self { templates }), |name| {
            Err(PromptError::Absent(name))
        })
    }

    /// The text of a prompt with these values.
    pub fn text(&self, name: &str, values: impl Serialize) -> Result<String, PromptError> {
        let template = self.templates.get_template(name);
        let rendered = template.and_then(|template| template.render(Serde(values)));
        let text = rendered.map_err(|cause| PromptError::Wrong {
            name: name.into(),
            cause,
        })?;
        bounded(name, text.len())?;
        Ok(text)
    }

    /// The schema of a reply with these values.
    pub fn schema(&self, name: &str, values: impl Serialize) -> Result<Value, PromptError> {
        let text = self.text(name, values)?;
        serde_json::from_str(&text).map_err(|cause| PromptError::NotJson {
            name: name.into(),
            cause,
        })
    }
}

/// What a model is asked, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// What it is told once.
    pub system: String,
    /// What it is asked.
    pub user: String,
    /// The schema of its reply.
    pub schema: Value,
    /// How many precedents it shows.
    pub precedents: usize,
    /// The most tokens that all this has.
    pub tokens: usize,
    /// The digest of all this, whatever the mark of its fence: equal for alerts that differ in withheld values only.
    pub digest: Digest,
}

impl Prompt {
    /// The handles of its sheet without those that it had no room for.
    pub fn shown(&self, handles: &Handles) -> Handles {
        let mut shown = handles.clone();
        shown.precedents.truncate(self.precedents);
        shown
    }

    /// The digest of a prompt whose fence has the mark `mark`.
    pub(super) fn digest_of(
        system: &str,
        user: &str,
        schema: &Value,
        mark: &str,
    ) -> Result<Digest, NotCanonical> {
        Digest::of(&(system, user.replace(mark, "mark"), schema))
    }
}

fn bounded(name: &str, bytes: usize) -> Result<(), PromptError> {
    if bytes > PART_MAX_BYTES {
        return Err(PromptError::Large {
            name: name.into(),
            bytes,
        });
    }
    Ok(())
}
