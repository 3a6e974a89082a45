//! Entities in the canonical form of their kind, each once. What has no canonical form is left out with a mark.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::{Map, Value};

use super::{caps, found, marks::Marks};
use crate::domain::entity::{Entity, EntityKind, Handshake, Provenance, Role};

pub(super) const SIDES: [&str; 4] = ["actor", "source", "target", "related"];

/// The entities in a source's list; those that are to be searched for come last.
pub(super) fn entities(list: &[Value], marks: &mut Marks) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    let is_search = |value: &&Value| value.get(found::KEY).is_some();
    for value in list.iter().filter(|value| !is_search(value)) {
        let Some(entity) = entity(value, marks) else {
            continue;
        };
        if let Some(known) = found.iter_mut().find(|known| same(known, &entity)) {
            merge(known, &entity);
        } else if found.len() < caps::ENTITIES_MAX {
            found.push(entity);
        } else {
            marks.add(format!("entities cut to {}", caps::ENTITIES_MAX));
            break;
        }
    }
    for search in list.iter().filter(is_search) {
        found::add(search, &mut found, marks);
    }
    found
}

fn same(one: &Entity, other: &Entity) -> bool {
    one.kind == other.kind && one.value == other.value && one.role == other.role
}

/// The stronger of two sayings about one entity.
fn merge(known: &mut Entity, other: &Entity) {
    if other.provenance == Provenance::Field {
        known.provenance = Provenance::Field;
    }
    if other.handshake == Handshake::Proven {
        known.handshake = Handshake::Proven;
    }
}

fn entity(value: &Value, marks: &mut Marks) -> Option<Entity> {
    let fields = match value {
        Value::Null => return None,
        Value::Object(fields) => fields,
        _ => {
            marks.add("an entity is no object");
            return None;
        }
    };
    let text = fields.get("value").unwrap_or(&Value::Null);
    let text = match text {
        Value::Null => return None,
        Value::String(text) if text.trim().is_empty() => return None,
        Value::String(text) => text.trim(),
        _ => {
            marks.add("an entity's value is no text");
            return None;
        }
    };
    let kind = kind(fields, marks)?;
    let role = role(fields, marks)?;
    let Some(canonical) = canonical(kind, text) else {
        marks.add(format!("{kind} `{text}` left out: it is none"));
        return None;
    };
    let value = marks.text("entity", &canonical);
    // Part of a value is another value: it may be shown, never acted on.
    let provenance = if value.len() < canonical.len() {
        Provenance::Text
    } else {
        provenance(fields, marks)
    };
    Some(Entity {
        kind,
        value,
        role,
        provenance,
        handshake: handshake(fields, provenance, marks),
    })
}

fn kind(fields: &Map<String, Value>, marks: &mut Marks) -> Option<EntityKind> {
    let word = fields.get("kind").and_then(Value::as_str).unwrap_or("");
    let kind = EntityKind::ALL.into_iter().find(|kind| kind.word() == word);
    if kind.is_none() {
        marks.add(format!("entity left out: no kind `{word}`"));
    }
    kind
}

fn role(fields: &Map<String, Value>, marks: &mut Marks) -> Option<Role> {
    let text = fields.get("role").and_then(Value::as_str).unwrap_or("");
    let well_formed = text.len() <= caps::CAUSE_MAX_BYTES
        && text
            .split_once('.')
            .is_some_and(|(side, kind)| SIDES.contains(&side) && !kind.is_empty());
    if !well_formed {
        marks.add(format!("entity left out: no role `{text}`"));
    }
    well_formed.then(|| Role::new(text))
}

fn provenance(fields: &Map<String, Value>, marks: &mut Marks) -> Provenance {
    match fields.get("provenance").and_then(Value::as_str) {
        Some("field") => Provenance::Field,
        Some("text") => Provenance::Text,
        _ => {
            marks.add("an entity's provenance is neither `field` nor `text`");
            Provenance::Text
        }
    }
}

fn handshake(fields: &Map<String, Value>, from: Provenance, marks: &mut Marks) -> Handshake {
    match (fields.get("handshake"), from) {
        (Some(Value::Bool(true)), Provenance::Field) => Handshake::Proven,
        (None | Some(Value::Null | Value::Bool(_)), _) => Handshake::Unproven,
        (Some(_), _) => {
            marks.add("an entity's handshake is neither true nor false");
            Handshake::Unproven
        }
    }
}

