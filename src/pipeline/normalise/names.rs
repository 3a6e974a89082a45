//! Names: every value of an alert that nobody described, by the names that lead to it, in one plain form: `Rule Name`, `rule_name`,
//! `@ruleName` and `rule.name` are one name.

use std::{cell::Cell, collections::VecDeque};

use jaq_core::{Error, ValR, ValX};
use jaq_json::{Map, Val};

use super::value;

/// How many names lead to a value at most.
const DEPTH_MAX: usize = 8;
/// Values of one alert that get names; those that are nested deepest come last.
const VALUES_MAX: usize = 4_000;
/// How often JSON in text is opened on the way.
const TEXTS_MAX: usize = 16;
/// What the value of a pair goes by: `{"key": "team", "value": "blue"}`.
const PAIR_KEYS: [&str; 4] = ["key", "name", "title", "tag"];

/// `{name: value}` for every value below `object`; of a list, what is in its first member. Names that are listed in `wrappers` only wrap, and
/// are left out where more follow. Of two values with one name the outer stands. Where no value has it, a value also goes by the last two
/// of its names, and by the last one where that is of several words. JSON in text takes its size from `left`.
pub(super) fn by_name<'a>(object: &Val, wrappers: &Val, left: &Cell<usize>) -> ValX<'a, Val> {
    let Val::Arr(wrappers) = wrappers else {
        return Err(Error::typ(wrappers.clone(), "array").into());
    };
    let wrappers: Vec<String> = wrappers.iter().filter_map(plain_key).collect();
    let mut index = Index {
        whole: Map::default(),
        ends: Map::default(),
        texts: TEXTS_MAX,
        left: VALUES_MAX,
        json: left,
    };
    index.fill(object, &wrappers)?;
    for (name, value) in index.ends {
        index.whole.entry(name).or_insert(value);
    }
    Ok(Val::obj(index.whole))
}

/// The values that `index` has for `names`, in the order of the names.
pub(super) fn present(index: &Val, names: &Val) -> ValR<Val> {
    match (index, names) {
        (Val::Obj(index), Val::Arr(names)) => Ok(names
            .iter()
            .filter_map(|name| index.get(name).cloned())
            .collect()),
        _ => Err(Error::typ(index.clone(), "object")),
    }
}

struct Index<'l> {
    whole: Map,
    ends: Map,
    texts: usize,
    left: usize,
    json: &'l Cell<usize>,
}

/// The plain names that lead to a value, and whether the last one is of several words.
#[derive(Clone, Default)]
struct Path {
    names: Vec<String>,
    words: Words,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Words {
    #[default]
    One,
    Several,
}

impl Index<'_> {
    /// Level by level, so that the outer of two values comes first.
    fn fill<'a>(&mut self, object: &Val, wrappers: &[String]) -> ValX<'a, (), Val> {
        let mut queue = VecDeque::from([(Path::default(), object.clone())]);
        while let Some((path, value)) = queue.pop_front() {
            if path.names.len() >= DEPTH_MAX {
                continue;
            }
            let members = self.members(value)?;
            for (key, value) in &members {
                let Some(left) = self.left.checked_sub(1) else {
                    return Ok(());
                };
                self.left = left;
                let longer = path.with(key);
                self.put(&longer, value, wrappers);
                let inner = if is_announced(key, &members) {
                    path.clone()
                } else {
                    longer
                };
                queue.push_back((inner, value.clone()));
            }
        }
        Ok(())
    }

    /// The named values in `value`, also where it is JSON in a text.
    fn members<'a>(&mut self, value: Val) -> ValX<'a, Vec<(Val, Val)>, Val> {
        Ok(match value {
            Val::Obj(fields) => entries(&fields),
            Val::Arr(items) => pairs(&items).unwrap_or_else(|| match items.first() {
                Some(Val::Obj(fields)) => entries(fields),
                _ => Vec::new(),
            }),
            Val::TStr(ref text) if text.starts_with(b"{") || text.starts_with(b"[{") => {
                let Some(left) = self.texts.checked_sub(1) else {
                    return Ok(Vec::new());
                };
                self.texts = left;
                match value::parse(&value, self.json) {
                    Ok(inner) => self.members(inner)?,
                    Err(why) => why.get_err().map(|_| Vec::new())?,
                }
            }
            _ => Vec::new(),
        })
    }

    fn put(&mut self, path: &Path, value: &Val, wrappers: &[String]) {
        let Some((last, before)) = path.names.split_last() else {
            return;
        };
        let names = before.iter().filter(|name| !wrappers.contains(name));
        let names: Vec<&str> = names.chain([last]).map(String::as_str).collect();
        add(&mut self.whole, &names, value);
        if let [.., before, last] = names.as_slice() {
            add(&mut self.ends, &[before, last], value);
        }
        if path.words == Words::Several {
            add(&mut self.ends, &[last], value);
        }
    }
}

