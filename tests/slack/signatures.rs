//! Which requests are Slack's, as data; and over the route: what is replayed, retried or malformed changes nothing.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use tierone::inbound::slack::signature::{Forged, verify};

use super::workspace::{FORM, SECRET, Workspace, press, sign};
use crate::api::{
    client::{request, send},
    server::now,
};

const STAMP: &str = "x-slack-request-timestamp";
const SIGNATURE: &str = "x-slack-signature";
const BODY: &str = "payload=%7B%22type%22%3A%22block_actions%22%7D";
/// Slack's own example.
const EXAMPLE_BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const EXAMPLE_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const EXAMPLE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

struct Given {
    secret: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

fn at(seconds: i64) -> String {
    (now().as_second() + seconds).to_string()
}

fn signed(stamp: String, body: &[u8]) -> Given {
    let signature = sign(SECRET, &stamp, body);
    Given {
        secret: SECRET,
        headers: vec![(STAMP, stamp), (SIGNATURE, signature)],
        body: body.to_vec(),
    }
}

fn judged(given: &Given, now: Timestamp) -> Result<(), Forged> {
    let mut headers = HeaderMap::new();
    for (name, value) in &given.headers {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        headers.append(HeaderName::from_static(name), value);
    }
    verify(
        &SecretString::from(given.secret),
        &headers,
        &given.body,
        now,
    )
}

fn right() -> Given {
    signed(at(0), BODY.as_bytes())
}

/// The right one with its signature changed.
fn resigned(change: impl Fn(&str) -> String) -> Given {
    let mut given = right();
    given.headers[1].1 = change(&given.headers[1].1);
    given
}

/// The right one with another time, which was signed.
fn stamped(stamp: &str) -> Given {
    signed(stamp.into(), BODY.as_bytes())
}

/// The right one with another body, which was not signed.
fn other_body(body: &[u8]) -> Given {
    Given {
        body: body.to_vec(),
        ..right()
    }
}

/// A signature without its version.
fn bare(signature: &str) -> &str {
    signature.strip_prefix("v0=").unwrap()
}

/// A text without its last characters.
fn shorter(text: &str, by: usize) -> &str {
    text.get(..text.len() - by).unwrap()
}

fn without(place: usize) -> Given {
    let mut given = right();
    given.headers.remove(place);
    given
}

fn with(name: &'static str, value: String) -> Given {
    let mut given = right();
    given.headers.push((name, value));
    given
}

type Judged = (&'static str, Given, Result<(), Forged>);

#[test]
fn only_what_was_signed_lately_with_the_secret_is_slacks() {
    let all = [
        lately(),
        late(),
        malformed(),
        not_signed(),
        signed_for_something_else(),
    ];
    let cases: Vec<Judged> = all.into_iter().flatten().collect();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    for (what, given, expected) in cases {
        assert_eq!(judged(&given, now()), expected, "{what}");
    }
}

fn lately() -> Vec<Judged> {
    let fine = Ok(());
    vec![
        ("as it should be", right(), fine),
        ("an empty body", signed(at(0), b""), fine),
        (
            "a body that is no UTF-8",
            signed(at(0), &[0xff, 0xfe, 0x00]),
            fine,
        ),
        ("a large body", signed(at(0), &vec![b'x'; 1 << 20]), fine),
        ("a body of several lines", signed(at(0), b"a\r\nb\n"), fine),
        ("five minutes old", stamped(&at(-300)), fine),
        ("five minutes ahead", stamped(&at(300)), fine),
        (
            "capital digits",
            resigned(|own| format!("v0={}", bare(own).to_uppercase())),
            fine,
        ),
    ]
}

fn late() -> Vec<Judged> {
    let (time, wrong) = (Err(Forged::Time), Err(Forged::Signature));
    let old = signed(at(-301), BODY.as_bytes());
    let refreshed = Given {
        headers: vec![(STAMP, at(0)), old.headers[1].clone()],
        ..right()
    };
    vec![
        ("older than five minutes", stamped(&at(-301)), time),
        ("ahead by more than five minutes", stamped(&at(301)), time),
        ("a day old", stamped(&at(-86_400)), time),
        ("of 1970", stamped("0"), time),
        ("far ahead", stamped("99999999999"), time),
        ("old, under a new time", refreshed, wrong),
    ]
}

fn malformed() -> Vec<Judged> {
    let form = Err(Forged::Form);
    let long = "9".repeat(12);
    vec![
        ("no time", without(0), form),
        ("no signature", without(1), form),
        ("two times", with(STAMP, at(0)), form),
        ("two signatures", with(SIGNATURE, "v0=00".into()), form),
        ("an empty time", stamped(""), form),
        ("a time with a sign", stamped("+1792033200"), form),
        ("a time before 1970", stamped("-1"), form),
        ("a time with spaces", stamped(" 1792033200"), form),
        ("a time with a fraction", stamped("1792033200.0"), form),
        ("a time as text", stamped("2026-10-15T03:00:00Z"), form),
        ("a time in hexadecimal", stamped("0x6ad0"), form),
        ("a time of too many digits", stamped(&long), form),
        ("an empty signature", resigned(|_| String::new()), form),
        ("no version", resigned(|own| bare(own).to_owned()), form),
        ("version 1", resigned(|own| own.replace("v0=", "v1=")), form),
        (
            "version in capitals",
            resigned(|own| own.replace("v0=", "V0=")),
            form,
        ),
        ("no digits", resigned(|_| "v0=".into()), form),
        (
            "too few digits",
            resigned(|own| shorter(own, 1).to_owned()),
            form,
        ),
        ("too many digits", resigned(|own| format!("{own}0")), form),
        (
            "no hexadecimal",
            resigned(|own| format!("{}zz", shorter(own, 2))),
            form,
        ),
        (
            "in base 64",
            resigned(|_| "v0=nZyz0WbapA4vBCDEFasx0q6GnZyz0WbapA4vBCDEFasx0q6GnZyz0WbapA4v".into()),
            form,
        ),
        ("a space before it", resigned(|own| format!(" {own}")), form),
    ]
}

fn not_signed() -> Vec<Judged> {
    let wrong = Err(Forged::Signature);
    vec![
        (
            "noughts",
            resigned(|_| format!("v0={}", "0".repeat(64))),
            wrong,
        ),
        (
            "another's",
            resigned(|_| sign("another", &at(0), BODY.as_bytes())),
            wrong,
        ),
        (
            "the hash without the key",
            resigned(|_| {
                format!(
                    "v0={}",
                    tierone::domain::canonical::Digest::of_bytes(BODY.as_bytes())
                )
            }),
            wrong,
        ),
        (
            "one digit changed",
            resigned(|own| {
                let last = if own.ends_with('0') { '1' } else { '0' };
                format!("{}{last}", shorter(own, 1))
            }),
            wrong,
        ),
        (
            "of the body alone",
            resigned(|_| sign(SECRET, "", BODY.as_bytes())),
            wrong,
        ),
    ]
}

fn signed_for_something_else() -> Vec<Judged> {
    let wrong = Err(Forged::Signature);
    let other_secret = Given {
        secret: "another",
        ..right()
    };
    let no_secret = Given {
        secret: "",
        ..right()
    };
    let signed_with_none = {
        let mut given = resigned(|_| sign("", &at(0), BODY.as_bytes()));
        given.secret = "";
        given
    };
    vec![
        ("another body", other_body(b"payload=%7B%7D"), wrong),
        (
            "a longer body",
            other_body(format!("{BODY}&x=1").as_bytes()),
            wrong,
        ),
        (
            "a shorter body",
            other_body(&BODY.as_bytes()[..BODY.len() - 1]),
            wrong,
        ),
        (
            "a newline more",
            other_body(format!("{BODY}\n").as_bytes()),
            wrong,
        ),
        (
            "the body decoded",
            other_body(b"payload={\"type\":\"block_actions\"}"),
            wrong,
        ),
        (
            "a mark before the body",
            other_body(format!("\u{feff}{BODY}").as_bytes()),
            wrong,
        ),
        ("another secret", other_secret, wrong),
        ("no secret here", no_secret, wrong),
        ("no secret anywhere", signed_with_none, wrong),
    ]
}

#[test]
fn slacks_own_example_is_slacks() {
    let given = Given {
        secret: EXAMPLE_SECRET,
        headers: vec![(STAMP, "1531420618".into()), (SIGNATURE, EXAMPLE.into())],
        body: EXAMPLE_BODY.into(),
    };
    let then = Timestamp::from_second(1_531_420_618).unwrap();
    assert_eq!(judged(&given, then), Ok(()));
    let later = then + SignedDuration::from_mins(6);
    assert_eq!(judged(&given, later), Err(Forged::Time));
}

#[tokio::test]
async fn what_is_not_slacks_is_told_so_and_nothing_is_done() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    let payload = press(&card, "approve", "U0MIRA").to_string();
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload)
        .finish();
    for (stamp, signature) in [
        (at(0), sign("another", &at(0), body.as_bytes())),
        (at(-600), sign(SECRET, &at(-600), body.as_bytes())),
        (at(0), String::new()),
    ] {
        let headers =
            format!("content-type: {FORM}\r\n{STAMP}: {stamp}\r\n{SIGNATURE}: {signature}\r\n");
        let said = send(
            it.server.address,
            &request("POST", "/v1/slack/interactions", &headers, body.as_bytes()),
        )
        .await;
        said.with(401);
    }
    let key = it.server.key("a-key", &["approve", "admin"]).await;
    it.server
        .post("/v1/slack/interactions", &key, &body)
        .await
        .with(401);
    it.types("queue", "U0MIRA").await.status_is(200);
    it.told("wait for a person").await;
    assert!(it.server.receiver.got("tierone.action").is_empty());
}

