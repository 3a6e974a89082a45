//! Alert text is written by attackers: nothing in it may move a cursor, turn text around or hide.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::run::{Folder, Ran, tierone};

/// Control characters of C0 and C1, escape sequences, bidirectional controls, zero width, tags, and what else does not show.
const HOSTILE: [&str; 16] = [
    "\u{1b}[2J\u{1b}[1;31mall clear",
    "\u{1b}]0;title\u{7}",
    "\u{9b}31m",
    "\u{0}\u{8}\u{7f}\u{85}",
    "a\r\nfire    low",
    "\t\u{b}\u{c}",
    "\u{202e}esolc\u{202c}",
    "\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}",
    "a\u{200b}b\u{200c}c\u{200d}d\u{2060}e\u{feff}f",
    "\u{e0049}\u{e0067}\u{e006e}\u{e006f}\u{e0072}\u{e0065}",
    "so\u{ad}ft",
    "\u{2028}\u{2029}",
    "\u{e000}\u{f8ff}",
    "\u{180e}\u{fff9}\u{fffb}",
    "\u{1d173}\u{1bca0}",
    "\u{1b}P\u{1b}\\",
];

/// Whether a byte stream may not have this character: by its own list, not by the program's.
fn acts(character: char) -> bool {
    let hidden = [
        '\u{ad}'..='\u{ad}',
        '\u{61c}'..='\u{61c}',
        '\u{180e}'..='\u{180e}',
        '\u{200b}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{e000}'..='\u{f8ff}',
        '\u{feff}'..='\u{feff}',
        '\u{fff9}'..='\u{fffb}',
        '\u{1bca0}'..='\u{1bca3}',
        '\u{1d173}'..='\u{1d17a}',
        '\u{e0000}'..='\u{e007f}',
    ];
    let shows = character == '\n' || !character.is_control();
    !shows || hidden.iter().any(|range| range.contains(&character))
}

fn clean(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        if let Some(place) = text.chars().position(acts) {
            let before: String = text.chars().take(place + 1).collect();
            let from = before.chars().count().saturating_sub(80);
            let near: String = before.chars().skip(from).collect();
            panic!("{near:?}");
        }
    }
}

/// Alerts with every hostile text in every text that a source reads, and one in a file's name.
fn folder() -> Folder {
    let folder = Folder::new();
    let all = HOSTILE.concat();
    let alert = |text: &str| {
        json!({
            "status": "firing",
            "labels": {
                "alertname": text, "instance": text, "severity": text, text: text, "job": text, "namespace": text
            },
            "annotations": {"summary": text, "description": text, text: text},
            "startsAt": "2026-10-15T02:04:10Z",
            "generatorURL": format!("http://{text}.example.net"),
            "fingerprint": text
        })
    };
    let alerts: Vec<Value> = HOSTILE.iter().map(|text| alert(text)).collect();
    let post = json!({"receiver": all, "status": "firing", "alerts": alerts, "version": "4",
        "groupKey": all, "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": all});
    folder.write("alertmanager/all.json", post.to_string());
    let badge = json!({"system": all, "event_id": all, "event": "door_held_open", "time": "2026-10-15T02:19:36Z",
        "site": {"id": all, "name": all}, "door": {"id": all, "name": all, "direction": all}, "badge": {"id": all},
        "person": {"id": all}, "reason": all, "severity": all, "cleared": false, "note": all});
    folder.write("badge/all.json", badge.to_string());
    let generic = json!({"title": all, "check": all, "priority": all, "description": all, "user": all, "host": all});
    folder.write("generic/all.json", generic.to_string());
    folder.write("generic/\u{1b}[31m\u{202e}\u{200b}.json", "{");
    folder
}

#[test]
fn nothing_that_acts_reaches_the_table_or_the_json() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let table = tierone(["triage", path]);
    clean(&table);
    assert!(
        table.out.contains("\\u{1b}["),
        "written out:\n{}",
        table.out
    );
    let json = tierone(["triage", path, "--json"]);
    clean(&json);
    assert_eq!(json.out.lines().count(), HOSTILE.len() + 3);
    let titles = json.objects();
    let titles = titles
        .iter()
        .map(|object| object["alert"]["title"].as_str());
    let titles: String = titles.flatten().collect();
    assert!(titles.contains("\u{1b}[2J"), "the value itself is kept");
}

#[test]
fn nothing_that_acts_reaches_the_story_or_the_explanation() {
    let folder = folder();
    let store = folder.store("demo");
    let path = folder.path().to_str().unwrap();
    let objects = tierone(["triage", path, "--json", "--store", &store]).objects();
    // The first alert, the badge and the generic alert with every text there is, and the file with such a name.
    let told = [0, HOSTILE.len(), HOSTILE.len() + 1, HOSTILE.len() + 2];
    let ids = told.map(|place| objects[place]["case_id"].clone());
    let mut stories = String::new();
    for id in ids.iter().map(|id| id.as_str().unwrap()) {
        for arguments in [["cases", "show", id], ["policy", "explain", id]] {
            let plain = tierone(arguments.iter().chain(&["--store", &store]));
            clean(&plain);
            let json = tierone(arguments.iter().chain(&["--json", "--store", &store]));
            clean(&json);
            write!(stories, "{}", plain.out).unwrap();
        }
    }
    assert!(stories.contains("\\u{1b}["), "{stories}");
}

#[test]
fn nothing_that_acts_reaches_an_error() {
    // No argument can have a zero byte in it.
    let text = HOSTILE.concat().replace('\0', "");
    let text = text.as_str();
    for json in [&[][..], &["--json"]] {
        let source = ["triage", "eval/demo/alerts", "--source", text];
        clean(&tierone(source.iter().chain(json)));
        clean(&tierone(["triage", text].iter().chain(json)));
        clean(&tierone(["cases", "show", text].iter().chain(json)));
        clean(&tierone(["triage", "x", "--at", text].iter().chain(json)));
        let store = ["triage", "eval/demo/alerts", "--store", text];
        clean(&tierone(store.iter().chain(json)));
    }
}
