//! Mask: what people see of what an alert, a case and a precedent say: all but secrets. What is decided and done rests on what is beneath it.
//!
//! An alert's author can have a word masked by calling it a password: a person then sees that something is withheld, and the vendor has it. An
//! address is never one, so that nobody is asked about an action on a target that is hidden.

mod record;

use std::{collections::BTreeSet, net::IpAddr};

use aho_corasick::AhoCorasick;
use ipnet::IpNet;
use serde_json::{Value, json};

use super::{
    prompt::{
        folded::{Folded, folded},
        secrets::{is_hidden, secrets},
    },
    redact::{From, Redaction, Taken},
};
use crate::domain::{
    alert::Alert, draft::Draft, entity::Entity, facet::Facet, precedent::Precedent, request,
};

/// What is between a facet's name and its value where they are looked at together: the name may be what says that the value is secret.
const IS: &str = "=";

/// From this length on.
const KEY_NAME_MIN: usize = 16;

/// What covers the texts of one case.
pub struct Mask<'a> {
    redaction: &'a Redaction,
    /// The secrets of its payload, which stand elsewhere without what shows them to be some.
    known: Option<AhoCorasick>,
}

impl<'a> Mask<'a> {
    /// For texts about alerts with these payloads.
    pub fn of<'b>(redaction: &'a Redaction, payloads: impl IntoIterator<Item = &'b Value>) -> Self {
        let payloads = payloads.into_iter();
        let known = payloads.flat_map(|payload| secrets(payload, redaction, From::Everyone));
        let known = known.filter(|secret| !is_address(secret) && !is_key_name(secret));
        let known: BTreeSet<String> = known.map(|secret| folded(&secret)).collect();
        Self {
            redaction,
            known: AhoCorasick::new(known).ok(),
        }
    }

    /// `text` as people see it.
    pub fn text(&self, text: &str) -> String {
        let Some(known) = &self.known else {
            // A pattern that cannot be built would have to be larger than memory.
            return Taken::Secret.placeholder().into();
        };
        let spans = self.redaction.spans(text).into_iter();
        let spans = spans.filter(|span| {
            let part = text.get(span.start..span.end).unwrap_or_default();
            is_hidden(span, From::Everyone) && !is_key_name(part)
        });
        let mut places: Vec<(usize, usize)> = spans.map(|span| (span.start, span.end)).collect();
        let folded = Folded::of(text);
        places.extend(known.find_overlapping_iter(&folded.text).map(|hit| {
            let place = folded.place(hit.range());
            (place.start, place.end)
        }));
        masked(text, places)
    }

    fn texts(&self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    fn some(&self, text: Option<&String>) -> Option<String> {
        text.map(|text| self.text(text))
    }

    /// An alert; of its payload no more than what whoever asks for something wrote, which is the matter itself.
    pub fn alert(&self, alert: &Alert) -> Alert {
        Alert {
            detection_id: self.some(alert.detection_id.as_ref()),
            rule_version: self.some(alert.rule_version.as_ref()),
            title: self.text(&alert.title),
            raw_severity: self.some(alert.raw_severity.as_ref()),
            entities: alert
                .entities
                .iter()
                .map(|entity| self.entity(entity))
                .collect(),
            facets: alert.facets.iter().map(|facet| self.facet(facet)).collect(),
            occurrence_id: self.text(&alert.occurrence_id),
            attack: self.texts(&alert.attack),
            owner_hints: self.texts(&alert.owner_hints),
            links: self.texts(&alert.links),
            raw: request::matter(alert).map_or(
                Value::Null,
                |text| json!({ "request": { "text": self.text(text) } }),
            ),
            ..alert.clone()
        }
    }

    fn entity(&self, entity: &Entity) -> Entity {
        Entity {
            value: self.text(&entity.value),
            ..entity.clone()
        }
    }

    fn facet(&self, facet: &Facet) -> Facet {
        Facet {
            key: self.text(&facet.key),
            value: facet
                .value
                .as_ref()
                .map(|value| self.named(&facet.key, value)),
            set_by: facet.set_by,
        }
    }

    /// The value of something that is called `name`.
    fn named(&self, name: &str, value: &str) -> String {
        let together = self.text(&format!("{name}{IS}{value}"));
        match together
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(IS))
        {
            Some(value) => value.into(),
            // What is masked begins in the name.
            None => Taken::Secret.placeholder().into(),
        }
    }

    /// A draft.
    pub fn draft(&self, draft: &Draft) -> Draft {
        let parameters = draft.parameters.iter();
        Draft {
            parameters: parameters
                .map(|(name, value)| (name.clone(), self.text(value)))
                .collect(),
            rationale: self.text(&draft.rationale),
            reply: self.some(draft.reply.as_ref()),
            missing: self.texts(&draft.missing),
            unverified: self.texts(&draft.unverified),
            ..draft.clone()
        }
    }

    /// A precedent.
    pub fn precedent(&self, row: &Precedent) -> Precedent {
        let mut row = row.clone();
        row.summary = self.text(&row.summary);
        row.reply = self.some(row.reply.as_ref());
        for scope in std::iter::once(&mut row.scope).chain(&mut row.wider) {
            for (key, value) in &mut scope.facets {
                *value = self.named(key, value);
            }
        }
        row
    }
}

