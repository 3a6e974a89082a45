//! The contract of `triage --json`: its keys, their order, its words.

use std::{collections::BTreeSet, sync::LazyLock};

use serde_json::{Value, json};
use tierone::domain::decision::Code;

use super::{
    ordered::Ordered,
    run::{ALERTS, Folder, Ran, texts, tierone},
};

const KEYS: [&str; 14] = [
    "file",
    "source",
    "alert",
    "case_id",
    "duplicate",
    "disposition",
    "action",
    "effect",
    "would",
    "held_by",
    "reasons",
    "citations",
    "drafter",
    "rationale",
];
const ALERT_KEYS: [&str; 10] = [
    "title",
    "detection_id",
    "severity",
    "raw_severity",
    "occurred_at",
    "status",
    "entities",
    "facets",
    "attack",
    "fingerprint",
];
const ENTITY_KEYS: [&str; 4] = ["kind", "value", "role", "provenance"];
const FACET_KEYS: [&str; 3] = ["key", "value", "set_by"];
const REASON_KEYS: [&str; 4] = ["code", "holds", "observed", "required"];

/// The design's codes, in the order of its table.
const CODES: [&str; 38] = [
    "kill_switch.global",
    "kill_switch.tenant",
    "kill_switch.action",
    "release.attestation",
    "release.stage",
    "catalogue.exists",
    "catalogue.autonomous",
    "catalogue.reversible",
    "catalogue.parameters",
    "catalogue.plan",
    "catalogue.draft",
    "target.tenant",
    "target.never",
    "target.protected",
    "target.critical",
    "target.known",
    "injection.signs",
    "precedents.complete",
    "precedents.days",
    "precedents.clusters",
    "precedents.agree",
    "precedents.oldest",
    "precedents.fresh",
    "precedents.quarantine",
    "risk.level",
    "risk.calibration",
    "budget.action",
    "budget.target",
    "budget.tenant",
    "budget.settle",
    "breaker.class",
    "completeness.readable",
    "completeness.fields",
    "completeness.times",
    "completeness.replay",
    "completeness.origin",
    "residency.endpoints",
    "site_policy.allow",
];

/// The demo, and files that cannot be read, something unknown, and a live store twice.
static RUNS: LazyLock<Vec<Ran>> = LazyLock::new(|| {
    let odd = Folder::new();
    odd.write("guardduty/not-json.json", "{");
    odd.write("nothing-known.json", "{\"x\": [1, null, {\"y\": 2.5}]}");
    odd.write("empty.json", "");
    odd.write("list.json", "[]");
    let live = Folder::new();
    let store = live.store("sqlite");
    let at = "2026-10-15T03:00:00Z";
    vec![
        tierone(["triage", ALERTS, "--json"]),
        tierone(["triage", odd.path().to_str().unwrap(), "--json"]),
        tierone(["triage", ALERTS, "--json", "--store", &store, "--at", at]),
        tierone(["triage", ALERTS, "--json", "--store", &store, "--at", at]),
    ]
});

#[test]
fn every_key_is_always_there_in_one_order() {
    for ran in RUNS.iter() {
        assert!(ran.out.lines().count() > 3);
        for line in ran.out.lines() {
            let object: Ordered = serde_json::from_str(line).unwrap();
            assert_eq!(object.keys(), KEYS);
            let alert = object.member("alert");
            assert_eq!(alert.keys(), ALERT_KEYS);
            for (list, keys) in [("entities", &ENTITY_KEYS[..]), ("facets", &FACET_KEYS)] {
                for item in alert.member(list).items() {
                    assert_eq!(item.keys(), keys);
                }
            }
            for reason in object.member("reasons").items() {
                assert_eq!(reason.keys(), REASON_KEYS);
            }
            if let action @ Ordered::Members(_) = object.member("action") {
                assert_eq!(action.keys(), ["id", "parameters"]);
            }
        }
    }
}

#[test]
fn every_word_is_one_of_the_designs() {
    let mut seen = BTreeSet::new();
    for object in RUNS.iter().flat_map(Ran::objects) {
        let alert = &object["alert"];
        for (value, words) in [
            (
                &alert["severity"],
                &["informational", "low", "medium", "high", "critical"][..],
            ),
            (&alert["status"], &["firing", "resolved"]),
            (
                &object["disposition"],
                &[
                    "true_positive",
                    "benign_positive",
                    "false_positive",
                    "undetermined",
                ],
            ),
            (&object["effect"], &["fire", "ask", "refuse", "none"]),
            (&object["would"], &["fire", "ask", "refuse", "none"]),
            (&object["drafter"], &["plan", "precedents"]),
        ] {
            let known = value.as_str().is_some_and(|word| words.contains(&word));
            assert!(known || value.is_null(), "{value}");
            seen.insert(value.to_string());
        }
        for entity in alert["entities"].as_array().unwrap() {
            assert!(["field", "text"].contains(&entity["provenance"].as_str().unwrap()));
        }
        for facet in alert["facets"].as_array().unwrap() {
            assert!(["environment", "actor"].contains(&facet["set_by"].as_str().unwrap()));
        }
        assert!(object["duplicate"].is_boolean());
        assert!(object["alert"]["title"].is_string());
        for (value, length) in [(&object["case_id"], 36), (&alert["fingerprint"], 64)] {
            assert_eq!(value.as_str().unwrap().len(), length);
        }
        let at = alert["occurred_at"].as_str();
        assert!(at.is_none_or(|at| at.parse::<jiff::Timestamp>().is_ok()));
    }
    for word in [
        "fire",
        "ask",
        "refuse",
        "none",
        "resolved",
        "benign_positive",
        "precedents",
    ] {
        assert!(
            seen.contains(&format!("\"{word}\"")),
            "{word} was never said"
        );
    }
}

