//! Entities found in text by their shape, also where they were defanged (`hxxp`, `1[.]2[.]3[.]4`). A source names the text and the side;
//! nobody promised what stands there, so each is `text` and fills no plan.
//!
//! Not found: what has no shape of its own, such as account and host names without a public suffix.

use std::{
    net::{IpAddr, SocketAddr},
    ops::Range,
};

use ipnet::IpNet;
use linkify::{LinkFinder, LinkKind};
use serde_json::Value;

use super::{
    caps,
    entity::{SIDES, canonical},
    marks::{Marks, cut_bytes},
};
use crate::domain::entity::{Entity, EntityKind, Handshake, Provenance, Role};

/// The key of the text in a source's list of entities.
pub(super) const KEY: &str = "found_in";

/// How people write what must not be clicked on, and what it stands for.
const DEFANGED: [(&str, &str); 9] = [
    ("[.]", "."),
    ("(.)", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("[:]", ":"),
    ("[://]", "://"),
    ("[@]", "@"),
    ("[at]", "@"),
    ("hxxp", "http"),
];
/// Public suffixes that are endings of files and names of fields, too: after one label only, they are rather those.
const NO_SUFFIXES: [&str; 14] = [
    "app", "cc", "id", "md", "mov", "name", "pl", "ps", "pub", "py", "rs", "sh", "so", "zip",
];
/// Hexadecimal digits of MD5, SHA-1, SHA-256 and SHA-512.
const HASH_DIGITS: [usize; 4] = [32, 40, 64, 128];
/// Signs that stand in names, and at no end of one.
const ENDS_NO_NAME: [char; 5] = ['.', '/', '-', '_', '*'];
const DOMAIN_MAX_BYTES: usize = 253;

/// Adds to `known` what is found in `{found_in: TEXT, side: SIDE}` and is not in there by any role.
pub(super) fn add(search: &Value, known: &mut Vec<Entity>, marks: &mut Marks) {
    let side = search.get("side").and_then(Value::as_str).unwrap_or("");
    if !SIDES.contains(&side) {
        marks.add(format!("entities not searched for: no side `{side}`"));
        return;
    }
    let text = text(search.get(KEY).unwrap_or(&Value::Null), marks);
    let mut count = 0;
    for (kind, value) in shapes(&refanged(&text)) {
        let Some(value) = canonical(kind, &value) else {
            continue;
        };
        if known.iter().any(|known| names(known, kind, &value)) {
            continue;
        }
        if count == caps::FOUND_MAX || known.len() >= caps::ENTITIES_MAX {
            marks.add(format!("entities found in text cut to {count}"));
            return;
        }
        count += 1;
        known.push(Entity {
            kind,
            value: marks.text("entity", &value),
            role: Role::new(format!("{side}.{kind}")),
            provenance: Provenance::Text,
            handshake: Handshake::Unproven,
        });
    }
}

/// A host is the same as the domain name that it has.
fn names(known: &Entity, kind: EntityKind, value: &str) -> bool {
    let alike = known.kind == kind || (known.kind, kind) == (EntityKind::Host, EntityKind::Domain);
    alike && known.value == value
}

/// Every text in `value`, a line each, up to the cap.
fn text(value: &Value, marks: &mut Marks) -> String {
    let mut lines = String::new();
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => {
                let room = caps::FOUND_TEXT_MAX_BYTES.saturating_sub(lines.len());
                let kept = cut_bytes(text, room);
                lines.push_str(kept);
                lines.push('\n');
                if kept.len() < text.len() {
                    marks.add(format!(
                        "only {} bytes of text searched for entities",
                        caps::FOUND_TEXT_MAX_BYTES
                    ));
                    return lines;
                }
            }
            Value::Array(items) => rest.extend(items.iter().rev()),
            Value::Object(fields) => rest.extend(fields.values().rev()),
        }
    }
    lines
}

/// `text` with its defanged addresses as they are.
pub(in crate::pipeline) fn refanged(text: &str) -> String {
    let mut text = text.to_owned();
    for (defanged, plain) in DEFANGED {
        if text.contains(defanged) {
            text = text.replace(defanged, plain);
        }
    }
    text
}

/// What `text` has, in its order and maybe more than once.
fn shapes(text: &str) -> Vec<(EntityKind, String)> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url, LinkKind::Email]);
    let mut found = Vec::new();
    for span in finder.spans(text) {
        match span.kind() {
            Some(LinkKind::Email) => found.push((EntityKind::Email, span.as_str().to_owned())),
            Some(LinkKind::Url) => found.push((EntityKind::Url, span.as_str().to_owned())),
            _ => found.extend(span.as_str().split(separates).filter_map(shape)),
        }
    }
    found
}

/// The places in `text` that have a shape, each with the whole word that has it.
pub(in crate::pipeline) fn shaped(text: &str) -> Vec<(EntityKind, Range<usize>)> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url, LinkKind::Email]);
    let mut found = Vec::new();
    for span in finder.spans(text) {
        match span.kind() {
            Some(LinkKind::Email) => found.push((EntityKind::Email, span.start()..span.end())),
            Some(LinkKind::Url) => found.push((EntityKind::Url, span.start()..span.end())),
            _ => {
                let mut start = span.start();
                for word in span.as_str().split_inclusive(separates) {
                    let bare = word.trim_end_matches(separates);
                    let kind = shape(bare).map(|(kind, _)| kind);
                    let inner = bare.trim_end_matches(ENDS_NO_NAME);
                    let from = start + inner.len() - inner.trim_start_matches(ENDS_NO_NAME).len();
                    found.extend(kind.map(|kind| (kind, from..start + inner.len())));
                    start += word.len();
                }
            }
        }
    }
    found
}