/// `text` with one mark in place of all places that meet.
fn masked(text: &str, mut places: Vec<(usize, usize)>) -> String {
    places.sort_unstable();
    let (mut seen, mut at) = (String::with_capacity(text.len()), 0);
    for (start, end) in places {
        if end <= at {
            continue;
        }
        if start >= at {
            seen.push_str(text.get(at..start).unwrap_or_default());
            seen.push_str(Taken::Secret.placeholder());
        }
        at = end;
    }
    seen.push_str(text.get(at..).unwrap_or_default());
    seen
}

/// Whether it is the id of an AWS access key, which every log has: who is asked about a key must know which.
fn is_key_name(text: &str) -> bool {
    let kind = ["AKIA", "ASIA", "ABIA", "ACCA"];
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    text.len() >= KEY_NAME_MIN && plain && kind.iter().any(|kind| text.starts_with(kind))
}

fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(payload: &Value, text: &str, expected: &str) {
        let redaction = Redaction::read(include_str!("../../policies/redaction.toml")).unwrap();
        let mask = Mask::of(&redaction, [payload]);
        assert_eq!(mask.text(text), expected);
        assert_eq!(mask.text(expected), expected, "twice is once");
    }

    #[test]
    fn people_see_all_but_secrets() {
        for text in [
            "exit code: 137, status code is 503, key is rotated, password was reset",
            "ssh -p 2222 -u root, nmap -p1-65535, docker run -p8080:80",
            "signature: ET MALWARE Win32/Example, session 12, auth: failed",
            "https://grafana.example.com/d/x?var-host=web-1&from=now-1h",
            "ana.example@mail.example.com from 203.0.113.9 with AKIA2EXAMPLE7QWERTYU",
            "arn:aws:iam::111122223333:user/ana at 2026-10-01T10:00:00Z",
            "ssh://git@git.example.com and basic authentication",
            "access_key=AKIAGUEST0021EXAMPLE",
            "token validation failed for key-rotation-cronjob",
        ] {
            check(&Value::Null, text, text);
        }
        for (text, expected) in [
            (
                "login with password=Hunter2-EXAMPLE failed",
                "login with password=[secret] failed",
            ),
            (
                "mysql -u root -pHunter2EXAMPLEzz shop",
                "mysql -u root -p[secret] shop",
            ),
            (
                "https://svc:p4ss-EXAMPLE@db.example.com/x",
                "https://svc:[secret]@db.example.com/x",
            ),
        ] {
            check(&Value::Null, text, expected);
        }
    }

    #[test]
    fn a_secret_of_the_payload_is_one_wherever_it_stands_and_an_address_is_none() {
        let payload = json!({"log": "DB_PASSWORD=correct-horse", "more": "password=203.0.113.9"});
        check(&payload, "user Correct-Horse ran", "user [secret] ran");
        check(&payload, "block 203.0.113.9", "block 203.0.113.9");
        let field = json!({"clientSecret": "quite-a-horse"});
        check(&field, "quite-a-horse", "[secret]");
    }
}
