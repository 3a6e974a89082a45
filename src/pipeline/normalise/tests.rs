//! What holds for every source and any payload, and the walk over the fixtures of the shipped sources.

use std::{fs, path::Path};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    alert::{Reading, Status},
    entity::Provenance,
    severity::Severity,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn intake(bytes: &[u8], source: Asked) -> Intake<'_> {
    Intake {
        tenant: TenantId::new("default"),
        name: "post.json".into(),
        bytes,
        source,
        received_at: "2026-11-24T05:00:00Z".parse().unwrap(),
    }
}

fn named(id: &str) -> Asked {
    Asked::Source {
        id: SourceId::new(id),
        origin: Origin::Named,
    }
}

fn alerts(items: Vec<Item>) -> Vec<Alert> {
    items
        .into_iter()
        .map(|item| match item {
            Item::Alert(alert) => alert,
            Item::Control { .. } => panic!("{item:?}"),
        })
        .collect()
}

/// A source that hands on what the payload has.
const PLAIN: &str = "
    def recognises: type == \"object\" and has(\"plain\");
    def alerts: if type == \"object\" then .plain else error(\"no object\") end
      | if type == \"array\" then .[] else . end;";
const GENERIC_TEXT: &str =
    "def recognises: true; def alerts: {title: \"generic\", status: \"firing\"};";

fn plain() -> Sources {
    Sources::compile([("plain.jq", PLAIN), ("sources/generic.jq", GENERIC_TEXT)]).unwrap()
}

fn read(body: &Value) -> Vec<Alert> {
    alerts(normalise(
        &plain(),
        &intake(body.to_string().as_bytes(), named("plain")),
    ))
}

fn cause(alert: &Alert) -> &str {
    match &alert.reading {
        Reading::Unreadable { cause } => cause,
        Reading::Whole | Reading::Partial { .. } => panic!("{alert:?}"),
    }
}

fn refused(text: &str) -> String {
    match Sources::compile([("bad.jq", text)]) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("accepted: {text}"),
    }
}

