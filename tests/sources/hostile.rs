//! Hostile payloads through every source and by a guess: each becomes alerts or a control message that can be stored, never nothing.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tierone::domain::alert::Reading;

use super::{Payload, complaint, every_way, fixtures, leaves, read, shipped};

/// What shows nothing, turns text around or acts on a terminal.
const HIDDEN: &str =
    "\u{0}\u{1b}[2J\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}\u{e007f}\u{ad}\u{85}\u{2028}";
const LARGE_BYTES: usize = 20 * 1024 * 1024;
/// Megabytes that any of the payloads here may take, whatever reads them.
const PEAK_MAX_MB: u64 = 1_024;

/// Payloads that are no JSON, or hardly.
fn no_alerts() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |levels: usize| ("[".repeat(levels) + &"]".repeat(levels)).into_bytes();
    let keys = |levels: usize| {
        let (open, close) = ("{\"alert\":".repeat(levels), "}".repeat(levels));
        format!("{open}1{close}").into_bytes()
    };
    let broken = [b"{\"title\":\"".as_slice(), &[0xc3, 0x28, 0x80], b"\"}"].concat();
    let mut payloads = vec![
        ("10,000 deep, open", "[".repeat(10_000).into_bytes()),
        ("10,000 deep", deep(10_000)),
        ("127 deep", deep(127)),
        ("126 deep", deep(126)),
        ("127 objects", keys(127)),
        ("121 objects", keys(121)),
        ("118 objects", keys(118)),
        ("no UTF-8", vec![0xff, 0xfe, b'{', 0, b'}', 0]),
        ("no UTF-8 in a text", broken),
    ];
    let texts = [
        ("empty", ""),
        ("spaces", " \r\n\t "),
        ("byte order mark alone", "\u{feff}"),
        ("not JSON", "door forced at 12:30"),
        ("half a document", "{\"alerts\": [{\"labels\":"),
        ("empty array", "[]"),
        ("array of nothing", "[null,[],{},1,\"x\",true]"),
        ("array of arrays", "[[[{\"title\":\"a\"}]],[[]]]"),
        ("scalar", "7"),
        ("text", "\"alert\""),
        ("no numbers", "{\"severity\": NaN, \"x\": -Infinity}"),
    ];
    payloads.extend(texts.map(|(name, text)| (name, text.as_bytes().to_vec())));
    payloads
}

