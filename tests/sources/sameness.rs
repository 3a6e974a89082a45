//! Sameness, made mechanically from real payloads: with other times and counters an alert is the same problem; with another host, account
//! or user, everywhere in the payload, it is another.

use std::collections::BTreeSet;

use regex::{NoExpand, Regex, RegexBuilder};
use serde_json::{Number, Value, json};
use tierone::{
    domain::{
        alert::{Alert, Reading},
        entity::{Entity, EntityKind},
    },
    pipeline::normalise::Sources,
};

use super::{alerts, fixtures, leaves, read, shipped};

/// Names of values that only count.
const COUNTERS: &str = r"(?i)^(count|counter|occurrences?|repeats?|hits|total|fired_?times|sequence|seq)$|_(count|counter|total)$|(?-i:[a-z](Count|Counter|Occurrences)$)";
/// Names of values that are times.
const TIMES: &str = r"(?i)time|date|stamp|seen|start|end|created|updated|epoch|published|ingest|^ts$|_at$|^at$|when|clock|(?-i:[a-z]At$)";
const HOUR_SECONDS: u64 = 3_600;
/// Values shorter than this stand in too many other words to be changed alone.
const VALUE_MIN_CHARS: usize = 3;

/// What was looked at, and what did not hold.
#[derive(Default)]
pub struct Sameness {
    pub refired: usize,
    pub renamed: usize,
    /// Entities whose value does not stand in the payload as it is.
    pub not_there: usize,
    pub violations: Vec<String>,
}

impl Sameness {
    /// Looks at one payload.
    pub fn look(&mut self, sources: &Sources, source: Option<&str>, name: &str, bytes: &[u8]) {
        let Ok(body) = serde_json::from_slice::<Value>(bytes) else {
            return;
        };
        let before = alerts(read(sources, source, bytes));
        self.refire(sources, source, name, &body, &before);
        self.rename(sources, source, name, &body, &before);
    }

    fn refire(
        &mut self,
        sources: &Sources,
        source: Option<&str>,
        name: &str,
        body: &Value,
        before: &[Alert],
    ) {
        let later = later(body);
        if later == *body {
            return;
        }
        let after = alerts(read(sources, source, later.to_string().as_bytes()));
        for (place, (one, other)) in before.iter().zip(&after).enumerate() {
            if is_unreadable(one) {
                continue;
            }
            self.refired += 1;
            if one.fingerprint != other.fingerprint {
                self.violations.push(format!(
                    "{name} [{place}] by {}: another problem with later times",
                    one.source
                ));
            }
        }
    }

    fn rename(
        &mut self,
        sources: &Sources,
        source: Option<&str>,
        name: &str,
        body: &Value,
        before: &[Alert],
    ) {
        for (place, alert) in before.iter().enumerate() {
            let mut seen = BTreeSet::new();
            for entity in alert
                .entities
                .iter()
                .filter(|entity| makes_a_problem(entity))
            {
                if !seen.insert(entity.value.clone()) {
                    continue;
                }
                let other = renamed(body, &entity.value);
                if other == *body {
                    self.not_there += 1;
                    continue;
                }
                self.renamed += 1;
                let after = alerts(read(sources, source, other.to_string().as_bytes()));
                if after
                    .get(place)
                    .is_some_and(|after| after.fingerprint == alert.fingerprint)
                {
                    self.violations.push(format!(
                        "{name} [{place}] by {}: the same problem with another {} `{}`",
                        alert.source, entity.role, entity.value
                    ));
                }
            }
        }
    }
}

fn is_unreadable(alert: &Alert) -> bool {
    matches!(alert.reading, Reading::Unreadable { .. })
}

/// A host, account or user that the alert is about or that did it.
fn makes_a_problem(entity: &Entity) -> bool {
    let side = entity.role.as_str().split('.').next();
    matches!(
        entity.kind,
        EntityKind::Host | EntityKind::User | EntityKind::Account
    ) && (matches!(side, Some("actor" | "target")) || entity.kind == EntityKind::Account)
        && entity.value.chars().count() >= VALUE_MIN_CHARS
}