#[test]
fn reasons_are_all_38_codes_in_the_gates_order() {
    let known: Vec<&str> = Code::ALL.iter().map(|code| code.text()).collect();
    assert_eq!(known, CODES);
    for object in RUNS.iter().flat_map(Ran::objects) {
        let codes: Vec<&str> = reasons(&object).map(|(code, _)| code).collect();
        assert_eq!(codes, CODES);
    }
}

fn reasons(object: &Value) -> impl Iterator<Item = (&str, bool)> {
    let reasons = object["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| {
        let code = reason["code"].as_str().unwrap();
        (code, reason["holds"].as_bool().unwrap())
    })
}

#[test]
fn held_by_is_what_fails_but_for_the_release_and_empty_exactly_when_it_would_fire() {
    for object in RUNS.iter().flat_map(Ran::objects) {
        let failing: Vec<&str> = reasons(&object)
            .filter(|(code, holds)| !holds && !code.starts_with("release."))
            .map(|(code, _)| code)
            .collect();
        let held_by = texts(&object["held_by"]);
        assert_eq!(held_by, failing);
        assert_eq!(held_by.is_empty(), object["would"] == "fire", "{object}");
        assert_ne!(object["effect"], "fire", "nothing is attested");
    }
}

#[test]
fn a_refused_alert_says_which_refusing_code_fails() {
    const REFUSING: [&str; 4] = [
        "catalogue.exists",
        "catalogue.parameters",
        "target.tenant",
        "target.never",
    ];
    for object in RUNS.iter().flat_map(Ran::objects) {
        let held_by = texts(&object["held_by"]);
        let refused = held_by.iter().any(|code| REFUSING.contains(code));
        assert_eq!(refused, object["would"] == "refuse", "{object}");
    }
}

#[test]
fn objects_are_ordered_by_path_and_then_by_place_in_the_file() {
    let objects = RUNS[0].objects();
    let files: Vec<&str> = objects
        .iter()
        .map(|object| object["file"].as_str().unwrap())
        .collect();
    assert!(files.is_sorted());
    let night = "eval/demo/alerts/badge/night-shift.json";
    let of_night: Vec<&str> = objects
        .iter()
        .filter(|object| object["file"] == night)
        .map(|object| object["alert"]["title"].as_str().unwrap())
        .collect();
    let sent = std::fs::read_to_string(night).unwrap();
    let sent: Value = serde_json::from_str(&sent).unwrap();
    let doors: Vec<&str> = sent["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["door"]["name"].as_str().unwrap())
        .collect();
    assert!(doors.len() > 1);
    assert_eq!(of_night.len(), doors.len());
    for (title, door) in of_night.iter().zip(doors) {
        assert!(title.ends_with(door), "{title}: {door}");
    }
}

#[test]
fn a_control_message_is_an_object_of_its_own() {
    let folder = Folder::new();
    let topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
    let message = json!({"Type": "SubscriptionConfirmation", "MessageId": "m-1", "TopicArn": topic, "Token": "t",
        "Message": "You have chosen to subscribe", "SubscribeURL": "https://sns.example.com/confirm",
        "Timestamp": "2026-10-15T02:00:00Z", "SignatureVersion": "1", "Signature": "s", "SigningCertURL": "https://x"});
    let path = folder.write("guardduty/confirm.json", message.to_string());
    let ran = tierone(["triage", &path, "--json"]);
    let line: Ordered = serde_json::from_str(ran.out.trim_end()).unwrap();
    assert_eq!(line.keys(), ["file", "source", "control"]);
    let object: Value = serde_json::from_str(&ran.good()).unwrap();
    assert_eq!(object["source"], "guardduty");
    assert_eq!(object["control"], "subscription_confirmation");
    assert!(tierone(["triage", &path]).good().contains("control"));
}

#[test]
fn one_alert_of_each_effect_reads_like_this() {
    let objects = RUNS[0].objects();
    for (name, ending) in [
        ("fire", "guardduty/ssh-guessing-bastion.json"),
        ("ask", "badge/near-miss-b-badge-revoked.json"),
        ("refuse", "guardduty/ssh-from-our-own-gateway.json"),
        ("none", "badge/plant-room-cleared.json"),
    ] {
        let of_file = |object: &&Value| object["file"].as_str().unwrap().ends_with(ending);
        let object = objects.iter().find(of_file).unwrap();
        assert_eq!(object["would"], name);
        insta::assert_snapshot!(name, serde_json::to_string_pretty(object).unwrap());
    }
}
