//! `just samples DIR`: payloads that are not ours, one folder a format. Prints which source reads each format and, for each part of an
//! alert, in how many it is there, in how many the payload lacks it, and in how many a second opinion finds what we missed.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use serde_json::Value;
use tierone::{
    domain::{
        alert::{Alert, Reading},
        id::SourceId,
    },
    pipeline::normalise::{Item, Sources},
};

use super::{
    Payload, complaint,
    finder::{Finder, Part},
    folders, read,
    sameness::{EXPLAINED, Sameness},
    shipped,
};

/// Which source a format is for. Other formats have none.
const FORMATS: &[(&str, &str)] = &[
    ("alertmanager", "alertmanager"),
    ("aws_securityhub_asff", "securityhub"),
    ("aws_securityhub_eventbridge", "securityhub"),
    ("cloudevents", "cloudevents"),
    ("cloudwatch_keep_mock", "cloudwatch"),
    ("cloudwatch_sns", "cloudwatch"),
    ("crowdstrike", "crowdstrike"),
    ("datadog", "datadog"),
    ("elastic_security", "elastic"),
    ("falco", "falco"),
    ("github_security_code_scanning_alert", "github"),
    ("github_security_dependabot_alert", "github"),
    ("github_security_repository_vulnerability_alert", "github"),
    ("github_security_security_advisory", "github"),
    ("github_webhook", "github"),
    ("google_workspace", "google-workspace"),
    ("grafana", "grafana"),
    ("grafana_legacy", "grafana"),
    ("guardduty", "guardduty"),
    ("guardduty_api_getfindings", "guardduty"),
    ("guardduty_eventbridge", "guardduty"),
    ("ms_defender_alert", "sentinel"),
    ("ms_graph_alert_v2", "sentinel"),
    ("ms_sentinel_incident", "sentinel"),
    ("ms_sentinel_securityalert", "sentinel"),
    ("ocsf_2004", "ocsf"),
    ("ocsf_other_findings", "ocsf"),
    ("okta", "okta"),
    ("pagerduty_events_v2", "pagerduty"),
    ("pagerduty_webhook_v3", "pagerduty"),
    ("physical_access", "badge"),
    ("sentinelone_activity", "sentinelone"),
    ("sentry", "sentry"),
    ("splunk_notable", "splunk"),
    ("splunk_webhook", "splunk"),
    ("suricata", "suricata"),
    ("wazuh", "wazuh"),
    ("wazuh_keep_custom", "wazuh"),
    ("wiz_issue", "wiz"),
    ("wiz_issue_webhook", "wiz"),
];

/// One row: a format.
#[derive(Default)]
struct Row {
    payloads: usize,
    alerts: usize,
    controls: usize,
    unreadable: usize,
    /// How many payloads each source takes for its own when nobody says.
    guessed: BTreeMap<String, usize>,
    /// Present, absent in the payload, missed by us.
    parts: BTreeMap<Part, [usize; 3]>,
    facets: usize,
    /// Addresses and the like: those in the payload, and those of them that we list.
    shapes: [usize; 2],
    missed: Vec<String>,
}

fn source_of(format: &str, sources: &Sources) -> Option<&'static str> {
    let (_, source) = FORMATS.iter().find(|(name, _)| *name == format)?;
    sources.contains(&SourceId::new(*source)).then_some(*source)
}

fn has(alert: &Alert, part: Part) -> bool {
    match part {
        Part::Title => !alert.title.starts_with("alert from "),
        Part::Detection => alert.detection_id.is_some(),
        Part::Severity => alert.severity.is_some() || alert.raw_severity.is_some(),
        Part::Time => alert.occurred_at.is_some(),
        Part::Entities => !alert.entities.is_empty(),
        Part::Attack => !alert.attack.is_empty(),
    }
}

impl Row {
    fn add(&mut self, sources: &Sources, finder: &Finder, payload: &Payload) {
        let source = source_of(&payload.source, sources);
        let items = read(sources, source, &payload.bytes);
        if let Some(complaint) = complaint(&items) {
            self.missed.push(format!("{}: {complaint}", payload.name));
        }
        self.payloads += 1;
        if let Some(first) = read(sources, None, &payload.bytes).first() {
            let guessed = match first {
                Item::Alert(alert) => alert.source.clone(),
                Item::Control { source, .. } => source.clone(),
            };
            *self.guessed.entry(guessed.to_string()).or_default() += 1;
        }
        let body = serde_json::from_slice::<Value>(&payload.bytes).ok();
        let alone = items.len() == 1;
        for item in items {
            match item {
                Item::Control { .. } => self.controls += 1,
                Item::Alert(alert) => {
                    let whole = body.as_ref().filter(|_| alone).unwrap_or(&alert.raw);
                    self.alert(finder, &payload.name, &alert, whole);
                }
            }
        }
    }

