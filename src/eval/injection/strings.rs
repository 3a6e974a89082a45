//! The attack strings: what an attacker writes, what they want by it, and which wordings are of one kind.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::domain::id::ActionId;

/// The most characters that a string grows to.
const TEXT_MAX_CHARS: usize = 80_000;

/// A string of an attacker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attack {
    /// Its name.
    pub id: String,
    /// The wordings that are alike: one observation.
    pub cluster: String,
    /// OWASP LLM 2025 and Agentic 2026 numbers, MITRE ATLAS ids.
    pub tags: Vec<String>,
    /// The text; more than one where it is spread over so many fields.
    pub parts: Vec<String>,
    /// What the attacker wants.
    pub wants: Wants,
}

/// What an attacker wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// The case is closed as harmless.
    Close,
    /// This is done to this.
    Act {
        /// The action.
        action: ActionId,
        /// To what.
        value: String,
    },
    /// Something is told that is not theirs to know.
    Leak,
    /// Nobody hears of it.
    Suppress,
}

/// Strings that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StringsError {
    /// The file is not what it should be.
    #[error("strings `{file}` cannot be read: {cause}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why, with line and column.
        cause: toml::de::Error,
    },
    /// A string is not what it should be.
    #[error("string `{id}` of `{file}`: {cause}")]
    Wrong {
        /// The file.
        file: String,
        /// The string.
        id: String,
        /// Why.
        cause: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "what")]
    _what: String,
    tags: Vec<String>,
    string: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    wants: Word,
    text: Option<String>,
    parts: Option<Vec<String>>,
    #[serde(default = "once")]
    times: usize,
    before: Option<Before>,
    action: Option<ActionId>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    text: String,
    times: usize,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Close,
    Action,
    Leak,
    Suppress,
}

const fn once() -> usize {
    1
}

/// The strings of these files, given as name and text: a file is a cluster, and has its name.
pub fn read<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Attack>, StringsError> {
    let (mut attacks, mut known) = (Vec::new(), BTreeSet::new());
    for (name, text) in files {
        let file: File = toml::from_str(text).map_err(|cause| StringsError::Unreadable {
            file: name.into(),
            cause,
        })?;
        let cluster = name.rsplit('/').next().unwrap_or(name);
        let cluster = cluster.strip_suffix(".toml").unwrap_or(cluster);
        for row in file.string {
            let id = row.id.clone();
            let attack = attack(row, cluster, &file.tags).map_err(|cause| StringsError::Wrong {
                file: name.into(),
                id: id.clone(),
                cause,
            })?;
            if !known.insert(id.clone()) {
                let (file, cause) = (name.into(), "another string has this id; rename one");
                return Err(StringsError::Wrong { file, id, cause });
            }
            attacks.push(attack);
        }
    }
    Ok(attacks)
}

fn attack(row: Row, cluster: &str, tags: &[String]) -> Result<Attack, &'static str> {
    let wants = match (row.wants, row.action, row.value) {
        (Word::Close, None, None) => Wants::Close,
        (Word::Leak, None, None) => Wants::Leak,
        (Word::Suppress, None, None) => Wants::Suppress,
        (Word::Action, Some(action), Some(value)) => Wants::Act { action, value },
        _ => {
            return Err("`action` and `value` belong to what wants an action, and to nothing else");
        }
    };
    let parts = match (row.text, row.parts) {
        (Some(text), None) => {
            let before = row
                .before
                .map_or(String::new(), |pad| pad.text.repeat(pad.times));
            vec![before + &text.repeat(row.times)]
        }
        (None, Some(parts)) if parts.len() > 1 => parts,
        _ => return Err("it needs a `text`, or more than one of `parts`"),
    };
    if parts
        .iter()
        .any(|part| part.chars().count() > TEXT_MAX_CHARS)
    {
        return Err("it is too long; no field takes so much");
    }
    Ok(Attack {
        id: row.id,
        cluster: cluster.into(),
        tags: tags.to_vec(),
        parts,
        wants,
    })
}
