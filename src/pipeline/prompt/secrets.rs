//! Secrets: what any string of a payload shows to be one, so that it is withheld wherever else it stands, where nothing around it says so.

use serde_json::Value;

use crate::pipeline::redact::{From, Redaction, Span, Taken};

/// How many values of a payload are looked at.
const LEAVES_MAX: usize = 4_096;
/// The most bytes of strings that are looked at.
const TEXT_MAX_BYTES: usize = 32 << 10;
/// Shorter ones are words that stand elsewhere for something else.
const SECRET_MIN_BYTES: usize = 8;
/// A field with such a name, however it is written, is a secret itself.
const SECRET_FIELDS: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "privatekey",
    "secretkey",
    "secretaccesskey",
];

/// Every secret of `raw` that is hidden from `from`, as it is written, and as a source writes it that takes `_` for a blank or only the end of a path.
pub fn secrets(raw: &Value, redaction: &Redaction, from: From) -> Vec<String> {
    let (text, named) = strings(raw);
    let spans = redaction.spans(&text);
    let found = spans.iter().filter(|span| is_hidden(span, from));
    let found = found.filter_map(|span| text.get(span.start..span.end));
    let found = found.chain(named);
    let parts = found.flat_map(|secret| std::iter::once(secret).chain(secret.split('/')));
    parts
        .filter(|secret| secret.len() >= SECRET_MIN_BYTES)
        .flat_map(|secret| [secret.to_owned(), secret.replace('_', " ")])
        .collect()
}

/// Whether it is a secret, to `from`.
pub fn is_hidden(span: &Span, from: From) -> bool {
    span.taken == Taken::Secret && (from == From::Models || span.from == From::Everyone)
}

/// The strings, one a line, and those whose field's name says that they are secret.
fn strings(raw: &Value) -> (String, Vec<&str>) {
    let (mut text, mut named, mut rest) = (String::new(), Vec::new(), vec![raw]);
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
            Value::Object(fields) => {
                named.extend(fields.iter().filter_map(secret_field));
                rest.extend(fields.values().rev());
            }
        }
    }
    (text, named)
}

/// What stands in a field that is for a secret. A sentence is about one.
fn secret_field<'a>((name, value): (&String, &'a Value)) -> Option<&'a str> {
    let bare = name.to_lowercase().replace(['_', '-'], "");
    let value = value.as_str()?;
    let is_one = SECRET_FIELDS.iter().any(|field| bare.ends_with(field));
    (is_one && !value.contains(char::is_whitespace)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_the_string_that_says_so() {
        let rules = Redaction::read(include_str!("../../../policies/redaction.toml")).unwrap();
        let raw = serde_json::json!({"log": ["DB_PASSWORD=long_horse_staple", "pin is 12"], "n": 7, "clientSecret": "quite-a-horse"});
        let found = secrets(&raw, &rules, From::Everyone);
        assert!(found.contains(&"long_horse_staple".to_owned()), "{found:?}");
        assert!(found.contains(&"long horse staple".to_owned()), "{found:?}");
        assert!(found.contains(&"quite-a-horse".to_owned()), "{found:?}");
        assert!(found.iter().all(|secret| secret.len() >= SECRET_MIN_BYTES));
    }
}
