//! Secrets: what any string of a payload shows to be one, so that it is withheld wherever else it stands, where nothing around it says so.

use serde_json::Value;

use crate::pipeline::redact::{Redaction, Taken};

/// How many values of a payload are looked at.
const LEAVES_MAX: usize = 4_096;
/// The most bytes of strings that are looked at.
const TEXT_MAX_BYTES: usize = 32 << 10;
/// Shorter ones are words that stand elsewhere for something else.
const SECRET_MIN_BYTES: usize = 8;

/// Every secret of `raw` as it is written, and as a source writes it that takes `_` for a blank or only the end of a path.
pub fn secrets(raw: &Value, redaction: &Redaction) -> Vec<String> {
    let text = strings(raw);
    let spans = redaction.spans(&text);
    let found = spans.iter().filter(|span| span.taken == Taken::Secret);
    let found = found.filter_map(|span| text.get(span.start..span.end));
    let parts = found.flat_map(|secret| std::iter::once(secret).chain(secret.split('/')));
    parts
        .filter(|secret| secret.len() >= SECRET_MIN_BYTES)
        .flat_map(|secret| [secret.to_owned(), secret.replace('_', " ")])
        .collect()
}

/// The strings, one a line.
fn strings(raw: &Value) -> String {
    let (mut text, mut rest) = (String::new(), vec![raw]);
    for _ in 0..LEAVES_MAX {
        let Some(value) = rest.pop() else {
            break;
        };
        match value {
            Value::String(string) if text.len() + string.len() <= TEXT_MAX_BYTES => {
                text.push_str(string);
                text.push('\n');
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            Value::Array(items) => rest.extend(items.iter().rev()),
            Value::Object(fields) => rest.extend(fields.values().rev()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_the_string_that_says_so() {
        let rules = Redaction::read(include_str!("../../../policies/redaction.toml")).unwrap();
        let raw =
            serde_json::json!({"log": ["DB_PASSWORD=long_horse_staple", "pin is 12"], "n": 7});
        let found = secrets(&raw, &rules);
        assert!(found.contains(&"long_horse_staple".to_owned()), "{found:?}");
        assert!(found.contains(&"long horse staple".to_owned()), "{found:?}");
        assert!(found.iter().all(|secret| secret.len() >= SECRET_MIN_BYTES));
    }
}