/// Payloads that may be alerts, of no source.
fn strangers() -> Vec<(&'static str, Vec<u8>)> {
    let mut bombs = String::from("1");
    for _ in 0..8 {
        bombs = json!({ "message": bombs }).to_string();
    }
    let hidden = json!({HIDDEN: HIDDEN, "title": HIDDEN, "host": HIDDEN, "severity": HIDDEN});
    let deep = json!({"message": "[".repeat(20_000), "detail": "{\"a\":".repeat(100)});
    let texts = [
        (
            "NDJSON",
            "{\"title\":\"a\"}\n{\"title\":\"b\"}\n{\"title\":",
        ),
        (
            "one key twice",
            r#"{"title":"a","title":"b","severity":"low","severity":[1]}"#,
        ),
        ("lone surrogates", r#"{"title":"\ud800","host":"\udc00x"}"#),
        (
            "huge numbers",
            r#"{"severity":1e999,"time":-1e308,"id":123456789012345678901234567890}"#,
        ),
        (
            "large numbers",
            r#"{"severity":1e300,"time":-1e308,"id":123456789012345678901234567890}"#,
        ),
        (
            "year 1",
            r#"{"title":"a","time":"0001-01-01T00:00:00Z","startsAt":"-0001-01-01T00:00:00Z"}"#,
        ),
        (
            "next year",
            r#"{"title":"a","time":"2027-11-24T00:00:00Z","timestamp":99999999999999999999}"#,
        ),
    ];
    let mut payloads = vec![
        (
            "a number of 400 digits",
            format!("{{\"time\":{}}}", "9".repeat(400)).into_bytes(),
        ),
        ("hidden characters", hidden.to_string().into_bytes()),
        ("JSON in text in text", bombs.into_bytes()),
        ("deep JSON in text", deep.to_string().into_bytes()),
    ];
    payloads.extend(texts.map(|(name, text)| (name, text.as_bytes().to_vec())));
    payloads
}

/// Payloads that are wide.
fn wide() -> Vec<(&'static str, Vec<u8>)> {
    let one =
        |n: usize| json!({"host": format!("h{n}"), "ip": format!("10.0.{}.{}", n / 250, n % 250)});
    let many: Vec<Value> = (0..10_000).map(one).collect();
    let list = "{},".repeat(100_000) + "{}";
    let values = [
        ("10,000 entities", json!({"title": "a", "hosts": many})),
        ("10,000 alerts", json!({ "alerts": many })),
        (
            "a text of 1 MB",
            json!({"title": "x".repeat(1 << 20), "host": "y".repeat(1 << 20)}),
        ),
        (
            "a text of 1 MB in a row",
            json!({"message": "10.0.0.1.".repeat(1 << 17)}),
        ),
        (
            "a key of 1 MB",
            json!({"k".repeat(1 << 20): 1, "title": "a"}),
        ),
        ("wide JSON in text", json!({"message": format!("[{list}]")})),
    ];
    values
        .map(|(name, value)| (name, value.to_string().into_bytes()))
        .into()
}

/// Payloads of `LARGE_BYTES` or a little less, and one that is too large.
fn large() -> Vec<(&'static str, Vec<u8>)> {
    let room = LARGE_BYTES - 64;
    let alerts = r#"{"title":"a","host":"h","severity":"high"},"#;
    vec![
        (
            "20 MB of one text",
            json!({"title": "x".repeat(room)}).to_string().into_bytes(),
        ),
        (
            "20 MB of objects",
            format!("[{}{{}}]", "{},".repeat(room / 3)).into_bytes(),
        ),
        (
            "20 MB of numbers",
            format!("{{\"alerts\":[{}0]}}", "0,".repeat(room / 2)).into_bytes(),
        ),
        (
            "20 MB of alerts",
            format!(
                "{{\"alerts\":[{}{{}}]}}",
                alerts.repeat(room / alerts.len())
            )
            .into_bytes(),
        ),
        ("20 MB of brackets", "[".repeat(room).into_bytes()),
        ("more than 20 MB", vec![b' '; LARGE_BYTES + 1]),
    ]
}

/// Payloads of `LARGE_BYTES` that are far larger when they are read than they look.
fn swelling() -> Vec<(&'static str, Vec<u8>)> {
    let room = LARGE_BYTES - 64;
    let mut fields = String::new();
    for n in 0..900_000 {
        write!(fields, "\"key{n}\":{{}},").unwrap();
    }
    let json = format!("[{}{{}}]", "{},".repeat(room / 3));
    vec![
        ("20 MB of lines", "{}\n".repeat(room / 3).into_bytes()),
        (
            "20 MB of broken lines",
            format!("{{}}\n{}", "x\n".repeat(room / 2)).into_bytes(),
        ),
        (
            "20 MB of JSON behind a broken line",
            format!("{{}}\n\"\n{json}").into_bytes(),
        ),
        (
            "20 MB of JSON in a text",
            json!({ "message": json, "Message": "[]" })
                .to_string()
                .into_bytes(),
        ),
        (
            "900,000 fields",
            format!("{{{fields}\"title\":\"a\"}}").into_bytes(),
        ),
    ]
}

/// What is put in place of every value of a fixture that it fits.
fn replaced(payload: &Payload) -> Vec<(&'static str, Vec<u8>)> {
    let Ok(body) = serde_json::from_slice::<Value>(&payload.bytes) else {
        return Vec::new();
    };
    let each = |change: &mut dyn FnMut(&str, &mut Value)| {
        let mut body = body.clone();
        leaves::change(&mut body, change);
        body.to_string().into_bytes()
    };
    let text = |with: &str| {
        each(&mut |_, leaf| {
            if leaf.is_string() {
                *leaf = json!(with);
            }
        })
    };
    let mut is_first = true;
    vec![
        (
            "hidden",
            each(&mut |_, leaf| {
                if let Value::String(text) = leaf {
                    text.push_str(HIDDEN);
                }
            }),
        ),
        ("only hidden", text(HIDDEN)),
        ("year 1", text("0001-01-01T00:00:00Z")),
        ("next year", text("2027-12-31T23:59:60Z")),
        ("an empty text", text("")),
        ("a bomb", text(&"{\"a\":[".repeat(500))),
        ("a dot", text(".")),
        ("numbers", each(&mut |_, leaf| *leaf = json!(i64::MIN))),
        (
            "large numbers",
            each(&mut |_, leaf| {
                if leaf.is_number() {
                    *leaf = json!(u64::MAX);
                }
            }),
        ),
        ("nothing", each(&mut |_, leaf| *leaf = Value::Null)),
        (
            "lists",
            each(&mut |_, leaf| *leaf = json!([[leaf.clone()]])),
        ),
        (
            "objects",
            each(&mut |_, leaf| *leaf = json!({"value": leaf.clone()})),
        ),
        (
            "1 MB",
            each(&mut |_, leaf| {
                if leaf.is_string() && std::mem::take(&mut is_first) {
                    *leaf = json!("x".repeat(1 << 20));
                }
            }),
        ),
    ]
}

fn check(
    found: &mut String,
    sources: &tierone::pipeline::normalise::Sources,
    way: Option<&str>,
    name: &str,
    bytes: &[u8],
) {
    if let Some(complaint) = complaint(&read(sources, way, bytes)) {
        writeln!(found, "{name} by {}: {complaint}", way.unwrap_or("auto")).unwrap();
    }
}

#[test]
fn a_payload_of_no_source_is_never_lost() {
    let (sources, mut found) = (shipped(), String::new());
    for (name, bytes) in no_alerts().into_iter().chain(strangers()) {
        for way in every_way(sources) {
            check(&mut found, sources, way.as_deref(), name, &bytes);
        }
    }
    assert!(found.is_empty(), "{found}");
}

/// By a guess only the first payload of each source: all sources look at it then.
#[test]
fn a_payload_with_hostile_values_is_never_lost() {
    let (sources, mut found) = (shipped(), String::new());
    let mut last = String::new();
    for payload in fixtures() {
        let is_first = payload.source != last;
        last.clone_from(&payload.source);
        for (name, bytes) in replaced(&payload) {
            if bytes.len() > 1 << 19 && !is_first {
                continue;
            }
            let name = format!("{} with {name}", payload.name);
            check(&mut found, sources, Some(&payload.source), &name, &bytes);
            if is_first {
                check(&mut found, sources, None, &name, &bytes);
            }
        }
    }
    assert!(found.is_empty(), "{found}");
}

#[test]
fn a_wide_or_large_payload_is_never_lost() {
    let (sources, mut found) = (shipped(), String::new());
    for (name, bytes) in [wide().remove(0), large().remove(0), large().remove(5)] {
        for way in [Some("generic"), None] {
            check(&mut found, sources, way, name, &bytes);
        }
    }
    assert!(found.is_empty(), "{found}");
}

#[test]
#[ignore = "takes minutes where nothing is optimised: `just hostile`"]
fn no_payload_is_ever_lost_by_any_source() {
    let (sources, mut found) = (shipped(), String::new());
    let began = Instant::now();
    for (name, bytes) in wide().into_iter().chain(large()).chain(swelling()) {
        let mut slowest = (Duration::ZERO, String::new());
        let mut all = Duration::ZERO;
        for way in every_way(sources) {
            let start = Instant::now();
            check(&mut found, sources, way.as_deref(), name, &bytes);
            let took = start.elapsed();
            all += took;
            slowest = slowest.max((took, way.unwrap_or("auto".into())));
        }
        println!(
            "{name}: {:.1} s by all sources, {:.1} s by the slowest, {}; most memory so far {} MB",
            all.as_secs_f64(),
            slowest.0.as_secs_f64(),
            slowest.1,
            super::fuzz::peak_mb()
        );
    }
    println!("all of it: {:.0} s", began.elapsed().as_secs_f64());
    assert!(found.is_empty(), "{found}");
    let peak = super::fuzz::peak_mb();
    assert!(peak < PEAK_MAX_MB, "{peak} MB");
}

#[test]
fn what_would_swell_is_an_alert_that_says_so() {
    let sources = shipped();
    let causes = |bytes: &[u8], way: Option<&str>| -> Vec<String> {
        let alerts = super::alerts(read(sources, way, bytes));
        let causes = alerts.into_iter().filter_map(|alert| match alert.reading {
            Reading::Unreadable { cause } => Some(cause),
            Reading::Whole | Reading::Partial { .. } => None,
        });
        causes.collect()
    };
    let (objects, swelling) = (large().remove(1), swelling());
    for way in [Some("generic"), Some("cloudwatch"), None] {
        for (name, bytes) in [&objects, &swelling[0]] {
            let causes = causes(bytes, way);
            assert_eq!(causes.len(), 1, "{name}: {causes:?}");
            assert!(
                causes[0].contains("more than 1000000 values"),
                "{name}: {causes:?}"
            );
        }
        let broken = causes(&swelling[1].1, way);
        assert!(
            broken[0].contains("no JSON") || broken[0].contains("no alert"),
            "{broken:?}"
        );
        assert!(
            broken.last().unwrap().contains("more than 10000 alerts"),
            "{broken:?}"
        );
        let behind = causes(&swelling[2].1, way);
        assert!(
            behind.last().unwrap().contains("more than 1000000 values"),
            "{behind:?}"
        );
    }
    for way in [Some("generic"), Some("cloudwatch")] {
        let within =
            json!({"Message": json!({"a": format!("[{}0]", "0,".repeat(600_000))}).to_string()});
        assert_eq!(
            causes(within.to_string().as_bytes(), way),
            Vec::<String>::new()
        );
        let text = json!({"Message": format!("{{\"a\":[{}0]}}", "0,".repeat(1_100_000))});
        assert_eq!(
            causes(text.to_string().as_bytes(), way),
            ["text in it holds too many values as JSON"]
        );
    }
}
