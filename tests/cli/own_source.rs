//! A site's own source runs in a process of its own: whatever it does there ends that process, and the payload is a case all the same.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::run::{Folder, Ran, texts, tierone, tierone_reading};

const HEAD: &str = "# A site's own.\ndef recognises: true;\n";
const PAYLOAD: &str = r#"{"event": "door_forced_open", "door": "d-1"}"#;
/// Compares what is small in memory and has 2^60 values.
const COMPUTES: &str = "def d: [., .]; def e: d | d | d | d | d | d | d | d | d | d; def f: e | e | e | e | e | e;
    def alerts: (1 | f) as $x | (1 | f) as $y | {status: \"firing\", title: ($x == $y | tostring)};";

/// Ways to break a reader that the check of source files lets through.
fn breakers() -> Vec<(&'static str, String)> {
    let own = |text: &str| format!("{HEAD}{text}");
    vec![
        ("computes without end", own(COMPUTES)),
        (
            "allocates without end",
            own("def d: . + .; def e: d | d | d | d | d | d | d | d;
                def alerts: \"xxxxxxxx\" | e | e | e | e | e | {status: \"firing\", title: .};"),
        ),
        (
            "nests without end",
            own("def d: [.]; def e: d | d | d | d | d | d | d | d | d | d; def f: e | e | e | e | e | e | e | e | e | e;
                def g: f | f | f | f | f | f | f | f | f | f; def h: g | g | g | g | g | g | g | g | g | g;
                def alerts: 1 | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h | h
                  | {status: \"firing\", title: tojson};"),
        ),
        (
            "writes without end",
            own("def d: . + .; def e: d | d | d | d | d | d | d | d | d | d | d | d | d;
                def alerts: \"\\u0001\" | e | e | {status: \"firing\", title: \"x\", payload: .};"),
        ),
    ]
}

fn unreadable(ran: &Ran) -> String {
    let objects = ran.objects();
    let [object] = objects.as_slice() else {
        panic!("{objects:?} {}", ran.err);
    };
    assert_eq!(ran.code, 1);
    assert_eq!(object["alert"]["severity"], "high");
    assert_eq!(object["source"], "own");
    assert_eq!(object["would"], "ask");
    assert!(texts(&object["held_by"]).contains(&"completeness.readable"));
    observed(object)
}

/// What the gate says of the reading.
fn observed(object: &Value) -> String {
    let reasons = object["reasons"].as_array().unwrap();
    let readable = reasons
        .iter()
        .find(|reason| reason["code"] == "completeness.readable");
    readable.unwrap()["observed"].to_string()
}

#[test]
fn a_source_that_never_ends_ends_its_own_process_only() {
    for (what, source) in breakers() {
        let folder = Folder::new();
        let own = folder.write("own.jq", source);
        let started = Instant::now();
        let ran = tierone_reading(PAYLOAD, ["triage", "-", "--json", "--source", &own]);
        let cause = unreadable(&ran);
        assert!(
            cause.contains("own source did not read it"),
            "{what}: {cause}"
        );
        println!(
            "{what}: {cause} after {:.1} s",
            started.elapsed().as_secs_f64()
        );
        assert!(started.elapsed() < Duration::from_secs(40), "{what}");
    }
}

#[test]
fn a_reader_that_is_killed_loses_nothing() {
    let folder = Folder::new();
    let own = folder.write("own.jq", format!("{HEAD}{COMPUTES}"));
    let payload = folder.write("payload.json", PAYLOAD);
    let program = Command::new(env!("CARGO_BIN_EXE_tierone"))
        .args(["triage", &payload, "--json", "--source", &own])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let child = busy_child(program.id());
    let killed = Command::new("kill")
        .args(["-9", &child.to_string()])
        .status();
    assert!(killed.unwrap().success());
    let output = program.wait_with_output().unwrap();
    let ran = Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    let cause = unreadable(&ran);
    assert!(cause.contains("SIGKILL"), "{cause}");
}

/// The child of `parent` that works for a while: the one before it only compiles.
fn busy_child(parent: u32) -> u32 {
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut last = (0, Instant::now());
    while Instant::now() < deadline {
        let child = child_of(parent).unwrap_or(0);
        if child != last.0 {
            last = (child, Instant::now());
        } else if child != 0 && last.1.elapsed() > Duration::from_secs(1) {
            return child;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no child works");
}

fn child_of(parent: u32) -> Option<u32> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |id: &u32| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        line.is_some_and(|line| line.trim() == parent.to_string())
    };
    ids.into_iter().find(is_child)
}

#[test]
fn a_source_that_cannot_even_be_compiled_is_an_error_of_the_configuration() {
    let folder = Folder::new();
    let deep = folder.write(
        "own.jq",
        format!("{HEAD}def alerts: {}1;", "-".repeat(60_000)),
    );
    let ran = tierone_reading(PAYLOAD, ["triage", "-", "--source", &deep]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(
        ran.err.contains("own sources cannot be compiled"),
        "{}",
        ran.err
    );
}

#[test]
fn a_folder_of_sources_reads_as_those_of_the_build_do() {
    let folder = Folder::new();
    for name in ["badge", "generic", "alertmanager"] {
        let text = fs::read_to_string(format!("sources/{name}.jq")).unwrap();
        folder.write(&format!("sources/{name}.jq"), text);
    }
    let config = folder.write("tierone.toml", "[files]\nsources = \"sources\"\n");
    for path in ["eval/demo/alerts/badge", "eval/demo/alerts/alertmanager"] {
        let own = tierone(["triage", path, "--json", "--config", &config]).objects();
        let built_in = tierone(["triage", path, "--json"]).objects();
        assert!(!own.is_empty());
        let alerts = |objects: &[Value]| -> Vec<Value> {
            objects
                .iter()
                .map(|object| object["alert"].clone())
                .collect()
        };
        assert_eq!(alerts(&own), alerts(&built_in));
    }
    let guessed =
        tierone_reading(PAYLOAD, ["triage", "-", "--json", "--config", &config]).objects();
    assert_eq!(guessed[0]["source"], "generic");
}

#[test]
fn what_reads_says_nothing_to_a_question_that_is_none() {
    for question in [
        "",
        "nonsense\n",
        "{\"sources\":[]}\n",
        "{\"sources\":[],\"task\":\"Dream\"}\n",
    ] {
        let ran = tierone_reading(question, ["read-alert", "--seconds", "5"]);
        assert_eq!(ran.out, "", "{question}");
        assert_ne!(ran.code, 0, "{question}");
    }
    let help = tierone(["--help"]).good();
    assert!(!help.contains("read-alert"), "{help}");
}