#[tokio::test]
async fn what_is_signed_and_malformed_is_taken_and_is_nothing() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    let good = press(&card, "approve", "U0MIRA");
    let broken = |change: fn(&mut Value)| {
        let mut payload = good.clone();
        change(&mut payload);
        payload
    };
    for payload in [
        json!({}),
        json!(null),
        json!([1, 2]),
        json!("text"),
        json!({ "type": "block_actions" }),
        broken(|it| it["type"] = "block_suggestion".into()),
        broken(|it| it["user"] = json!(null)),
        broken(|it| it["user"]["id"] = json!(7)),
        broken(|it| it["user"]["id"] = json!("")),
        broken(|it| it["team"] = json!(null)),
        broken(|it| it["actions"] = json!([])),
        broken(|it| it["actions"] = json!({})),
        broken(|it| it["actions"][0]["value"] = json!("")),
        broken(|it| it["actions"][0]["value"] = json!("x y")),
        broken(|it| it["actions"][0]["value"] = json!({ "a": 1 })),
        broken(|it| {
            it["trigger_id"].take();
        }),
        json!({ "type": "view_submission", "view": {} }),
        json!({ "type": "view_closed" }),
    ] {
        it.interact(&payload).await.status_is(200);
    }
    for (path, kind, body) in [
        ("events", "application/json", "no json"),
        (
            "events",
            "application/json",
            "{\"type\": \"event_callback\"}",
        ),
        (
            "events",
            "application/json",
            "{\"type\": \"new_kind\", \"event\": {}}",
        ),
        ("events", "text/plain", ""),
        ("interactions", FORM, "payload=no json"),
        ("interactions", FORM, "payload=%ff%fe"),
        ("commands", FORM, ""),
        ("commands", FORM, "command=/tierone&text=queue"),
        ("commands", FORM, "&&&=&="),
    ] {
        it.signed(path, kind, body).await.status_is(200);
    }
    let challenge = json!({ "type": "url_verification", "challenge": "3eZbrw1aB" });
    let said = it.event(&challenge).await.with(200);
    assert_eq!(said.json(), json!({ "challenge": "3eZbrw1aB" }));
    it.interact(&good).await.status_is(200);
    it.double.says("chat.update", "done:").await;
    assert_eq!(it.server.receiver.got("tierone.action").len(), 1);
}
