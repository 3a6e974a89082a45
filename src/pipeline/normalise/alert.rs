//! From what a source makes to an alert: every type is checked, and what is missing stays missing.

use serde_json::{Map, Value};

use super::{
    caps, entity, facets,
    fingerprint::{self, Sameness},
    marks::{Marks, cut_chars},
    time,
};
use crate::domain::{
    alert::{Alert, Origin, Status},
    canonical::Digest,
    id::{SourceId, TenantId},
    severity::Severity,
};
use jiff::Timestamp;

/// The keys of an alert object.
const KEYS: [&str; 16] = [
    "title",
    "detection_id",
    "rule_version",
    "severity",
    "raw_severity",
    "occurred_at",
    "status",
    "entities",
    "facets",
    "attack",
    "occurrence_id",
    "about",
    "problem",
    "owner_hints",
    "links",
    "payload",
];

/// What an alert has besides what its source says.
pub(super) struct Frame<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) source: &'a SourceId,
    pub(super) origin: &'a Origin,
    pub(super) received_at: Timestamp,
}

/// The alert that `fields` describe, made of the payload `raw`.
pub(super) fn alert(
    fields: &Map<String, Value>,
    raw: Value,
    frame: &Frame<'_>,
    mut marks: Marks,
) -> Alert {
    let mut read = Fields {
        fields,
        marks: &mut marks,
    };
    read.unknown();
    let detection_id = read.text("detection_id");
    let payload = fingerprint::of_payload(&raw);
    let sameness = match read.whole_text("problem") {
        Some(problem) => Sameness::Named(problem),
        None => Sameness::About {
            detection_id: detection_id.as_deref(),
            about: read.list("about", usize::MAX),
        },
    };
    let fingerprint = fingerprint::of_alert(frame, &sameness, &payload);
    Alert {
        tenant: frame.tenant.clone(),
        source: frame.source.clone(),
        origin: frame.origin.clone(),
        rule_version: read.text("rule_version"),
        title: read.title(detection_id.as_deref(), frame.source),
        severity: read.severity(),
        raw_severity: read.text("raw_severity"),
        occurred_at: read.time("occurred_at"),
        received_at: frame.received_at,
        entities: entity::entities(read.list("entities", usize::MAX), read.marks),
        facets: facets::facets(read.list("facets", usize::MAX), read.marks),
        fingerprint,
        occurrence_id: read.occurrence_id(&payload),
        status: read.status(),
        attack: read.techniques(),
        owner_hints: read.texts("owner_hints"),
        links: read.texts("links"),
        detection_id,
        reading: marks.reading(),
        raw,
    }
}

/// The fields of an alert object, read one by one.
struct Fields<'a> {
    fields: &'a Map<String, Value>,
    marks: &'a mut Marks,
}

impl<'a> Fields<'a> {
    fn get(&self, key: &str) -> &'a Value {
        self.fields.get(key).unwrap_or(&Value::Null)
    }

    fn unknown(&mut self) {
        for key in self
            .fields
            .keys()
            .filter(|key| !KEYS.contains(&key.as_str()))
        {
            self.marks.add(format!("`{key}` is no key of an alert"));
        }
    }

    /// A text that is not empty.
    fn whole_text(&mut self, key: &str) -> Option<&'a str> {
        match self.get(key) {
            Value::Null => None,
            Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => {
                self.marks.add(format!("`{key}` is no text"));
                None
            }
        }
    }

    fn text(&mut self, key: &str) -> Option<String> {
        let text = self.whole_text(key)?;
        Some(self.marks.text(key, text))
    }

    fn title(&mut self, detection_id: Option<&str>, source: &SourceId) -> String {
        let Some(text) = self.whole_text("title").or(detection_id) else {
            return format!("alert from {source}");
        };
        let title = cut_chars(text, caps::TITLE_MAX_CHARS);
        if title.len() < text.len() {
            self.marks.add(format!(
                "`title` cut to {} characters",
                caps::TITLE_MAX_CHARS
            ));
        }
        title.to_owned()
    }

    fn severity(&mut self) -> Option<Severity> {
        let word = self.whole_text("severity")?;
        let severity = Severity::ALL.into_iter().find(|known| known.word() == word);
        if severity.is_none() {
            self.marks.add(format!("`{word}` is no severity"));
        }
        severity
    }

    fn time(&mut self, key: &str) -> Option<Timestamp> {
        time::read(self.get(key)).unwrap_or_else(|time::NotATime| {
            self.marks
                .add(format!("`{key}` is no time: {}", self.get(key)));
            None
        })
    }

    /// What is not surely over is on.
    fn status(&mut self) -> Status {
        match self.get("status") {
            Value::String(word) if word == "resolved" => Status::Resolved,
            Value::String(word) if word == "firing" => Status::Firing,
            _ => {
                self.marks
                    .add("`status` is neither `firing` nor `resolved`");
                Status::Firing
            }
        }
    }

    /// A list, of which at most `max` members are read.
    fn list(&mut self, key: &str, max: usize) -> &'a [Value] {
        match self.get(key) {
            Value::Null => &[],
            Value::Array(list) => {
                let kept = list.get(..max).unwrap_or(list);
                if kept.len() < list.len() {
                    self.marks.add(format!("`{key}` cut to {max}"));
                }
                kept
            }
            _ => {
                self.marks.add(format!("`{key}` is no list"));
                &[]
            }
        }
    }

    /// The texts of a list, each once.
    fn texts(&mut self, key: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for value in self.list(key, caps::LIST_MAX) {
            match value {
                Value::Null => {}
                Value::String(text) => {
                    let text = self.marks.text(key, text.trim());
                    if !text.is_empty() && !texts.contains(&text) {
                        texts.push(text);
                    }
                }
                _ => self.marks.add(format!("a member of `{key}` is no text")),
            }
        }
        texts
    }

    fn techniques(&mut self) -> Vec<String> {
        let mut ids = self.texts("attack");
        ids.retain(|id| {
            let known = is_technique(id);
            if !known {
                self.marks.add(format!("`{id}` is no ATT&CK technique"));
            }
            known
        });
        ids
    }

    /// The vendor's name for this occurrence, else the payload's. A long one is replaced by its digest: cut, it might be another's.
    fn occurrence_id(&mut self, payload: &Digest) -> String {
        match self.whole_text("occurrence_id") {
            None => payload.to_string(),
            Some(id) if id.len() <= caps::TEXT_MAX_BYTES => id.to_owned(),
            Some(id) => format!("sha256:{}", Digest::of_bytes(id.as_bytes())),
        }
    }
}

/// `T1110` or `T1110.001`.
fn is_technique(id: &str) -> bool {
    let (technique, part) = id.split_once('.').unwrap_or((id, "001"));
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    technique
        .strip_prefix('T')
        .is_some_and(|number| digits(number, 4))
        && digits(part, 3)
}