#[test]
fn a_file_that_may_not_end_or_that_reaches_out_is_refused_at_its_place() {
    let rest = "\ndef recognises: true; def alerts: .;";
    for (text, place, why) in [
        ("def f: f;", "1:8", "may not call itself"),
        ("# loop\ndef f: 1 | f;", "2:12", "may not call itself"),
        ("def f: def g: f; g;", "1:15", "may not call itself"),
        ("def f(g): g;\ndef h: f(h);", "2:10", "may not call itself"),
        ("def map(f): map(f);", "1:13", "may not call itself"),
        ("def f: {a: [\"\\(f)\"]};", "1:16", "may not call itself"),
        (
            "def f: . as [$a, {(f): $b}] | $a;",
            "1:20",
            "may not call itself",
        ),
        ("def f: .[f];", "1:10", "may not call itself"),
        ("def f: last(repeat(1));", "1:13", "may not loop"),
        ("def f: [range(1000000000)];", "1:9", "may not loop"),
        ("def f: [limit(1; .)];", "1:9", "may not loop"),
        ("def f: [recurse];", "1:9", "may not loop"),
        ("def f: [while(true; .)];", "1:9", "may not loop"),
        ("def f: [until(false; .)];", "1:9", "may not loop"),
        ("def f: [..];", "1:9", "may not loop"),
        ("def f: [.[] | \"\\(..)\"];", "1:18", "may not loop"),
        ("def f: [combinations];", "1:9", "may not loop"),
        ("def f: \"a\" * 1000000000;", "1:12", "repeat a string"),
        ("def f: .a *= 2;", "1:11", "repeat a string"),
        ("def f: env;", "1:8", "outside of its payload"),
        ("def f: $ENV.HOME;", "1:8", "outside of its payload"),
        ("def f: now;", "1:8", "outside of its payload"),
        ("def f: input;", "1:8", "outside of its payload"),
        ("def f: halt;", "1:8", "outside of its payload"),
        ("def f: debug;", "1:8", "outside of its payload"),
        ("def f: test(\"x\");", "1:8", "regular expressions"),
        ("def f: gsub(\"x\"; \"y\");", "1:8", "regular expressions"),
        ("def f: split(\"x\"; null);", "1:8", "regular expressions"),
        ("def f: @sh \"x\";", "1:8", "not defined"),
        ("def f: @html;", "1:8", "not defined"),
        ("def f: nosuch;", "1:8", "not defined"),
        ("def f: $nosuch;", "1:8", "not defined"),
        ("def true: false;", "1:5", "means one thing"),
        ("def f: a::b;", "1:8", "not defined"),
        ("import \"x\" as x;", "1:1", "stands alone"),
        ("include \"x\";", "1:1", "stands alone"),
        ("def f: 1", "2:1", "expected"),
        ("def f: [1;", "2:37", "`[` is not closed"),
        ("def f: \"é\" | €;", "1:14", "no jq"),
        ("def f: \"\\x\";", "1:10", "escape"),
    ] {
        let error = refused(&format!("{text}{rest}"));
        assert!(
            error.contains(&format!("`bad.jq:{place}`")),
            "{text}: {error}"
        );
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn a_file_that_does_not_define_both_filters_or_does_more_is_refused() {
    for (text, why) in [
        ("", "`recognises` is not defined"),
        ("def recognises: true;", "`alerts` is not defined"),
        (
            "def recognises: true; def alerts(f): f;",
            "`alerts` is not defined",
        ),
        ("def recognises: true; def alerts: .; .", "definitions only"),
        (
            &format!("def recognises: true; def alerts: {};", "[".repeat(5_000)),
            "brackets",
        ),
    ] {
        let error = refused(text);
        assert!(error.contains(why), "{text}: {error}");
    }
    let twice = Sources::compile([("a/x.jq", PLAIN), ("b/x.jq", PLAIN)]);
    assert!(twice.is_err_and(|error| error.to_string().contains("has this name")));
}

#[test]
fn everything_that_the_language_lists_is_there() {
    let calls = language::every_name().map(|(name, arity)| {
        let args = vec!["."; arity].join("; ");
        if args.is_empty() {
            name.to_owned()
        } else {
            format!("{name}({args})")
        }
    });
    let text = format!(
        "def recognises: [{}]; def alerts: .;",
        calls.collect::<Vec<_>>().join(", ")
    );
    Sources::compile([("all.jq", text)]).unwrap();
}

#[test]
fn an_alert_has_what_its_source_said_and_nothing_else() {
    let body = json!({"plain": {
        "title": " Door forced ",
        "detection_id": "door_forced_open",
        "rule_version": "2",
        "severity": "medium",
        "raw_severity": "5",
        "occurred_at": 1_795_496_266_123_456_789_u64,
        "status": "resolved",
        "entities": [{"kind": "door", "value": "d-1", "role": "target.door", "provenance": "field"}],
        "facets": [{"key": "door", "value": "d-1", "set_by": "environment"}],
        "attack": ["T1110.001", "T1110.001"],
        "occurrence_id": "e-1",
        "about": ["d-1"],
        "owner_hints": ["facilities", null],
        "links": ["https://example.com/e-1"],
        "payload": {"event": 9_007_199_254_740_993_u64},
    }});
    let found = read(&body);
    insta::assert_json_snapshot!(found);
}

#[test]
fn what_is_missing_stays_missing() {
    let found = read(&json!({"plain": {"status": "firing"}}));
    let [alert] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(alert.title, "alert from plain");
    assert_eq!((alert.severity, alert.occurred_at), (None, None));
    assert_eq!(alert.reading, Reading::Whole);
    assert_eq!(alert.occurrence_id.len(), 64);
}

#[test]
fn wrong_types_are_marked_and_left_out() {
    for (key, value) in [
        ("title", json!(1)),
        ("severity", json!("urgent")),
        ("raw_severity", json!(5)),
        ("occurred_at", json!("soon")),
        ("status", json!("open")),
        ("status", json!(null)),
        ("entities", json!({})),
        ("facets", json!("x")),
        ("attack", json!(["phishing"])),
        ("links", json!([1])),
        ("occurrence_id", json!(["x"])),
        ("severty", json!("high")),
    ] {
        let mut alert = json!({"status": "firing"});
        alert[key] = value.clone();
        let found = read(&json!({"plain": alert}));
        let [alert] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert!(
            matches!(alert.reading, Reading::Partial { .. }),
            "{key}: {value}"
        );
        assert_eq!(
            (alert.severity, alert.status),
            (None, Status::Firing),
            "{key}: {value}"
        );
    }
}

#[test]
fn long_texts_are_cut_with_a_mark() {
    let long = "é".repeat(5_000);
    let found = read(
        &json!({"plain": {"status": "firing", "title": long, "raw_severity": long, "occurrence_id": long}}),
    );
    let [alert] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(alert.title.chars().count(), 500);
    assert_eq!(alert.raw_severity.as_ref().map(String::len), Some(4096));
    assert!(alert.occurrence_id.starts_with("sha256:"));
    assert!(
        matches!(&alert.reading, Reading::Partial { marks } if marks.len() == 2),
        "{:?}",
        alert.reading
    );
}

#[test]
fn the_fingerprint_is_what_the_alert_is_about() {
    let fingerprint = |about: Value, extra: u64| {
        read(&json!({"plain": {"status": "firing", "about": about}, "extra": extra}))
            .pop()
            .unwrap()
            .fingerprint
    };
    assert_eq!(
        fingerprint(json!(["a", null]), 1),
        fingerprint(json!(["a", null]), 2)
    );
    assert_ne!(
        fingerprint(json!(["a", null]), 1),
        fingerprint(json!([null, "a"]), 1)
    );
    // An alert that is about nothing is only like itself.
    for nothing in [json!(null), json!([]), json!([null]), json!([""])] {
        assert_eq!(
            fingerprint(nothing.clone(), 1),
            fingerprint(nothing.clone(), 1)
        );
        assert_ne!(fingerprint(nothing.clone(), 1), fingerprint(nothing, 2));
    }
    // Past 2^53 canonical JSON would round these two to one.
    assert_ne!(
        fingerprint(json!([]), 9_007_199_254_740_992),
        fingerprint(json!([]), 9_007_199_254_740_993)
    );
}

#[test]
fn a_problem_that_its_vendor_names_is_one_whatever_else_changes() {
    let fingerprint = |problem: Value, detection: &str| {
        let plain = json!({"status": "firing", "detection_id": detection, "about": [detection], "problem": problem});
        read(&json!({"plain": plain})).pop().unwrap().fingerprint
    };
    assert_eq!(
        fingerprint(json!("p-1"), "fired"),
        fingerprint(json!("p-1"), "updated")
    );
    assert_ne!(
        fingerprint(json!("p-1"), "fired"),
        fingerprint(json!("p-2"), "fired")
    );
    for none in [json!(null), json!(" ")] {
        assert_ne!(
            fingerprint(none.clone(), "fired"),
            fingerprint(none, "updated")
        );
    }
}

#[test]
fn what_cannot_be_read_is_an_alert_of_severity_high() {
    for (bytes, why) in [
        (&b""[..], "it is empty"),
        (b" \n", "it is empty"),
        (b"door forced", "it is no JSON"),
        (b"12:30 door forced", "it is no JSON"),
        (b"{\"plain\": ", "it is no JSON"),
        (b"\xFF\xFE{\x00", "it is no JSON"),
        (b"{\"plain\": [1]}", "no alert of it"),
        (b"{\"plain\": []}", "made no alert of it"),
        (
            b"{\"plain\": {\"control\": 1}}",
            "control message without a name",
        ),
        (b"[1]", "the source failed: \"no object\""),
        (
            "[".repeat(200_000).as_bytes(),
            "it is no JSON: recursion limit",
        ),
        ("{\"plain\":".repeat(127).as_bytes(), "it is no JSON"),
    ] {
        let found = alerts(normalise(&plain(), &intake(bytes, named("plain"))));
        let [alert] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert!(cause(alert).contains(why), "{why}: {}", cause(alert));
        assert_eq!(
            (alert.title.as_str(), alert.severity),
            ("post.json", Some(Severity::High))
        );
        assert!(alert.raw.is_object() || alert.raw.is_array() || alert.raw.is_string());
    }
    let large = vec![b' '; caps::PAYLOAD_MAX_BYTES + 1];
    let found = alerts(normalise(&plain(), &intake(&large, Asked::Auto)));
    assert!(cause(found.first().unwrap()).contains("larger than"));
    let found = alerts(normalise(&plain(), &intake(b"{}", named("nosuch"))));
    assert_eq!(cause(found.first().unwrap()), "there is no source `nosuch`");
}

#[test]
fn what_a_source_made_before_it_failed_is_kept() {
    let text = "def recognises: true; def alerts: {status: \"firing\"}, error({deep: .});";
    let sources = Sources::compile([("half.jq", text)]).unwrap();
    let found = alerts(normalise(&sources, &intake(b"{\"a\":1}", named("half"))));
    assert_eq!(found.len(), 2);
    assert_eq!(
        cause(found.last().unwrap()),
        "the source failed: {\"deep\":{\"a\":1}}"
    );
}

#[test]
fn a_body_of_several_documents_is_that_many_payloads() {
    let one = r#"{"plain":{"status":"firing"}}"#;
    for (body, readable, broken) in [
        (format!("{one}\n{one}\r\n\n{one}\n"), 3, 0),
        (format!("\u{feff}{one}{one}"), 2, 0),
        (format!("{one}\n{{\"plain\": \n{one}"), 2, 1),
        (format!("[{one},{one}]"), 2, 0),
        (format!("[{one},7]"), 1, 1),
        (format!("[{one}]\n{one}"), 2, 0),
    ] {
        let found = alerts(normalise(
            &plain(),
            &intake(body.as_bytes(), named("plain")),
        ));
        let whole = found
            .iter()
            .filter(|alert| alert.reading == Reading::Whole)
            .count();
        assert_eq!((whole, found.len() - whole), (readable, broken), "{body}");
    }
}

#[test]
fn the_source_is_guessed_by_shape_and_generic_comes_last() {
    let other =
        "def recognises: .plain == 1 or .both; def alerts: {title: \"other\", status: \"firing\"};";
    let files = [
        ("plain.jq", PLAIN),
        ("generic.jq", GENERIC_TEXT),
        ("other.jq", other),
    ];
    let sources = Sources::compile(files).unwrap();
    for (body, source, marks) in [
        (r#"{"plain": {"status": "firing"}}"#, "plain", 0),
        (r#"{"both": true}"#, "other", 0),
        (
            r#"{"both": true, "plain": {"status": "firing"}}"#,
            "other",
            1,
        ),
        (r#"{"else": 1}"#, "generic", 0),
        ("7", "generic", 0),
        (r#"[{"else": 1}]"#, "generic", 0),
        (r#"[{"both": true}]"#, "other", 0),
    ] {
        let found = alerts(normalise(&sources, &intake(body.as_bytes(), Asked::Auto)));
        let [alert] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            (alert.source.as_str(), &alert.origin),
            (source, &Origin::Guessed),
            "{body}"
        );
        let found = match &alert.reading {
            Reading::Partial { marks } => marks.len(),
            Reading::Whole => 0,
            Reading::Unreadable { cause } => panic!("{body}: {cause}"),
        };
        assert_eq!(found, marks, "{body}");
    }
}

#[test]
fn a_control_message_is_no_alert() {
    let items = normalise(
        &plain(),
        &intake(br#"{"plain": {"control": "hello"}}"#, named("plain")),
    );
    let expected = Item::Control {
        source: SourceId::new("plain"),
        control: "hello".into(),
    };
    assert_eq!(items, [expected]);
}

#[test]
fn a_post_of_too_many_alerts_says_that_there_were_more() {
    let one = json!({"status": "firing", "payload": 1});
    let body = json!({"plain": vec![one.clone(); caps::ITEMS_MAX]});
    assert_eq!(read(&body).len(), caps::ITEMS_MAX);
    for body in [
        json!({"plain": vec![one.clone(); caps::ITEMS_MAX + 5]}),
        Value::Array(vec![json!({"plain": one}); caps::ITEMS_MAX + 5]),
    ] {
        let found = read(&body);
        assert_eq!(found.len(), caps::ITEMS_MAX + 1);
        assert!(cause(found.last().unwrap()).contains("more than 10000 alerts"));
    }
}

#[test]
fn raw_parts_that_are_too_large_together_are_left_out_but_named_apart() {
    let text = "def recognises: true; def alerts: .list[] as $_ | {status: \"firing\"};";
    let sources = Sources::compile([("wide.jq", text)]).unwrap();
    let body = json!({"list": vec![0; 200], "wide": "x".repeat(1024 * 1024)}).to_string();
    let found = alerts(normalise(&sources, &intake(body.as_bytes(), named("wide"))));
    assert_eq!(found.len(), 200);
    let left_out: Vec<_> = found.iter().filter(|alert| alert.raw.is_string()).collect();
    assert!(left_out.len() > 30 && left_out.iter().all(|alert| alert.reading != Reading::Whole));
    let names: std::collections::BTreeSet<_> =
        left_out.iter().map(|alert| alert.fingerprint).collect();
    assert_eq!(names.len(), left_out.len());
}

#[test]
fn what_is_found_in_text_is_listed_once_and_is_only_text() {
    let text = r#"def recognises: true; def alerts: {status: "firing", entities: [
        {found_in: [.text, {more: .more}], side: "related"},
        {kind: "ip", value: "192.0.2.1", role: "source.ip", provenance: "field"}]};"#;
    let sources = Sources::compile([("prose.jq", text)]).unwrap();
    let body = json!({"text": "192[.]0[.]2[.]1 asked for a.example.org", "more": "and 192.0.2.2"});
    let body = body.to_string();
    let found = alerts(normalise(
        &sources,
        &intake(body.as_bytes(), named("prose")),
    ));
    let entities = found.first().unwrap().entities.iter();
    let entities: Vec<_> = entities
        .map(|entity| {
            (
                entity.role.as_str(),
                entity.value.as_str(),
                entity.provenance,
            )
        })
        .collect();
    let expected = [
        ("source.ip", "192.0.2.1", Provenance::Field),
        ("related.domain", "a.example.org", Provenance::Text),
        ("related.ip", "192.0.2.2", Provenance::Text),
    ];
    assert_eq!(entities, expected);
}

#[test]
fn an_alert_comes_back_from_the_store_however_deep_its_payload_is() {
    for depth in 100..=126 {
        let deep = "[".repeat(depth) + &"]".repeat(depth);
        let body = format!(r#"{{"plain": {{"status": "firing"}}, "deep": {deep}}}"#);
        let found = alerts(normalise(
            &plain(),
            &intake(body.as_bytes(), named("plain")),
        ));
        let [alert] = found.as_slice() else {
            panic!("{found:?}")
        };
        let stored = crate::domain::canonical::to_bytes(alert).unwrap();
        assert_eq!(serde_json::from_slice::<Alert>(&stored).unwrap(), *alert);
        let whole = alert.reading == Reading::Whole;
        assert_eq!(
            whole,
            alert.raw.is_object(),
            "left out with a mark: {depth}"
        );
        assert_eq!(whole, depth < caps::OUTPUT_MAX_DEPTH);
    }
}

#[test]
fn loops_within_loops_over_a_large_payload_run_out_of_steps() {
    let body = Value::from(vec![1; 2_000]).to_string();
    let doubled = format!("[{}]", vec!["(1, 2)"; 40].join(" | "));
    for loops in [
        "[.[] as $a | .[] as $b | .[] as $c | try ($a | not) catch 1]",
        "[.[] + .[] + .[]]",
        "[{a: .[], b: .[], c: .[]}]",
        ". as $x | [any(.[]; $x | any(.[]; $x | any(.[]; false)))]",
        ". as $x | map($x | map($x | map(1)))",
        "reduce .[] as $a (.; [reduce .[] as $b (.; [reduce .[] as $c (.; .)[]])[]])",
        &doubled,
    ] {
        let text = format!("def recognises: true; def alerts: {loops} | length;");
        let sources = Sources::compile([("slow.jq", text)]).unwrap();
        let found = alerts(normalise(&sources, &intake(body.as_bytes(), named("slow"))));
        assert_eq!(
            cause(found.last().unwrap()),
            "the source took too many steps",
            "{loops}"
        );
    }
}

#[test]
fn names_with_dots_are_paths_but_for_those_that_are_kept() {
    let text = r#"
        def recognises: true;
        def alerts: {status: "firing", title: (nested(["k."]) | del(.["a.b", "a.c", "x.y", "k.z"]) | tojson), rule_version: (below("a.") | tojson)};"#;
    let sources = Sources::compile([("dots.jq", text)]).unwrap();
    let said = |body: &Value| {
        let mut found = alerts(normalise(
            &sources,
            &intake(body.to_string().as_bytes(), named("dots")),
        ));
        found.pop().unwrap()
    };
    let alert =
        said(&json!({"a": {"d": 0}, "a.b": 1, "a.c": [2], "k.z": 3, "x": "no object", "x.y": 4}));
    assert_eq!(
        serde_json::from_str::<Value>(&alert.title).unwrap(),
        json!({"a": {"b": 1, "c": [2], "d": 0}, "x": "no object"})
    );
    assert_eq!(alert.rule_version.as_deref(), Some(r#"{"b":1,"c":[2]}"#));
    let many: serde_json::Map<_, _> = (0..5_000).map(|n| (format!("f{n}.a"), json!(n))).collect();
    assert_eq!(
        cause(&said(&many.into())),
        "the source failed: \"it has too many fields with dots in their names\""
    );
    let deep = format!("f{}", ".a".repeat(100_000));
    assert!(
        said(&json!({ deep.as_str(): 1 }))
            .title
            .starts_with("{\"f.a.a.a")
    );
}

#[test]
fn a_table_means_the_same_as_if_it_were_made_at_each_use() {
    let text = r#"
        def words: {a: "1", "b\n": [true, null, {c: -1}], d: [], e: {}};
        def recognises: true;
        def alerts: {status: "firing", title: ([words, ["x", 1.50, (2, 3)], {f: .} | tojson] | join(" "))}
          | .attack = [{T: "T1110"}["T"]];"#;
    let sources = Sources::compile([("table.jq", text)]).unwrap();
    let found = alerts(normalise(&sources, &intake(b"7", named("table"))));
    let expected = r#"{"a":"1","b\n":[true,null,{"c":-1}],"d":[],"e":{}} ["x",1.50,2,3] {"f":7}"#;
    assert_eq!(found.first().unwrap().title, expected);
    assert_eq!(found.first().unwrap().attack, ["T1110"]);
}

#[test]
fn odd_numbers_and_deep_text_end_no_process() {
    let text = "
        def recognises: (.n | length) > 0;
        def alerts: (.n | length, -., . % -1, . - 1, tostring, tojson, floor, abs, [., 0.5] | tojson),
          (.text | fromjson? // \"none\"), (.text | tonumber? // \"none\") | {status: \"firing\", title: tostring};";
    let sources = Sources::compile([("odd.jq", text)]).unwrap();
    for number in [
        "-9223372036854775808",
        "18446744073709551615",
        "1e308",
        "-0.0",
        "0",
    ] {
        let deep = "[".repeat(100_000);
        let body = format!(r#"{{"n": {number}, "text": "{deep}"}}"#);
        assert!(!normalise(&sources, &intake(body.as_bytes(), named("odd"))).is_empty());
    }
}

/// The files below `folder` with this ending, in order.
fn files(folder: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let each = paths.into_iter().flat_map(|path| {
        if path.is_dir() {
            files(&path, ending)
        } else {
            vec![path]
        }
    });
    each.filter(|path| path.to_string_lossy().ends_with(ending))
        .collect()
}

fn shipped() -> Sources {
    let files = files(&Path::new(ROOT).join("sources"), ".jq");
    let texts = files
        .iter()
        .map(|path| (path.to_string_lossy(), fs::read_to_string(path).unwrap()));
    Sources::compile(texts).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_fixture_of_a_source_is_read_as_it_was() {
    let sources = shipped();
    let folder = Path::new(ROOT).join("tests/fixtures/sources");
    for id in sources.names() {
        for path in files(&folder.join(id.as_str()), ".json") {
            let bytes = fs::read(&path).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let intake = Intake {
                name: name.clone(),
                ..intake(&bytes, named(id.as_str()))
            };
            let items = normalise(&sources, &intake);
            insta::with_settings!({ snapshot_path => path.parent().unwrap(), prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_json_snapshot!(name, summary(&items));
            });
            guessed_alike(&sources, &intake, id);
        }
    }
}

/// What a person checks of `items`: all but what is the same in every fixture, and the raw payload.
fn summary(items: &[Item]) -> Vec<Value> {
    let one = |item: &Item| match item {
        Item::Control { control, .. } => json!({"control": control}),
        Item::Alert(alert) => {
            let mut value = serde_json::to_value(alert).unwrap();
            let same = ["tenant", "source", "origin", "received_at", "raw"];
            let fields = value.as_object_mut().unwrap();
            fields.retain(|key, _| !same.contains(&key.as_str()));
            value
        }
    };
    items.iter().map(one).collect()
}

/// A payload that its own source recognises is guessed to be from there.
fn guessed_alike(sources: &Sources, named: &Intake<'_>, id: &SourceId) {
    let auto = Intake {
        source: Asked::Auto,
        ..named.clone()
    };
    let Ok(body) = serde_json::from_slice::<jaq_json::Val>(named.bytes) else {
        return;
    };
    let source = sources.get(id).unwrap();
    if !source.recognises(&body, named.bytes.len()) {
        return;
    }
    for item in normalise(sources, &auto) {
        let found = match item {
            Item::Alert(alert) => alert.source,
            Item::Control { source, .. } => source,
        };
        assert_eq!(&found, id, "{}", named.name);
    }
}

/// JSON that is likely to meet what the sources look for.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "alerts",
        "labels",
        "version",
        "status",
        "findings",
        "detail",
        "source",
        "service",
        "Type",
        "Message",
        "event",
        "events",
        "data",
        "door",
        "type",
        "severity",
        "id",
        "startsAt",
        "title",
        "alarm",
        "triggers",
        "badge",
        "resource",
        "additionalInfo",
        "action",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(i64::MIN)),
        ".{0,12}".prop_map(Value::from),
        word.clone().prop_map(Value::from),
        prop::sample::select(vec![
            "4",
            "aws.guardduty",
            "GuardDuty Finding",
            "firing",
            "door_forced_open",
            "SubscriptionConfirmation",
            "{\"a\":[1]}",
            "0001-01-01T00:00:00Z",
            "device.alarm.forced",
            "Recon:EC2/PortProbe",
            "T1110",
            "192.0.2.1:22",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 8, move |inner| {
        let key = prop_oneof![word.clone().prop_map(str::to_owned), ".{0,6}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..7)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

#[test]
#[ignore = "prints figures; run with --release"]
fn how_long_a_payload_takes() {
    let sources = shipped();
    for id in sources.names() {
        for path in files(
            &Path::new(ROOT)
                .join("tests/fixtures/sources")
                .join(id.as_str()),
            ".json",
        ) {
            let bytes = fs::read(&path).unwrap();
            for asked in [named(id.as_str()), Asked::Auto] {
                let intake = intake(&bytes, asked.clone());
                let start = std::time::Instant::now();
                let count: usize = (0..200).map(|_| normalise(&sources, &intake).len()).sum();
                println!(
                    "{:?} {} B, {} items, {asked:?}: {:?}",
                    path.file_name(),
                    bytes.len(),
                    count / 200,
                    start.elapsed() / 200
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_into_any_source_makes_at_least_one_item(body in any_json()) {
        thread_local!(static SOURCES: Sources = shipped());
        let bytes = body.to_string().into_bytes();
        SOURCES.with(|sources| {
            let asked = sources.names().map(|id| named(id.as_str())).chain([Asked::Auto]);
            for source in asked {
                let items = normalise(sources, &intake(&bytes, source.clone()));
                assert!(!items.is_empty());
                for item in items {
                    if let Item::Alert(Alert { reading: Reading::Unreadable { cause }, .. }) = item {
                        // `recognises` and `alerts` are total: no payload makes them fail.
                        assert!(!cause.contains("failed") && !cause.contains("number"), "{source:?}: {cause}: {body}");
                    }
                }
            }
        });
    }

    #[test]
    fn any_bytes_make_at_least_one_item(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert!(!normalise(&plain(), &intake(&bytes, Asked::Auto)).is_empty());
    }
}
