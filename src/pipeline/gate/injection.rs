//! Signs of an injection in a payload: patterns as data. A sign can block, never permit.

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

/// How deep JSON inside strings is unwrapped.
const UNWRAP_MAX_DEPTH: u8 = 4;

/// The signs, from `injection.toml`.
#[derive(Clone, Debug)]
pub struct Signs {
    signs: Vec<(String, Regex)>,
}

/// A sign whose pattern does not compile.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The file is not what it should be.
    #[error("injection signs cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
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
        let signs = file.sign.into_iter().map(|sign| {
            let pattern = Regex::new(&sign.pattern).map_err(|cause| SignError::Pattern {
                id: sign.id.clone(),
                cause,
            })?;
            Ok((sign.id, pattern))
        });
        Ok(Self {
            signs: signs.collect::<Result<_, SignError>>()?,
        })
    }

    /// The ids of the signs in any string or key of `payload`, JSON inside strings unwrapped.
    ///
    /// The strings are joined by newlines, so that each pattern runs once.
    pub fn found(&self, payload: &Value) -> Vec<String> {
        let mut text = String::new();
        collect(payload, &mut text, 0);
        self.signs
            .iter()
            .filter(|(_, pattern)| pattern.is_match(&text))
            .map(|(id, _)| id.clone())
            .collect()
    }
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
