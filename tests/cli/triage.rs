//! `triage` for people, its arguments, and what is not lost when it runs again.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    sync::LazyLock,
};

use serde_json::{Value, json};

use super::run::{ALERTS, Folder, Ran, texts, tierone, tierone_reading};

static DEMO: LazyLock<Ran> = LazyLock::new(|| tierone(["triage", ALERTS, "--json"]));

#[test]
fn the_demo_prints_the_same_twice() {
    let once = tierone(["triage", ALERTS]).good();
    assert_eq!(once, tierone(["triage", ALERTS]).good());
    assert_eq!(DEMO.out, tierone(["triage", ALERTS, "--json"]).good());
}

#[test]
fn the_demo_shows_every_effect_for_different_reasons() {
    let objects = DEMO.objects();
    let count = |would: &str| {
        let same = objects.iter().filter(|object| object["would"] == would);
        same.count()
    };
    assert!(objects.len() >= 20, "{} alerts", objects.len());
    assert!(count("fire") >= 5 && count("ask") >= 5 && count("refuse") >= 1);
    let alone: BTreeSet<&str> = objects
        .iter()
        .filter(|object| object["would"] == "ask")
        .map(|object| texts(&object["held_by"]))
        .filter(|codes| codes.len() == 1)
        .map(|codes| codes[0])
        .collect();
    assert!(alone.len() >= 5, "held by one code alone: {alone:?}");
    let physical = objects.iter().filter(|object| object["source"] == "badge");
    assert!(physical.count() >= 5);
}

#[test]
fn the_table_has_a_row_an_alert_and_near_misses_of_different_detections() {
    let out = tierone(["triage", ALERTS]).good();
    let rows = |word: &str| {
        let start = format!("{word} ");
        out.lines().filter(|line| line.starts_with(&start)).count()
    };
    let objects = DEMO.objects();
    let count = |would: &str| {
        let same = objects.iter().filter(|object| object["would"] == would);
        same.count()
    };
    for would in ["fire", "ask", "refuse", "none"] {
        assert_eq!(rows(would), count(would), "{would}");
    }
    let pairs: Vec<&str> = out.split("Alike, and not the same:").skip(1).collect();
    assert!((2..=3).contains(&pairs.len()), "{} pairs", pairs.len());
    for pair in &pairs {
        let would = pair.lines().find(|line| line.starts_with(" would"));
        assert!(would.unwrap().contains("fire"), "{pair}");
    }
    assert!(out.contains("near-miss-a") && out.contains("near-miss-b"));
    insta::assert_snapshot!("near_misses", pairs.join("\n"));
}

#[test]
fn one_file_can_be_named_and_standard_input_be_read() {
    let path = "eval/demo/alerts/badge/reception-held-open.json";
    let named = tierone(["triage", path, "--json"]);
    let from_folder: Value = serde_json::from_str(&named.good()).unwrap();
    assert_eq!(from_folder["file"], path);
    let bytes = std::fs::read(path).unwrap();
    let piped = tierone_reading(bytes.clone(), ["triage", "-", "--json"]);
    let piped: Value = serde_json::from_str(&piped.good()).unwrap();
    assert_eq!(piped["file"], "-");
    assert_eq!(piped["source"], "badge");
    assert_eq!(piped["alert"], from_folder["alert"]);
    let mut guessed = texts(&from_folder["held_by"]);
    guessed.push("completeness.origin");
    let mut held_by = texts(&piped["held_by"]);
    guessed.sort_unstable();
    held_by.sort_unstable();
    assert_eq!(held_by, guessed, "a guessed source holds it back");
    let told = tierone_reading(bytes, ["triage", "-", "--json", "--source", "badge"]);
    let told: Value = serde_json::from_str(&told.good()).unwrap();
    assert_eq!(told["held_by"], from_folder["held_by"]);
}

#[test]
fn a_jq_file_of_ones_own_is_a_source() {
    let folder = Folder::new();
    let shipped = std::fs::read_to_string("sources/badge.jq").unwrap();
    let own = folder.write("gatekeeper.jq", shipped);
    let path = "eval/demo/alerts/badge/reception-held-open.json";
    let ran = tierone(["triage", path, "--json", "--source", &own]);
    let object: Value = serde_json::from_str(&ran.good()).unwrap();
    assert_eq!(object["source"], "gatekeeper");
    assert_eq!(object["alert"]["detection_id"], "door_held_open");
    assert_eq!(object["would"], "ask", "no precedent is of this source");
}

