//! A place in a payload: names that lead to a text, through lists (`*`, the first that fits) and through JSON that stands in a text (`#`).

use serde_json::Value;

/// The text at `path`, where there is a text or nothing yet.
pub fn at<'a>(payload: &'a Value, path: &str) -> Option<std::borrow::Cow<'a, str>> {
    let mut found = None;
    let mut copy = payload.clone();
    walk(&mut copy, &names(path), &mut |leaf| {
        found = leaf.as_str().map(ToOwned::to_owned);
    });
    found.map(Into::into)
}

/// Puts `text` at `path`; false where no place there takes one.
pub fn put(payload: &mut Value, path: &str, text: &str) -> bool {
    walk(payload, &names(path), &mut |leaf| *leaf = text.into())
}

fn names(path: &str) -> Vec<&str> {
    path.split('/').filter(|name| !name.is_empty()).collect()
}

fn walk(value: &mut Value, names: &[&str], leaf: &mut dyn FnMut(&mut Value)) -> bool {
    let Some((name, rest)) = names.split_first() else {
        let is_place = value.is_string() || value.is_null();
        if is_place {
            leaf(value);
        }
        return is_place;
    };
    match (*name, value) {
        ("*", Value::Array(items)) => items.iter_mut().any(|item| walk(item, rest, leaf)),
        (name, Value::Object(fields)) => match name.strip_suffix('#') {
            Some(name) => fields
                .get_mut(name)
                .is_some_and(|text| within(text, rest, leaf)),
            None => fields
                .get_mut(name)
                .is_some_and(|field| walk(field, rest, leaf)),
        },
        _ => false,
    }
}

/// Walks on in the JSON of a text, and writes it again.
fn within(text: &mut Value, names: &[&str], leaf: &mut dyn FnMut(&mut Value)) -> bool {
    let inner = text
        .as_str()
        .and_then(|json| serde_json::from_str::<Value>(json).ok());
    let Some(mut inner) = inner else {
        return false;
    };
    let done = walk(&mut inner, names, leaf);
    if done {
        *text = inner.to_string().into();
    }
    done
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_put_where_the_path_leads() {
        let payload =
            json!({"a": [{"b": 1}, {"c": "old"}], "t": "{\"x\":[\"old\"]}", "n": null, "k": 7});
        for (path, expected) in [
            (
                "/a/*/c",
                json!({"a": [{"b": 1}, {"c": "new"}], "t": "{\"x\":[\"old\"]}", "n": null, "k": 7}),
            ),
            (
                "/t#/x/*",
                json!({"a": [{"b": 1}, {"c": "old"}], "t": "{\"x\":[\"new\"]}", "n": null, "k": 7}),
            ),
            (
                "/n",
                json!({"a": [{"b": 1}, {"c": "old"}], "t": "{\"x\":[\"old\"]}", "n": "new", "k": 7}),
            ),
        ] {
            let mut copy = payload.clone();
            assert!(put(&mut copy, path, "new"), "{path}");
            assert_eq!(copy, expected, "{path}");
            assert_eq!(at(&copy, path).as_deref(), Some("new"));
        }
        for path in ["/k", "/a/*/d", "/a#/c", "/zzz"] {
            assert!(!put(&mut payload.clone(), path, "new"), "{path}");
        }
    }
}
