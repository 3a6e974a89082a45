//! Known: what is said of an alert beside its fields: what the site knows of a value, when it happened, and the sentences of its payload.

use std::net::IpAddr;

use jiff::{Timestamp, tz::Offset};
use serde_json::Value;

use super::{fence::marked, sheet::ROLES_MAX};
use crate::domain::{alert::Alert, asset::Inventory, entity::EntityKind};

const TEXTS_MAX: usize = 4;
/// A string of the payload with as many words is prose, and shown; ids and numbers are not.
const PROSE_MIN_WORDS: usize = 4;
/// How many values of a payload are looked at.
const LEAVES_MAX: usize = 4_096;

/// What the site itself says of a value: nothing that an alert's author could have written.
pub(super) fn known(
    alert: &Alert,
    kind: EntityKind,
    value: &str,
    inventory: Option<&Inventory>,
) -> String {
    let mut words: Vec<&str> = Vec::new();
    if kind == EntityKind::Ip {
        words.push(reach(value));
    }
    let Some(inventory) = inventory else {
        return words.join(", ");
    };
    let address = value.parse().ok();
    let held = address
        .into_iter()
        .flat_map(|address| inventory.at_address(address));
    let own = inventory
        .identified(kind, value)
        .chain(held)
        .find(|asset| asset.tenant == alert.tenant);
    match own {
        None => words.push("not in the inventory"),
        Some(asset) => {
            words.push("ours");
            words.extend(asset.environment.as_deref());
            words.extend(asset.protected.then_some("protected"));
            words.extend(asset.critical.then_some("critical"));
            words.extend(asset.tags.iter().take(ROLES_MAX).map(String::as_str));
        }
    }
    marked(&words.join(", "))
}

fn reach(address: &str) -> &'static str {
    match address
        .parse::<IpAddr>()
        .map(|address| address.to_canonical())
    {
        Err(_) => "no address",
        Ok(address) if address.is_loopback() => "loopback",
        Ok(IpAddr::V4(v4)) if v4.is_private() || v4.is_link_local() => "private",
        Ok(IpAddr::V6(v6)) if v6.is_unique_local() || v6.is_unicast_link_local() => "private",
        Ok(_) => "public",
    }
}

/// The hour in which it happened: enough to tell the night from the day, and the same for all of a storm.
pub(super) fn when(at: Option<Timestamp>) -> String {
    at.map_or_else(
        || "at a time unknown".into(),
        |at| {
            let utc = Offset::UTC.to_datetime(at);
            format!("{:?} after {:02}:00 UTC", utc.weekday(), utc.hour())
        },
    )
}

/// Strings of the payload that are sentences, in its order.
pub(super) fn prose<'a>(raw: &'a Value, title: &str) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    let mut rest = vec![raw];
    for _ in 0..LEAVES_MAX {
        let Some(value) = rest.pop() else {
            break;
        };
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => {
                let words = text.split_whitespace().take(PROSE_MIN_WORDS).count();
                if words == PROSE_MIN_WORDS && text != title && !found.contains(&text.as_str()) {
                    found.push(text);
                }
            }
            Value::Array(items) => rest.extend(items.iter().rev()),
            Value::Object(fields) => rest.extend(fields.values().rev()),
        }
        if found.len() == TEXTS_MAX {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sentences_of_a_payload_are_shown() {
        let raw = serde_json::json!({"id": "a b c", "m": "one two three four", "n": ["one two three four", "the title is this"]});
        assert_eq!(prose(&raw, "the title is this"), ["one two three four"]);
    }
}
