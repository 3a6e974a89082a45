//! Looks for the parts of an alert in any payload, by names and shapes, and knows nothing of the sources: the second opinion to which what
//! they read is compared. It finds too much rather than too little.

use std::{collections::BTreeSet, net::IpAddr};

use regex::Regex;
use serde_json::Value;

use super::leaves::{last, leaves};

/// A part of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Title,
    Detection,
    Severity,
    Time,
    Entities,
    Attack,
}

impl Part {
    pub const ALL: [Self; 6] = [
        Self::Title,
        Self::Detection,
        Self::Severity,
        Self::Time,
        Self::Entities,
        Self::Attack,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Detection => "detection id",
            Self::Severity => "severity",
            Self::Time => "time",
            Self::Entities => "entities",
            Self::Attack => "ATT&CK",
        }
    }
}

/// What payloads are looked through for.
pub struct Finder {
    title: Regex,
    detection: Regex,
    severity: Regex,
    severity_value: Regex,
    time: Regex,
    time_value: Regex,
    entity: Regex,
    email: Regex,
    arn: Regex,
    technique: Regex,
}

impl Finder {
    pub fn new() -> Self {
        let pattern = |text: &str| Regex::new(text).unwrap();
        Self {
            title: pattern(
                r"(?i)^(title|.*[_.]title|.*title|summary|subject|headline|alert_?name|rule_?name|name|message|msg|description|short_?description)$",
            ),
            detection: pattern(
                r"(?i)^(.*(rule|alert_?rule|signature|check|monitor|policy|detector|detection|query|search|trigger|condition|generator)[_.]?(id|uid|uuid|name|key)?|(.*\.)?(alert_?name|alarm_?name|type|event_?type|sid)|.*alert\.signature(_id)?)$",
            ),
            severity: pattern(
                r"(?i)(severity|priority|urgency|criticality|^level$|[_.]level$|^risk(_?(score|level))?$|importance)",
            ),
            severity_value: pattern(
                r"(?i)^([0-9]{1,3}(\.[0-9]+)?|p[1-5]|sev[0-5]|crit(ical)?|high|med(ium)?|low|info(rmational|rmation)?|warn(ing)?|err(or)?|notice|debug|emerg(ency)?|alert|fatal|major|minor|average|disaster|moderate|severe|normal|important|none)\b.{0,12}$",
            ),
            time: pattern(
                r"(?i)time|date|stamp|seen|started|starts|begin|created|updated|epoch|published|^ts$|_at$|^at$|when|(?-i:[a-z]At$)",
            ),
            time_value: pattern(r"\b(19|20)\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d"),
            entity: pattern(
                r"(?i)^(.*[_.]?(host(_?name)?|computer(_?name)?|device(_?name|_?id)?|instance(_?id)?|machine|server|user(_?name|_?id)?|login|actor|account(_?id|_?name)?|principal|service(_?name)?|resource(_?id)?|repo(sitory)?|pod|container(_?name|_?id)?|src_?ip|dest_?ip|ip(_?address)?|email))$",
            ),
            email: pattern(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
            arn: pattern(r"\barn:aws[a-z-]*:[a-z0-9-]+:[^\s,]*"),
            technique: pattern(r"\bT1\d{3}(\.\d{3})?\b"),
        }
    }

    /// Where in the payload each part may be, as `name=value`.
    pub fn parts(&self, payload: &Value) -> Vec<(Part, String)> {
        let mut found = Vec::new();
        for (name, leaf) in leaves(payload) {
            let text = match &leaf {
                Value::String(text) => text.trim().to_owned(),
                Value::Number(number) => number.to_string(),
                _ => continue,
            };
            if text.is_empty() || says_nothing(&text) {
                continue;
            }
            for part in Part::ALL {
                if self.is(part, &name, &text, &leaf)
                    && !found.iter().any(|(known, _)| *known == part)
                {
                    found.push((
                        part,
                        format!("{name}={}", text.chars().take(60).collect::<String>()),
                    ));
                }
            }
        }
        found
    }

    /// The addresses, e-mail addresses and ARNs in the payload: what has one shape only.
    pub fn shapes(&self, payload: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (_, leaf) in leaves(payload) {
            let Value::String(text) = leaf else {
                continue;
            };
            found.extend(
                self.email
                    .find_iter(&text)
                    .map(|hit| hit.as_str().to_lowercase()),
            );
            found.extend(self.arn.find_iter(&text).map(|hit| hit.as_str().to_owned()));
            let words = text.split(|c: char| !c.is_ascii_hexdigit() && c != '.' && c != ':');
            found.extend(words.filter_map(address));
        }
        found
    }

    fn is(&self, part: Part, name: &str, text: &str, leaf: &Value) -> bool {
        match part {
            Part::Title => {
                leaf.is_string() && self.title.is_match(last(name)) && text.chars().count() > 2
            }
            Part::Detection => self.detection.is_match(name),
            Part::Severity => self.severity.is_match(name) && self.severity_value.is_match(text),
            Part::Time => {
                self.time.is_match(name) && (self.time_value.is_match(text) || is_epoch(text))
            }
            Part::Entities => {
                (leaf.is_string() && self.entity.is_match(name))
                    || address(text).is_some()
                    || self.email.is_match(text)
                    || self.arn.is_match(text)
            }
            Part::Attack => leaf.is_string() && self.technique.is_match(text),
        }
    }
}

fn says_nothing(text: &str) -> bool {
    ["null", "none", "n/a", "unknown", "-", "undefined"].contains(&text.to_lowercase().as_str())
        || text.starts_with("0001-01-01")
}

fn is_epoch(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default();
    [10, 13, 16, 19].contains(&whole.len())
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && whole.starts_with('1')
}

/// An address that says something, as the canonical text.
fn address(word: &str) -> Option<String> {
    let word = word.trim_matches('.');
    let many = word.contains('.') || word.matches(':').count() > 2;
    let ip: IpAddr = many.then(|| word.parse().ok())??;
    (!ip.is_unspecified()).then(|| ip.to_string())
}

#[test]
fn the_finder_finds_what_is_there() {
    let payload = serde_json::json!({"rule": {"name": "Guessing", "id": 7}, "level": "high", "@timestamp": "2026-11-24T10:00:00Z",
        "tags": ["attack.T1110.001"], "text": "from 192.0.2.1 by ana@example.com", "host": {"hostname": "db-1"}});
    let finder = Finder::new();
    let parts: Vec<Part> = finder
        .parts(&payload)
        .into_iter()
        .map(|(part, _)| part)
        .collect();
    for part in Part::ALL {
        assert!(parts.contains(&part), "{}: {parts:?}", part.word());
    }
    let shapes: Vec<String> = finder.shapes(&payload).into_iter().collect();
    assert_eq!(shapes, ["192.0.2.1", "ana@example.com"]);
    assert!(
        finder
            .parts(&serde_json::json!({"metric": 1, "state": "ok", "text": "10.0"}))
            .is_empty()
    );
}