#[test]
fn the_time_of_receipt_can_be_told() {
    let path = "eval/demo/alerts/guardduty/ssh-guessing-bastion.json";
    let held_by = |at: &str| {
        let ran = tierone(["triage", path, "--json", "--at", at]);
        ran.objects()[0]["held_by"].clone()
    };
    assert_eq!(held_by("2026-10-15T03:00:00Z"), json!([]));
    let late = held_by("2026-10-17T03:00:00Z");
    assert!(texts(&late).contains(&"completeness.times"), "{late}");
    let years_later = held_by("2036-10-15T03:00:00Z");
    assert!(
        texts(&years_later).contains(&"precedents.fresh"),
        "{years_later}"
    );
}

#[test]
fn for_another_tenant_nothing_fires() {
    let objects = tierone(["triage", ALERTS, "--json", "--tenant", "globex"]).objects();
    assert!(objects.len() >= 20);
    for object in objects {
        assert_ne!(object["would"], "fire", "{object}");
        assert_eq!(
            object["citations"],
            json!([]),
            "another tenant's precedents"
        );
    }
}

#[test]
fn a_live_store_without_a_config_asks_about_everything() {
    let folder = Folder::new();
    let store = folder.store("sqlite");
    let ran = tierone(["triage", ALERTS, "--json", "--store", &store]);
    let objects = ran.objects();
    ran.good();
    for object in &objects {
        let would = object["would"].as_str().unwrap();
        assert!(["ask", "none"].contains(&would), "{object}");
        let held_by = texts(&object["held_by"]);
        for code in ["completeness.origin", "catalogue.plan", "precedents.days"] {
            assert!(held_by.contains(&code), "{code}: {held_by:?}");
        }
    }
    assert!(objects.iter().any(|object| object["would"] == "ask"));
}

#[test]
fn a_second_run_joins_every_case_and_loses_nothing() {
    let folder = Folder::new();
    let store = folder.store("demo");
    let run = || tierone(["triage", ALERTS, "--json", "--store", &store]);
    let (first, second) = (run(), run());
    let ids = |ran: &Ran| -> Vec<String> {
        let objects = ran.objects().into_iter();
        objects
            .map(|object| object["case_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&first), ids(&second));
    for object in second.objects() {
        assert_eq!(object["duplicate"], true);
        assert_eq!(object["effect"], "none");
        assert_eq!(object["would"], "none");
        assert!(!texts(&object["held_by"]).is_empty());
    }
    let of = |ids: &[String], id: &String| ids.iter().filter(|other| *other == id).count();
    for id in ids(&first).iter().step_by(7).collect::<BTreeSet<_>>() {
        let events = tierone(["cases", "show", id, "--json", "--store", &store]).objects();
        let alerts = events.iter().filter(|event| {
            ["received", "repeated", "resolved"].contains(&event["body"]["kind"].as_str().unwrap())
        });
        assert_eq!(alerts.count(), 2 * of(&ids(&first), id), "of case {id}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [&["triage", ALERTS, "--json"][..], &["triage", ALERTS]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tierone"))
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut line).unwrap();
        drop(reader);
        let mut err = String::new();
        let mut stderr = child.stderr.take().unwrap();
        stderr.read_to_string(&mut err).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{err}");
        assert_eq!(err, "");
        assert!(!line.is_empty());
    }
}

#[test]
fn a_secret_in_a_payload_is_printed_in_no_way() {
    let folder = Folder::new();
    let payload = r#"{"title": "login of backup with -pHunter2EXAMPLEzz failed", "password": "Hunter2EXAMPLEzz",
        "severity": "high", "message": "mysql -u root -pHunter2EXAMPLEzz shop"}"#;
    let file = folder.write("login.json", payload);
    for more in [
        &[][..],
        &["--json"],
        &["--dry-run"],
        &["--dry-run", "--json"],
    ] {
        let printed = tierone([&["triage", file.as_str()][..], more].concat()).good();
        assert!(printed.contains("login of backup"), "{printed}");
        assert!(!printed.contains("Hunter2EXAMPLE"), "{more:?}: {printed}");
    }
}