/// The canonical text of `text` as a `kind`; `None` where it is none.
pub(super) fn canonical(kind: EntityKind, text: &str) -> Option<String> {
    match kind {
        EntityKind::Ip => address(text).map(|ip| ip.to_string()),
        EntityKind::Hash => hash(text),
        EntityKind::Host | EntityKind::Domain => {
            let name = text.strip_suffix('.').unwrap_or(text);
            (!name.is_empty()).then(|| name.to_ascii_lowercase())
        }
        EntityKind::Email => Some(text.to_ascii_lowercase()),
        EntityKind::User
        | EntityKind::Arn
        | EntityKind::Url
        | EntityKind::Process
        | EntityKind::File
        | EntityKind::Container
        | EntityKind::Pod
        | EntityKind::Badge
        | EntityKind::Door
        | EntityKind::Bucket
        | EntityKind::AccessKey
        | EntityKind::Account
        | EntityKind::Instance
        | EntityKind::Service
        | EntityKind::Network => Some(text.to_owned()),
    }
}

/// An address, also in brackets or with a port. An IPv4 address mapped into IPv6 is the IPv4 address.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let ip = bare.parse().ok().or_else(with_port)?;
    Some(match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, |v4: Ipv4Addr| v4.into()),
        IpAddr::V4(_) => ip,
    })
}

/// Hexadecimal digits, also behind the name of their algorithm.
fn hash(text: &str) -> Option<String> {
    let digits = text
        .rsplit_once([':', '='])
        .map_or(text, |(_, digits)| digits)
        .trim();
    let is_hash = digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| digits.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_take_the_canonical_form_of_their_kind() {
        for (kind, text, expected) in [
            (EntityKind::Ip, "192.0.2.1", Some("192.0.2.1")),
            (EntityKind::Ip, "192.0.2.1:443", Some("192.0.2.1")),
            (EntityKind::Ip, "::ffff:192.0.2.1", Some("192.0.2.1")),
            (EntityKind::Ip, "2001:DB8:0:0::1", Some("2001:db8::1")),
            (EntityKind::Ip, "[2001:db8::1]", Some("2001:db8::1")),
            (EntityKind::Ip, "[2001:db8::1]:443", Some("2001:db8::1")),
            (EntityKind::Ip, "192.0.2.010", None),
            (EntityKind::Ip, "192.0.2.1/24", None),
            (EntityKind::Ip, "unknown", None),
            (EntityKind::Ip, "fe80::1%eth0", None),
            (EntityKind::Hash, "SHA256:ABCDEF0123", Some("abcdef0123")),
            (EntityKind::Hash, "none", None),
            (
                EntityKind::Host,
                "WEB-01.Example.com.",
                Some("web-01.example.com"),
            ),
            (EntityKind::Domain, ".", None),
            (
                EntityKind::Email,
                "Ana@Example.com",
                Some("ana@example.com"),
            ),
            (EntityKind::User, "Ana", Some("Ana")),
        ] {
            assert_eq!(canonical(kind, text).as_deref(), expected, "{kind} {text}");
        }
    }

    #[test]
    fn an_entity_is_listed_once_with_the_stronger_saying() {
        let ip = |value: &str, provenance: &str, handshake: bool| json!({"kind": "ip", "value": value, "role": "source.ip", "provenance": provenance, "handshake": handshake});
        let mut marks = Marks::default();
        let list = [
            json!(null),
            ip("192.0.2.1", "text", true),
            ip("192.0.2.1:22", "field", false),
            ip(" ", "field", false),
            json!({"kind": "ip", "value": null}),
        ];
        let found = entities(&list, &mut marks);
        // A handshake that prose tells of is no proof.
        let seen = found
            .iter()
            .map(|entity| (entity.provenance, entity.handshake));
        let expected = (Provenance::Field, Handshake::Unproven);
        assert_eq!(seen.collect::<Vec<_>>(), [expected]);
        assert_eq!(marks.reading(), crate::domain::alert::Reading::Whole);
    }

    #[test]
    fn part_of_a_value_never_fills_a_plan() {
        let mut marks = Marks::default();
        let long = "u".repeat(caps::TEXT_MAX_BYTES + 1);
        let list =
            [json!({"kind": "user", "value": long, "role": "actor.user", "provenance": "field"})];
        let found = entities(&list, &mut marks);
        assert_eq!(
            found.first().map(|entity| entity.provenance),
            Some(Provenance::Text)
        );
    }

    #[test]
    fn what_is_no_entity_leaves_a_mark() {
        for value in [
            json!(1),
            json!({"kind": "ip", "value": 1, "role": "source.ip", "provenance": "field"}),
            json!({"kind": "planet", "value": "x", "role": "source.ip", "provenance": "field"}),
            json!({"kind": "ip", "value": "x", "role": "source.ip", "provenance": "field"}),
            json!({"kind": "ip", "value": "192.0.2.1", "role": "source", "provenance": "field"}),
            json!({"kind": "ip", "value": "192.0.2.1", "role": "moon.ip", "provenance": "field"}),
        ] {
            let mut marks = Marks::default();
            assert_eq!(
                entities(std::slice::from_ref(&value), &mut marks),
                [],
                "{value}"
            );
            assert_ne!(
                marks.reading(),
                crate::domain::alert::Reading::Whole,
                "{value}"
            );
        }
    }
}