fn add(map: &mut Map, names: &[&str], value: &Val) {
    map.entry(Val::from(names.concat()))
        .or_insert_with(|| value.clone());
}

impl Path {
    /// The path to what is called `key` here; a key with dots is several names.
    fn with(&self, key: &Val) -> Self {
        let mut longer = self.clone();
        if let Val::TStr(key) = key {
            let key = String::from_utf8_lossy(key);
            let last = key.rsplit('.').next().unwrap_or_default();
            longer.words = words(last);
            longer.names.extend(key.split('.').map(plain));
        }
        longer
    }
}

fn words(name: &str) -> Words {
    let letters = name.trim_matches(|letter: char| !letter.is_alphanumeric());
    let parts = letters.contains(['_', '-', ' ']);
    let humps = letters.as_bytes().windows(2).any(
        |two| matches!(two, [one, next] if one.is_ascii_lowercase() && next.is_ascii_uppercase()),
    );
    if parts || humps {
        Words::Several
    } else {
        Words::One
    }
}

/// Whether a name of several words is what another member says: `{"event_type": "incident.created", "incident.created": {…}}`. It only wraps.
fn is_announced(key: &Val, members: &[(Val, Val)]) -> bool {
    let is_compound = match key {
        Val::TStr(key) => key.contains(&b'.') || key.contains(&b'_'),
        _ => false,
    };
    is_compound && members.iter().any(|(_, value)| value == key)
}

fn entries(fields: &Map) -> Vec<(Val, Val)> {
    fields
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The pairs of a list of them.
fn pairs(items: &[Val]) -> Option<Vec<(Val, Val)>> {
    let pair = |item: &Val| {
        let Val::Obj(fields) = item else {
            return None;
        };
        let get = |key: &str| fields.get(&Val::from(key.to_owned()));
        let name = PAIR_KEYS
            .into_iter()
            .filter_map(get)
            .find(|name| matches!(name, Val::TStr(_)))?;
        Some((name.clone(), bare(get("value")?).clone()))
    };
    pair(items.first()?)?;
    Some(items.iter().filter_map(pair).collect())
}

/// A value that OpenTelemetry writes with its type: `{"stringValue": "blue"}`.
fn bare(value: &Val) -> &Val {
    match value {
        Val::Obj(fields) => fields
            .get(&Val::from("stringValue".to_owned()))
            .unwrap_or(value),
        _ => value,
    }
}

fn plain_key(key: &Val) -> Option<String> {
    match key {
        Val::TStr(text) => Some(plain(&String::from_utf8_lossy(text))),
        _ => None,
    }
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-' | ' ' | '@'))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(object: serde_json::Value) -> serde_json::Value {
        let object: Val = serde_json::from_value(object).unwrap();
        let wrappers = [Val::from("data".to_owned())].into_iter().collect();
        let left = Cell::new(usize::MAX);
        let Ok(found) = by_name(&object, &wrappers, &left) else {
            panic!("no names");
        };
        value::from_jq(&found, &mut usize::MAX.clone()).unwrap()
    }

    #[test]
    fn one_name_is_one_whatever_it_is_written_like() {
        for object in [
            json!({"Rule Name": 1}),
            json!({"@ruleName": 1}),
            json!({"rule.name": 1}),
            json!({"rule-name": 1, "data": {"rule": {"name": 2}}}),
            json!({"data": {"rule_name": 1}}),
            json!({"rule": [{"name": 1}, {"name": 2}]}),
            json!({"data": "{\"rule\":{\"name\":1}}"}),
            json!({"data": [{"key": "ruleName", "value": 1}]}),
            json!({"deep": {"in": {"it": {"rule_name": 1}}}}),
            json!({"type": "rule_made.v1", "rule_made.v1": {"rule": {"name": 1}}}),
            json!({"deep": {"rule": {"name": 1}}, "other": {"rule": {"name": 2}}}),
        ] {
            assert_eq!(names(object.clone())["rulename"], 1, "{object}");
        }
        assert_eq!(names(json!({"assignee": {"name": 1}})).get("name"), None);
    }

    #[test]
    fn names_end_where_they_are_too_many_or_too_deep() {
        let wide: serde_json::Map<_, _> = (0..VALUES_MAX + 10)
            .map(|number| (format!("k{number}"), json!(1)))
            .collect();
        assert_eq!(names(wide.into()).as_object().unwrap().len(), VALUES_MAX);
        let deep = (0..50).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert!(names(deep).get("aaaaaaaaa").is_none());
    }
}
