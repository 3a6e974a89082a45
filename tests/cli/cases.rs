//! `cases show` and `policy explain` on the cases of a store.

use serde_json::Value;

use super::run::{ALERTS, Folder, texts, tierone};

/// A demo store with one alert of the demo in it, and the id of its case.
fn store_with(file: &str) -> (Folder, String, String) {
    let folder = Folder::new();
    let store = folder.store("demo");
    let path = format!("{ALERTS}/{file}");
    let objects = tierone(["triage", &path, "--json", "--store", &store]).objects();
    let id = objects[0]["case_id"].clone();
    (folder, store, id.as_str().unwrap().to_owned())
}

#[test]
fn a_case_is_told_from_the_alert_to_the_ask() {
    let (_folder, store, id) = store_with("guardduty/ssh-guessing-bastion.json");
    let out = tierone(["cases", "show", &id, "--store", &store]).good();
    for part in [
        id.as_str(),
        "an alert came in",
        "look-alikes",
        "plan: block-ip address=198.51.100.77",
        "the gate said ask on the word of the agent",
        "asked soc until",
        "next: soc answers",
    ] {
        assert!(out.contains(part), "{part}:\n{out}");
    }
}

#[test]
fn a_case_in_json_is_its_events_in_order() {
    let (_folder, store, id) = store_with("guardduty/ssh-guessing-bastion.json");
    let events = tierone(["cases", "show", &id, "--json", "--store", &store]).objects();
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["body"]["kind"].as_str().unwrap())
        .collect();
    let expected = [
        "received",
        "retrieved",
        "planned",
        "drafted",
        "decided",
        "asked",
    ];
    assert_eq!(kinds, expected);
    for (number, event) in (1..).zip(&events) {
        assert_eq!(event["number"], number);
        assert_eq!(event["case"], id.as_str());
    }
}

#[test]
fn a_question_is_answered_from_the_record_with_citations_and_changes_nothing() {
    let (_folder, store, id) = store_with("alertmanager/reboot-critical-database.json");
    let before = tierone(["cases", "show", &id, "--json", "--store", &store]).good();
    let question = [
        "cases",
        "question",
        &id,
        "why not automatic?",
        "--store",
        &store,
    ];
    let out = tierone(question).good();
    for part in [
        "the gate said ask",
        "held by target.critical",
        "rests on #5, P2",
        "answered by record",
    ] {
        assert!(out.contains(part), "{part}:\n{out}");
    }
    let answer = &tierone(question.into_iter().chain(["--json"])).objects()[0];
    assert_eq!(
        (&answer["by"], &answer["citations"]),
        (&"record".into(), &serde_json::json!(["#5", "P2"]))
    );
    let after = tierone(["cases", "show", &id, "--json", "--store", &store]).good();
    assert_eq!(before, after);
    let wordless = tierone(["cases", "question", &id, "  ", "--store", &store]);
    assert_eq!(wordless.code, 2, "{}", wordless.err);
}

#[test]
fn a_decision_is_explained_code_by_code() {
    let (_folder, store, id) = store_with("alertmanager/reboot-critical-database.json");
    let out = tierone(["policy", "explain", &id, "--store", &store]).good();
    assert!(out.starts_with("decision 5: ask, and ask once"), "{out}");
    let lines = |word: &str| out.lines().filter(|line| line.starts_with(word)).count();
    assert_eq!(lines("holds") + lines("FAILS"), 38);
    assert!(out.contains("FAILS target.critical"), "{out}");
    assert!(out.contains("the running one"), "{out}");
    let ran = tierone(["policy", "explain", &id, "--json", "--store", &store]);
    let decision: Value = serde_json::from_str(&ran.good()).unwrap();
    assert_eq!(texts(&decision["held_by"]), ["target.critical"]);
    assert_eq!(decision["verdict"]["quorum"], 2);
    assert_eq!(decision["principal"], "agent");
}

#[test]
fn what_was_never_decided_says_so() {
    let (_folder, store, id) = store_with("badge/plant-room-cleared.json");
    let out = tierone(["policy", "explain", &id, "--store", &store]).good();
    assert!(out.contains("was not decided: it is quiet"), "{out}");
    let ran = tierone(["policy", "explain", &id, "--json", "--store", &store]);
    assert_eq!(ran.good(), "null\n");
    let out = tierone(["cases", "show", &id, "--store", &store]).good();
    assert!(
        out.contains("next: nothing, until something happens"),
        "{out}"
    );
}

#[test]
fn another_tenant_does_not_see_the_case() {
    let (_folder, store, id) = store_with("guardduty/ssh-guessing-bastion.json");
    for command in [["cases", "show"], ["policy", "explain"]] {
        let arguments = command.into_iter().chain([id.as_str()]);
        let ran = tierone(arguments.chain(["--store", &store, "--tenant", "globex"]));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains("no case"), "{}", ran.err);
    }
}
