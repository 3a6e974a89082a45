//! The declared facets. Where one cannot be trusted its value is missing, so that the alert is in no scope; none is ever left out.

use serde_json::Value;

use super::{caps, marks::Marks};
use crate::domain::facet::{Facet, SetBy};

/// The facets in a source's list, each key once.
pub(super) fn facets(list: &[Value], marks: &mut Marks) -> Vec<Facet> {
    let mut found: Vec<Facet> = Vec::new();
    for value in list {
        let facet = facet(value, marks);
        match found.iter_mut().find(|known| known.key == facet.key) {
            Some(known) if known.value == facet.value => stricter(known, facet.set_by),
            Some(known) => {
                marks.add(format!("facet `{}` has two values", known.key));
                known.value = None;
                stricter(known, facet.set_by);
            }
            None => found.push(facet),
        }
    }
    if found.len() > caps::FACETS_MAX {
        // Fewer facets would match more precedents; without values they match none.
        marks.add(format!("facets cut to {}", caps::FACETS_MAX));
        found.truncate(caps::FACETS_MAX);
        for facet in &mut found {
            facet.value = None;
        }
    }
    found
}

/// What an actor may have chosen once, an actor may have chosen.
fn stricter(known: &mut Facet, set_by: SetBy) {
    if set_by == SetBy::Actor {
        known.set_by = SetBy::Actor;
    }
}

fn facet(value: &Value, marks: &mut Marks) -> Facet {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let key = text("key")
        .filter(|key| !key.is_empty())
        .unwrap_or_else(|| {
            marks.add("a facet has no key");
            "(no key)"
        });
    let set_by = match text("set_by") {
        Some("environment") => SetBy::Environment,
        Some("actor") => SetBy::Actor,
        _ => {
            marks.add(format!(
                "facet `{key}` is set by neither environment nor actor"
            ));
            SetBy::Actor
        }
    };
    let content = match value.get("value") {
        None | Some(Value::Null) => None,
        Some(Value::String(content)) if key != "(no key)" => Some(content.clone()),
        Some(_) => {
            marks.add(format!("facet `{key}` is no text"));
            None
        }
    };
    Facet::new(marks.text("facet", key), content, set_by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::Reading;
    use serde_json::json;

    fn check(list: &Value, expected: &[(&str, Option<&str>, SetBy)]) -> Marks {
        let mut marks = Marks::default();
        let found = facets(list.as_array().map_or(&[], Vec::as_slice), &mut marks);
        let found: Vec<_> = found
            .iter()
            .map(|f| (f.key.as_str(), f.value.as_deref(), f.set_by))
            .collect();
        assert_eq!(found, expected, "{list}");
        marks
    }

    #[test]
    fn facets_are_read_as_declared() {
        let marks = check(
            &json!([
                {"key": "account", "value": "111122223333", "set_by": "environment"},
                {"key": "region", "value": null, "set_by": "environment"},
                {"key": "empty", "value": "", "set_by": "environment"},
                {"key": "api", "value": " ListBuckets", "set_by": "actor"},
            ]),
            &[
                ("account", Some("111122223333"), SetBy::Environment),
                ("region", None, SetBy::Environment),
                ("empty", None, SetBy::Environment),
                ("api", Some(" ListBuckets"), SetBy::Actor),
            ],
        );
        assert_eq!(marks.reading(), Reading::Whole);
    }

    #[test]
    fn a_facet_that_cannot_be_trusted_has_no_value() {
        for (list, expected) in [
            (
                json!([{"key": "a", "value": "1", "set_by": "environment"}, {"key": "a", "value": "2", "set_by": "actor"}]),
                ("a", None, SetBy::Actor),
            ),
            (
                json!([{"key": "a", "value": 1, "set_by": "environment"}]),
                ("a", None, SetBy::Environment),
            ),
            (
                json!([{"key": "a", "value": "1", "set_by": "me"}]),
                ("a", Some("1"), SetBy::Actor),
            ),
            (
                json!([{"value": "1", "set_by": "environment"}]),
                ("(no key)", None, SetBy::Environment),
            ),
            (json!([null]), ("(no key)", None, SetBy::Actor)),
        ] {
            assert_ne!(
                check(&list, &[expected]).reading(),
                Reading::Whole,
                "{list}"
            );
        }
    }

    #[test]
    fn too_many_facets_match_no_scope() {
        let list: Vec<_> = (0..=caps::FACETS_MAX)
            .map(|n| json!({"key": n.to_string(), "value": "x", "set_by": "environment"}))
            .collect();
        let found = facets(&list, &mut Marks::default());
        assert_eq!(found.len(), caps::FACETS_MAX);
        assert!(found.iter().all(|facet| facet.value.is_none()));
    }
}