/// The payload with every time an hour later and every counter higher.
fn later(body: &Value) -> Value {
    let (counters, times) = (Regex::new(COUNTERS).unwrap(), Regex::new(TIMES).unwrap());
    let mut body = body.clone();
    leaves::change(&mut body, &mut |name, leaf| match leaf {
        Value::Number(number) if times.is_match(name) => {
            if let Some(number) = later_epoch(&number.to_string()) {
                *leaf = Value::Number(number.parse::<Number>().unwrap());
            }
        }
        Value::Number(number) if counters.is_match(name) => {
            if let Some(count) = number.as_u64() {
                *leaf = json!(count + 7);
            }
        }
        Value::String(text) if counters.is_match(name) => {
            if let Ok(count) = text.parse::<u64>() {
                *text = (count + 7).to_string();
            }
        }
        Value::String(text) => {
            *text = later_text(text);
            if times.is_match(name)
                && let Some(epoch) = later_epoch(text)
            {
                *text = epoch;
            }
        }
        _ => {}
    });
    body
}

/// An epoch in seconds, milli-, micro- or nanoseconds of this century, an hour later.
fn later_epoch(text: &str) -> Option<String> {
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text, ""), |(whole, fraction)| (whole, fraction));
    let number: u64 = whole.parse().ok()?;
    let unit = match whole.len() {
        10 => 1,
        13 => 1_000,
        16 => 1_000_000,
        19 => 1_000_000_000,
        _ => return None,
    };
    let later = (number + HOUR_SECONDS * unit).to_string();
    Some(if fraction.is_empty() {
        later
    } else {
        format!("{later}.{fraction}")
    })
}

/// A text in which each time of this century is an hour later, in the same form.
fn later_text(text: &str) -> String {
    let time = Regex::new(r"\b(20\d\d-[01]\d-[0-3]\d[T ])([0-2]\d)(:[0-5]\d)").unwrap();
    let syslog = Regex::new(r"\b((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2},? (?:20\d\d )?)([0-2]\d)(:[0-5]\d:[0-5]\d)").unwrap();
    let shift = |found: &regex::Captures<'_>| {
        let hour: u32 = found[2].parse().unwrap();
        // Rather earlier than on another day.
        let hour = if hour < 23 { hour + 1 } else { hour - 1 };
        format!("{}{hour:02}{}", &found[1], &found[3])
    };
    let text = time.replace_all(text, shift);
    syslog.replace_all(&text, shift).into_owned()
}

/// The payload with another value in place of this one.
fn renamed(body: &Value, value: &str) -> Value {
    let pattern = RegexBuilder::new(&regex::escape(value))
        .case_insensitive(true)
        .build()
        .unwrap();
    let other = if value.bytes().all(|byte| byte.is_ascii_digit()) {
        value
            .bytes()
            .map(|digit| char::from(b'0' + (digit - b'0' + 1) % 10))
            .collect()
    } else {
        format!("other-{value}")
    };
    let mut body = body.clone();
    leaves::change(&mut body, &mut |_, leaf| match leaf {
        Value::String(text) => *text = pattern.replace_all(text, NoExpand(&other)).into_owned(),
        Value::Number(number) if number.to_string() == value => {
            if let Ok(number) = other.parse::<u64>() {
                *leaf = json!(number);
            }
        }
        _ => {}
    });
    body
}

