//! Signs of an injection in a payload: patterns as data. A sign can block, never permit.

use regex::{Regex, RegexSet, RegexSetBuilder};
use serde::Deserialize;
use serde_json::Value;

/// How deep JSON inside strings is unwrapped.
const UNWRAP_MAX_DEPTH: u8 = 4;

/// The most text of one payload that is searched. More of it is a sign in itself: a person looks.
const SCAN_MAX_BYTES: usize = 64 * 1024;
/// What is found in a payload with more text than that.
const TOO_LONG: &str = "more text than is searched";
/// Room for the compiled signs, and for the automaton that is built while it searches; with less it falls back to a search that
/// is a thousand times slower.
const COMPILED_MAX_BYTES: usize = 256 << 20;
const AUTOMATON_MAX_BYTES: usize = 32 << 20;

/// The signs, from `injection.toml`.
#[derive(Clone, Debug)]
pub struct Signs {
    ids: Vec<String>,
    patterns: RegexSet,
}

/// A sign whose pattern does not compile.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The file is not what it should be.
    #[error("injection signs cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// The patterns together are too large.
    #[error("injection signs are too large together: {0}; drop or simplify some")]
    TooLarge(regex::Error),
    /// A pattern is not a regular expression.
    #[error("injection sign `{id}` has a bad pattern: {cause}")]
    Pattern {
        /// The sign.
        id: String,
        /// Why.
        cause: regex::Error,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sign: Vec<Sign>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sign {
    id: String,
    pattern: String,
    #[serde(rename = "what")]
    _what: String,
}

impl Signs {
    /// Reads and compiles the signs.
    pub fn read(text: &str) -> Result<Self, SignError> {
        let file: File = toml::from_str(text)?;
        let patterns = RegexSetBuilder::new(file.sign.iter().map(|sign| &sign.pattern))
            .size_limit(COMPILED_MAX_BYTES)
            .dfa_size_limit(AUTOMATON_MAX_BYTES)
            .build()
            .map_err(|cause| culprit(&file.sign, cause))?;
        Ok(Self {
            ids: file.sign.into_iter().map(|sign| sign.id).collect(),
            patterns,
        })
    }

    /// The ids of the signs in any string or key of `payload`, JSON inside strings unwrapped.
    ///
    /// The strings are joined by newlines and searched for all signs at once.
    pub fn found(&self, payload: &Value) -> Vec<String> {
        let mut text = String::new();
        collect(payload, &mut text, 0);
        if text.len() > SCAN_MAX_BYTES {
            return vec![TOO_LONG.into()];
        }
        let found = self.patterns.matches(&text);
        found
            .iter()
            .filter_map(|place| self.ids.get(place).cloned())
            .collect()
    }
}

/// The sign whose pattern is bad, or all of them where they are too large together.
fn culprit(signs: &[Sign], together: regex::Error) -> SignError {
    let bad = signs.iter().find_map(|sign| {
        let cause = Regex::new(&sign.pattern).err()?;
        let id = sign.id.clone();
        Some(SignError::Pattern { id, cause })
    });
    bad.unwrap_or(SignError::TooLarge(together))
}

fn collect(value: &Value, text: &mut String, depth: u8) {
    match value {
        Value::String(string) => {
            text.push_str(string);
            text.push('\n');
            let nested =
                string.trim_start().starts_with(['{', '[', '"']) && depth < UNWRAP_MAX_DEPTH;
            if let Some(inner) = nested.then(|| serde_json::from_str(string).ok()).flatten() {
                collect(&inner, text, depth + 1);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, text, depth)),
        Value::Object(members) => {
            for (key, member) in members {
                text.push_str(key);
                text.push('\n');
                collect(member, text, depth);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
