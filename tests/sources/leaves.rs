//! The values of a payload with the names that lead to them, also in JSON that stands in a text.

use serde_json::Value;

/// How deep text in text is opened.
const TEXTS_MAX_DEPTH: usize = 4;

/// Hands each value that is no list and no object to `each`, with its nearest name. Text that holds JSON is opened, and written again.
pub fn change(value: &mut Value, each: &mut dyn FnMut(&str, &mut Value)) {
    at(value, "", TEXTS_MAX_DEPTH, &mut |path, leaf| {
        each(last(path), leaf);
    });
}

/// Every such value, with all names that lead to it.
pub fn leaves(value: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    at(
        &mut value.clone(),
        "",
        TEXTS_MAX_DEPTH,
        &mut |path, leaf| {
            found.push((path.to_owned(), leaf.clone()));
        },
    );
    found
}

/// The last name of a path.
pub fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn at(value: &mut Value, path: &str, texts: usize, each: &mut dyn FnMut(&str, &mut Value)) {
    match value {
        Value::Array(items) => {
            // In `[{"key": "host", "value": "db-1"}]` the value's name is another value.
            for item in items {
                at(item, path, texts, each);
            }
        }
        Value::Object(fields) => {
            let named = ["key", "name", "Name", "title"]
                .into_iter()
                .find_map(|key| {
                    let name = fields.get(key)?.as_str()?.to_owned();
                    (fields.len() <= 3).then_some(name)
                });
            for (key, field) in fields.iter_mut() {
                let is_value = key.eq_ignore_ascii_case("value");
                let name = named.as_deref().filter(|_| is_value).unwrap_or(key);
                at(field, &format!("{path}.{name}"), texts, each);
            }
        }
        Value::String(text) if texts > 0 && text.trim_start().starts_with(['{', '[']) => {
            match serde_json::from_str::<Value>(text) {
                Ok(mut inner) => {
                    let before = inner.clone();
                    at(&mut inner, path, texts - 1, each);
                    if inner != before {
                        *text = inner.to_string();
                    }
                }
                Err(_) => each(path, value),
            }
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => each(path, value),
    }
}