#[test]
fn our_own_payloads_are_the_same_problem_exactly_where_they_should_be() {
    let (sources, mut sameness) = (shipped(), Sameness::default());
    for payload in fixtures() {
        sameness.look(
            sources,
            Some(&payload.source),
            &payload.name,
            &payload.bytes,
        );
    }
    println!(
        "{} alerts fired again, {} entities changed, {} not in the payload as they are",
        sameness.refired, sameness.renamed, sameness.not_there
    );
    let unexplained: Vec<_> = sameness
        .violations
        .iter()
        .filter(|violation| !EXPLAINED.iter().any(|(part, _)| violation.contains(part)))
        .collect();
    assert!(
        sameness.refired > 100 && sameness.renamed > 100,
        "{} {}",
        sameness.refired,
        sameness.renamed
    );
    assert!(unexplained.is_empty(), "{unexplained:#?}");
}

/// What does not hold by this part of its text, and why that is right.
pub const EXPLAINED: &[(&str, &str)] = &[
    ("by generic: another problem", NOTHING),
    (
        "alertmanager/missing-labels.json [0] by alertmanager: another problem",
        NOTHING,
    ),
    (
        "pagerduty/webhook-broken.json [0] by pagerduty: another problem",
        NOTHING,
    ),
    (
        "sentinel/broken-row.json [0] by sentinel: another problem",
        NOTHING,
    ),
    ("wiz/broken-issue.json [0] by wiz: another problem", NOTHING),
    (
        "crowdstrike/minimal-event.json [0] by crowdstrike: another problem",
        NOTHING,
    ),
    (
        "crowdstrike/wrong-types.json [1] by crowdstrike: another problem",
        NOTHING,
    ),
    (
        "elastic/minimal.json [0] by elastic: another problem",
        NOTHING,
    ),
    (
        "crowdstrike/older-detection-and-incident.json [1] by crowdstrike: the same problem",
        NAMED,
    ),
    ("crowdstrike/remote-session-begins-and-ends.json", NAMED),
    ("by github: the same problem with another actor.user", NAMED),
    (
        "by github: the same problem with another related.account",
        NAMED,
    ),
    ("by pagerduty: the same problem with another", NAMED),
    (
        "guardduty_eventbridge/001.json [0] by guardduty: another problem",
        NOTHING,
    ),
    (
        "by grafana: the same problem with another target.host",
        "Grafana's own identity is rule and labels: a host that only the values name is not part of it",
    ),
    (
        "by sentinel: the same problem with another target.account",
        NAMED,
    ),
    ("by sentry: the same problem with another", NAMED),
    (
        "by wiz: the same problem with another related.account",
        NAMED,
    ),
    (
        "grafana/dashboard-alert.json [0] by grafana: the same problem",
        "a dashboard's alert is one, whichever series match: its end names none of them",
    ),
    (
        "datadog/security-signal.json [0] by datadog: the same problem with another related.account",
        "a signal is about what its rule groups by",
    ),
];
const NOTHING: &str =
    "where nothing says what it is about, only the same bytes are the same problem";
const NAMED: &str = "the vendor names the problem, and would give another one another name";

#[test]
fn times_and_values_are_changed_everywhere() {
    let body = json!({"startsAt": "2026-11-24T10:00:00Z", "ts": 1_795_496_266, "count": 3, "port": 1_795_496_266_u64,
        "text": "{\"when\":\"1795496266123\",\"host\":\"DB-1\"}", "log": "Nov 24 23:01:02 db-1 sshd", "ended": "0001-01-01T00:00:00Z"});
    assert_eq!(
        later(&body),
        json!({"startsAt": "2026-11-24T11:00:00Z", "ts": 1_795_499_866, "count": 10, "port": 1_795_496_266_u64,
            "text": "{\"when\":\"1795499866123\",\"host\":\"DB-1\"}", "log": "Nov 24 22:01:02 db-1 sshd", "ended": "0001-01-01T00:00:00Z"})
    );
    let renamed = renamed(&body, "db-1");
    assert_eq!(
        renamed["text"],
        "{\"when\":\"1795496266123\",\"host\":\"other-db-1\"}"
    );
    assert_eq!(renamed["log"], "Nov 24 23:01:02 other-db-1 sshd");
}