fn separates(character: char) -> bool {
    !character.is_alphanumeric() && !matches!(character, '.' | ':' | '/' | '-' | '_' | '*')
}

/// What a word without spaces is.
fn shape(word: &str) -> Option<(EntityKind, String)> {
    let word = word.trim_matches(ENDS_NO_NAME);
    let word = if word.contains("::") {
        word
    } else {
        word.trim_matches(':')
    };
    if word.len() < 3 {
        return None;
    }
    if word.starts_with("arn:") && word.matches(':').count() >= 5 {
        return Some((EntityKind::Arn, word.to_owned()));
    }
    address(word)
        .or_else(|| hash(word))
        .or_else(|| domain(word))
}

/// An address, one with a port, or a network. The one that stands for all addresses says nothing.
fn address(word: &str) -> Option<(EntityKind, String)> {
    let starts = word.bytes().next()?;
    if !starts.is_ascii_hexdigit() && starts != b':' {
        return None;
    }
    let with_port = || word.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    if let Some(ip) = word.parse::<IpAddr>().ok().or_else(with_port) {
        return (!ip.is_unspecified()).then(|| (EntityKind::Ip, ip.to_string()));
    }
    let network: IpNet = word.parse().ok()?;
    let says_something = network.prefix_len() > 0;
    says_something.then(|| (EntityKind::Network, network.trunc().to_string()))
}

/// Digits of a known length, also behind the name of their algorithm. Only digits, or only letters, are rather something else.
fn hash(word: &str) -> Option<(EntityKind, String)> {
    let digits = word.rsplit_once(':').map_or(word, |(_, digits)| digits);
    let is_hash = HASH_DIGITS.contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        && digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_hash.then(|| (EntityKind::Hash, digits.to_owned()))
}

/// A name under a public suffix, also with a port or a path behind it.
fn domain(word: &str) -> Option<(EntityKind, String)> {
    let name = word.split(['/', ':']).next()?;
    if name.len() > DOMAIN_MAX_BYTES || !name.contains('.') {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !name.split('.').all(is_label) {
        return None;
    }
    let found = psl::domain(name.as_bytes())?;
    let known = found.suffix().is_known();
    let (_, ending) = name.rsplit_once('.')?;
    let is_file = name.matches('.').count() == 1 && NO_SUFFIXES.contains(&ending);
    (known && !is_file).then_some((EntityKind::Domain, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::Reading;
    use serde_json::json;

    fn found(text: &Value) -> (Vec<String>, Reading) {
        let (mut known, mut marks) = (Vec::new(), Marks::default());
        let search = json!({"found_in": text, "side": "related"});
        add(&search, &mut known, &mut marks);
        assert!(
            known
                .iter()
                .all(|entity| entity.provenance == Provenance::Text)
        );
        let named = known
            .iter()
            .map(|entity| format!("{}={}", entity.role, entity.value));
        (named.collect(), marks.reading())
    }

    fn check(text: &str, expected: &[&str]) {
        let (found, reading) = found(&json!(text));
        assert_eq!(found, expected, "{text}");
        assert_eq!(reading, Reading::Whole, "{text}");
    }

    #[test]
    fn what_has_a_shape_is_found_in_prose() {
        check(
            "Beacon from 192.0.2.7:51514 (and 2001:db8::7) to hxxps://bad[.]example[.]com/a?b=1, then 198[.]51[.]100[.]9.",
            &[
                "related.ip=192.0.2.7",
                "related.ip=2001:db8::7",
                "related.url=https://bad.example.com/a?b=1",
                "related.ip=198.51.100.9",
            ],
        );
        check(
            "Mail of ana[@]example.com: drop.example.co.uk:8443/x, sha256:9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
            &[
                "related.email=ana@example.com",
                "related.domain=drop.example.co.uk",
                "related.hash=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            ],
        );
        check(
            "role arn:aws:iam::111122223333:role/deploy-*, src=203.0.113.0/24;dst=::1",
            &[
                "related.arn=arn:aws:iam::111122223333:role/deploy",
                "related.network=203.0.113.0/24",
                "related.ip=::1",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        for text in [
            "version 10.0.19041.1 at 12:30:05, 5 of 10.",
            "readme.md, run.sh, event.id, user.name, com.example.service.Worker, a..b, 1.2.3",
            "0.0.0.0 and :: and 0.0.0.0/0, 00000000000000000000000000000000",
            "srv-01, ip-10-0-0-1.ec2.internal, co.uk, é.example",
            "arn:aws",
            "",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn every_text_of_a_value_is_searched_and_nothing_is_listed_twice() {
        let value = json!({"a": ["192.0.2.1", {"b": "192.0.2.1 192.0.2.2"}], "c": 3});
        assert_eq!(
            found(&value).0,
            ["related.ip=192.0.2.1", "related.ip=192.0.2.2"]
        );
    }

    #[test]
    fn a_search_is_bounded_and_says_so() {
        let many: Vec<String> = (0..200).map(|n| format!("192.0.2.{n}")).collect();
        let (found_many, reading) = found(&json!(many.join(" ")));
        assert_eq!(found_many.len(), caps::FOUND_MAX);
        assert_ne!(reading, Reading::Whole);
        let (nothing, reading) = found(&json!("x ".repeat(caps::FOUND_TEXT_MAX_BYTES)));
        assert!(nothing.is_empty());
        assert_ne!(reading, Reading::Whole);
        for side in [json!("moon"), json!(null)] {
            let mut marks = Marks::default();
            let search = json!({"found_in": "192.0.2.1", "side": side});
            let mut known = Vec::new();
            add(&search, &mut known, &mut marks);
            assert!(known.is_empty() && marks.reading() != Reading::Whole);
        }
    }
}