    fn alert(&mut self, finder: &Finder, name: &str, alert: &Alert, payload: &Value) {
        self.alerts += 1;
        if let Reading::Unreadable { cause } = &alert.reading {
            self.unreadable += 1;
            self.missed.push(format!("{name}: unreadable: {cause}"));
            return;
        }
        self.facets += usize::from(!alert.facets.is_empty());
        let found = finder.parts(payload);
        for part in Part::ALL {
            let place = found.iter().find(|(other, _)| *other == part);
            let counts = self.parts.entry(part).or_default();
            match (has(alert, part), place) {
                (true, _) => counts[0] += 1,
                (false, None) => counts[1] += 1,
                (false, Some((_, place))) => {
                    counts[2] += 1;
                    self.missed
                        .push(format!("{name}: {} missed, perhaps {place}", part.word()));
                }
            }
        }
        let shapes = finder.shapes(payload);
        let listed = |shape: &&String| {
            alert
                .entities
                .iter()
                .any(|entity| entity.value.eq_ignore_ascii_case(shape))
        };
        self.shapes[0] += shapes.len();
        self.shapes[1] += shapes.iter().filter(listed).count();
    }

    fn print(&self, format: &str, source: Option<&str>) {
        let guessed: Vec<String> = self
            .guessed
            .iter()
            .map(|(source, count)| format!("{source} {count}"))
            .collect();
        let mut line = format!(
            "{format:<47} {:<17} {:>3} {:>4} {:>2} {:>2}",
            source.unwrap_or("(generic)"),
            self.payloads,
            self.alerts,
            self.controls,
            self.unreadable
        );
        for part in Part::ALL {
            let [present, absent, missed] = self.parts.get(&part).copied().unwrap_or_default();
            let counts = format!("{present}/{absent}/{missed}");
            write!(line, " {counts:>12}").unwrap();
        }
        println!(
            "{line} {:>7} {:>9}  {}",
            self.facets,
            format!("{}/{}", self.shapes[1], self.shapes[0]),
            guessed.join(", ")
        );
    }
}

#[test]
#[ignore = "needs payloads that are not ours: `just samples DIR`"]
fn the_samples_of_a_folder() {
    let folder = std::env::var_os("TIERONE_SAMPLES");
    let folder = folder.expect("TIERONE_SAMPLES names a folder with one folder a format");
    let folder = Path::new(&folder);
    let (sources, finder) = (shipped(), Finder::new());
    let payloads = folders(folder);
    assert!(
        !payloads.is_empty(),
        "no payloads in `{}`",
        folder.display()
    );
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for payload in &payloads {
        rows.entry(&payload.source)
            .or_default()
            .add(sources, &finder, payload);
    }
    let words: Vec<String> = Part::ALL
        .iter()
        .map(|part| format!("{:>12}", part.word()))
        .collect();
    println!(
        "present / absent in the payload / missed by us; C control messages, U unreadable; shapes: addresses, e-mails and ARNs, listed of all"
    );
    println!(
        "{:<47} {:<17} {:>3} {:>4} {:>2} {:>2} {} {:>7} {:>9}  guessed",
        "format",
        "source",
        "n",
        "made",
        "C",
        "U",
        words.join(" "),
        "facets",
        "shapes"
    );
    for (format, row) in &rows {
        row.print(format, source_of(format, sources));
    }
    totals(&rows, sources);
    let mut named = 0;
    for (format, row) in &rows {
        let has_source = source_of(format, sources).is_some();
        named += if has_source { row.missed.len() } else { 0 };
        for missed in &row.missed {
            println!("{} {missed}", if has_source { "MISSED" } else { "generic" });
        }
    }
    let violations = sameness(sources, &payloads);
    assert_eq!(
        (named, violations),
        (0, 0),
        "missed by named sources, and problems that are the same where they should not be"
    );
}

fn totals(rows: &BTreeMap<&str, Row>, sources: &Sources) {
    for (what, of_named) in [("with a source", true), ("without a source", false)] {
        let rows = rows
            .iter()
            .filter(|(format, _)| source_of(format, sources).is_some() == of_named);
        let mut total = Row::default();
        for (_, row) in rows {
            total.payloads += row.payloads;
            total.alerts += row.alerts;
            total.controls += row.controls;
            total.unreadable += row.unreadable;
            total.facets += row.facets;
            total.shapes = [
                total.shapes[0] + row.shapes[0],
                total.shapes[1] + row.shapes[1],
            ];
            for (part, counts) in &row.parts {
                let sum = total.parts.entry(*part).or_default();
                *sum = [sum[0] + counts[0], sum[1] + counts[1], sum[2] + counts[2]];
            }
        }
        total.print(what, Some(if of_named { "(all)" } else { "(generic)" }));
    }
}

fn sameness(sources: &Sources, payloads: &[Payload]) -> usize {
    let mut sameness = Sameness::default();
    for payload in payloads {
        sameness.look(
            sources,
            source_of(&payload.source, sources),
            &payload.name,
            &payload.bytes,
        );
    }
    println!(
        "sameness, made mechanically: {} alerts fired again, {} hosts, accounts and users changed ({} more are not in the payload as they are)",
        sameness.refired, sameness.renamed, sameness.not_there
    );
    let mut open = 0;
    for violation in &sameness.violations {
        let explained = EXPLAINED.iter().find(|(part, _)| violation.contains(part));
        open += usize::from(explained.is_none());
        println!(
            "{} {violation}{}",
            if explained.is_some() {
                "explained"
            } else {
                "VIOLATION"
            },
            explained.map_or(String::new(), |(_, why)| format!(": {why}"))
        );
    }
    open
}
