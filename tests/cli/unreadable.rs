//! What cannot be read is an alert of severity high that says so; nothing around it is lost.

use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::run::{Folder, texts, tierone, tierone_reading};

fn good_alert() -> Vec<u8> {
    std::fs::read("eval/demo/alerts/badge/reception-held-open.json").unwrap()
}

fn check(object: &Value, name: &str) {
    assert_eq!(object["alert"]["severity"], "high", "{object}");
    assert!(object["alert"]["title"].as_str().unwrap().ends_with(name));
    assert!(object["file"].as_str().unwrap().ends_with(name));
    assert_eq!(object["would"], "ask");
    assert_eq!(object["action"], Value::Null);
    let held_by = texts(&object["held_by"]);
    assert!(held_by.contains(&"completeness.readable"), "{held_by:?}");
    for key in ["detection_id", "raw_severity", "occurred_at"] {
        assert_eq!(object["alert"][key], Value::Null, "{key}");
    }
    for key in ["entities", "facets", "attack"] {
        assert_eq!(object["alert"][key], json!([]), "{key}");
    }
}

#[test]
fn each_file_that_cannot_be_read_is_one_object() {
    let folder = Folder::new();
    folder.write("badge/fine.json", good_alert());
    folder.write("badge/not-json.json", "{\"event\": ");
    folder.write("badge/not-text.json", [0xff, 0xfe, 0x00, 0x9b]);
    folder.write("badge/empty.json", "");
    folder.write("badge/deep.json", "[".repeat(100_000));
    symlink("nowhere", folder.path().join("badge/dangling.json")).unwrap();
    symlink(folder.path(), folder.path().join("badge/folder.json")).unwrap();
    folder.write("badge/.hidden.json", "{");
    let ran = tierone(["triage", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let objects = ran.objects();
    let names = [
        "dangling.json",
        "deep.json",
        "empty.json",
        "fine.json",
        "folder.json",
        "not-json.json",
        "not-text.json",
    ];
    assert_eq!(objects.len(), names.len());
    for (object, name) in objects.iter().zip(names) {
        if name == "fine.json" {
            assert_eq!(object["alert"]["detection_id"], "door_held_open");
        } else {
            check(object, name);
        }
    }
}

#[test]
fn the_table_says_which_could_not_be_read() {
    let folder = Folder::new();
    folder.write("badge/not-json.json", "{");
    let ran = tierone(["triage", folder.path().to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("not-json.json"), "{}", ran.out);
    let row = ran.out.lines().find(|line| line.starts_with("ask"));
    assert!(row.unwrap().contains("high"), "{}", ran.out);
}

#[test]
fn standard_input_that_is_not_json_is_one_object() {
    let ran = tierone_reading("nonsense", ["triage", "-", "--json"]);
    assert_eq!(ran.code, 1);
    let objects = ran.objects();
    assert_eq!(objects.len(), 1);
    check(&objects[0], "-");
}

#[test]
fn an_unreadable_file_reads_like_this() {
    let ran = tierone_reading("{\"event\": ", ["triage", "-", "--json"]);
    let object: Value = serde_json::from_str(&ran.out).unwrap();
    insta::assert_snapshot!("unreadable", serde_json::to_string_pretty(&object).unwrap());
}
