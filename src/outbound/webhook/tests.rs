//! The webhook over real sockets: what it sends, what it makes of each answer, and whom it refuses to call.

use serde_json::{Value, json};

use super::*;
use crate::outbound::tests::{
    KEY, authorized, clock, order,
    receiver::{Receiver, Reply, reply},
    settings,
};

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const LOOPBACK: &[&str] = &["127.0.0.0/8", "::1/128"];

fn webhook(url: &str, allow_private: &[&str]) -> Result<Webhook, Fault> {
    Webhook::new(&WebhookSettings {
        endpoint: settings(url, allow_private),
        secret: SecretString::from(SECRET),
        repetition: Repetition::Idempotent,
        clock,
    })
}

fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::Transient(_) => "transient",
        Fault::Busy { .. } => "busy",
        Fault::InDoubt(_) => "in doubt",
        Fault::Permanent(_) => "permanent",
        Fault::TooLarge(_) => "too large",
    }
}

/// A fault must be of this kind, say this, and never show the secret.
fn check(name: &str, result: Result<String, Fault>, expected: Result<&str, (&str, &str)>) {
    println!("{name}: {result:?}");
    let shown = format!("{result:?}");
    for part in [SECRET, "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"] {
        assert!(!shown.contains(part), "{name} shows the secret: {shown}");
    }
    match (result, expected) {
        (Ok(receipt), Ok(expected)) => assert!(receipt.starts_with(expected), "{name}: {receipt}"),
        (Err(fault), Err((of, says))) => {
            assert_eq!(kind(&fault), of, "{name}: {fault}");
            assert!(fault.to_string().contains(says), "{name}: {fault}");
        }
        (result, expected) => panic!("{name}: {result:?}, expected {expected:?}"),
    }
}

/// A name, what the receiver answers, and the beginning of the receipt, or the fault's kind and words.
type Case = (
    &'static str,
    Reply,
    Result<&'static str, (&'static str, &'static str)>,
);

fn answers() -> Vec<Case> {
    let large = vec![b'x'; 1 << 20];
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\nhalf".to_vec();
    let slow = b"HTTP/1.1 200 OK\r\ncontent-le".to_vec();
    let drip = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nha".to_vec();
    let mut cases = declining();
    cases.extend([
        ("ok", reply("200 OK", "", "ticket 7"), Ok("200 ticket 7")),
        ("accepted", reply("202 Accepted", "", ""), Ok("202")),
        (
            "slow header",
            Reply::Stall(slow),
            Err(("in doubt", "no answer in 1000 ms")),
        ),
        (
            "slow body",
            Reply::Stall(drip),
            Err(("in doubt", "answered `200` and broke off")),
        ),
        (
            "no answer",
            Reply::Bytes(Vec::new()),
            Err(("in doubt", "broke off before it answered")),
        ),
        (
            "no http",
            Reply::Bytes(b"SSH-2.0\r\n".to_vec()),
            Err(("in doubt", "broke off")),
        ),
        (
            "cut body",
            Reply::Bytes(cut),
            Err(("in doubt", "answered `200` and broke off")),
        ),
        ("1 MB body", reply("200 OK", "", large), Ok("200 xxx")),
        (
            "invalid utf-8",
            reply("200 OK", "", b"\xff\xfeok"),
            Ok("200 \u{fffd}\u{fffd}ok"),
        ),
    ]);
    cases
}

fn declining() -> Vec<Case> {
    let echo = format!("no: {SECRET}");
    vec![
        (
            "4xx",
            reply("403 No", "", "not you"),
            Err(("permanent", "`403`: not you")),
        ),
        (
            "echoed secret",
            reply("400 No", "", echo),
            Err(("permanent", "no: <secret>")),
        ),
        (
            "408",
            reply("408 Late", "", ""),
            Err(("transient", "`408`")),
        ),
        (
            "425",
            reply("425 Early", "", ""),
            Err(("transient", "`425`")),
        ),
        (
            "429",
            reply("429 Busy", "", ""),
            Err(("transient", "`429`")),
        ),
        (
            "429 with time",
            reply("429 Busy", "retry-after: 3\r\n", ""),
            Err(("busy", "`429`")),
        ),
        (
            "503 with time",
            reply("503 Busy", "retry-after: 3\r\n", ""),
            Err(("busy", "`503`")),
        ),
        (
            "413",
            reply("413 Large", "", ""),
            Err(("too large", "`413`")),
        ),
        (
            "5xx",
            reply("500 Oops", "", "boom"),
            Err(("in doubt", "`500`: boom; it may have acted")),
        ),
        (
            "303",
            reply("303 See", "location: /b\r\n", ""),
            Err(("permanent", "redirects (`303`)")),
        ),
    ]
}

#[tokio::test]
async fn each_answer_becomes_a_receipt_or_the_right_fault() {
    for (name, reply, expected) in answers() {
        let receiver = Receiver::start(vec![reply]).await;
        let webhook = webhook(&receiver.url(), LOOPBACK).unwrap();
        let result = webhook.execute(&authorized()).await;
        assert!(result.as_ref().map_or(0, String::len) < 2_100, "{name}");
        check(name, result, expected);
        assert_eq!(receiver.got().len(), 1, "{name}: one try is one request");
    }
}

#[tokio::test]
async fn what_is_sent_is_signed_and_is_what_the_preview_showed() {
    let receiver = Receiver::start(vec![reply("200 OK", "", "")]).await;
    let webhook = webhook(&receiver.url(), LOOPBACK).unwrap();
    let preview = webhook.preview(&order()).unwrap();
    webhook.execute(&authorized()).await.unwrap();
    webhook.undo(&authorized(), "unblock-ip").await.unwrap();
    let got = receiver.got();
    let verifier = standardwebhooks::Webhook::new(SECRET).unwrap();
    for request in &got {
        verifier.verify(&request.body, &request.headers).unwrap();
        assert_eq!(request.line, "POST /orders HTTP/1.1");
        let mut forged = request.body.clone();
        forged[20] ^= 1;
        assert!(verifier.verify(&forged, &request.headers).is_err());
    }
    let id = |number: usize| got[number].headers["webhook-id"].to_str().unwrap();
    assert_eq!((id(0), id(1)), (KEY, format!("{KEY}-undo").as_str()));
    assert_previewed(&preview, &got[0].body, &receiver.url());
    let undo: Value = serde_json::from_slice(&got[1].body).unwrap();
    assert_eq!(undo["type"], "tierone.undo");
    assert_eq!(undo["data"]["undo"], "unblock-ip");
    assert_eq!(undo["data"]["order"], KEY);
}

fn assert_previewed(preview: &str, sent: &[u8], url: &str) {
    println!("{preview}");
    let (head, shown) = preview.split_once("\n\n").unwrap();
    assert!(head.starts_with(&format!("POST {url}\n")), "{head}");
    assert!(head.contains(&format!("webhook-id: {KEY}\n")), "{head}");
    assert!(head.contains("webhook-signature: <signature>"), "{head}");
    assert!(!preview.contains("C2FV"));
    let mut sent: Value = serde_json::from_slice(sent).unwrap();
    assert_eq!(sent["data"]["attempt"], 1);
    sent["timestamp"] = "<timestamp>".into();
    sent["data"]["attempt"] = "<attempt>".into();
    assert_eq!(serde_json::from_str::<Value>(shown).unwrap(), sent);
    assert_eq!(
        sent,
        json!({
            "type": "tierone.action",
            "timestamp": "<timestamp>",
            "data": {
                "order": KEY,
                "attempt": "<attempt>",
                "tenant": "acme",
                "case": "00000000-0000-0000-0000-000000000001",
                "action": "block-ip",
                "parameters": { "address": "203.0.113.9" },
                "targets": ["203.0.113.9"],
                "disposition": "true_positive",
                "texts": { "text": "Block 203.0.113.9." },
            },
        })
    );
}

#[tokio::test]
async fn a_redirect_is_followed_with_the_body_and_only_to_the_same_place() {
    let away = Receiver::start(vec![reply("200 OK", "", "stolen")]).await;
    let elsewhere = format!("location: http://localhost:{}/x\r\n", away.port);
    let other_port = format!("location: {}\r\n", away.url());
    let table = [
        ("same host", "307 Go", "location: /b\r\n", Ok("200 done"), 2),
        ("same host", "308 Go", "location: /b\r\n", Ok("200 done"), 2),
        (
            "method lost",
            "302 Go",
            "location: /b\r\n",
            Err("redirects (`302`)"),
            1,
        ),
        (
            "other host",
            "307 Go",
            elsewhere.as_str(),
            Err("redirects (`307`)"),
            1,
        ),
        (
            "other port",
            "308 Go",
            other_port.as_str(),
            Err("redirects (`308`)"),
            1,
        ),
    ];
    for (name, status, headers, expected, requests) in table {
        let replies = vec![reply(status, headers, ""), reply("200 OK", "", "done")];
        let receiver = Receiver::start(replies).await;
        let webhook = webhook(&receiver.url(), LOOPBACK).unwrap();
        let result = webhook.execute(&authorized()).await;
        check(name, result, expected.map_err(|says| ("permanent", says)));
        let got = receiver.got();
        assert_eq!(got.len(), requests, "{name}");
        assert!(got.iter().all(|request| request.body == got[0].body));
    }
    assert!(away.got().is_empty(), "the other place was called");
    let circle = Receiver::start(vec![reply("307 Go", "location: /orders\r\n", "")]).await;
    let webhook = webhook(&circle.url(), LOOPBACK).unwrap();
    let result = webhook.execute(&authorized()).await;
    check("circle", result, Err(("permanent", "redirects (`307`)")));
    assert_eq!(circle.got().len(), 4);
}

#[tokio::test]
async fn an_address_that_is_not_public_is_called_only_where_it_is_named() {
    let receiver = Receiver::start(vec![reply("200 OK", "", "")]).await;
    let port = receiver.port;
    let spelled = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "192.168.0.1",
    ];
    for host in spelled {
        for scheme in ["http", "https"] {
            let refused =
                webhook(&format!("{scheme}://{host}:{port}/"), &[]).map(|_| String::new());
            check(host, refused, Err(("permanent", "is not public")));
        }
    }
    for host in ["localhost", "LOCALHOST"] {
        let named = webhook(&format!("http://{host}:{port}/"), &["10.0.0.0/8"]).unwrap();
        let result = named.execute(&authorized()).await;
        check(
            host,
            result,
            Err(("permanent", "is not public; name its network")),
        );
    }
    let public = webhook("http://1.1.1.1/", LOOPBACK).map(|_| String::new());
    check(
        "plain",
        public,
        Err(("permanent", "is public and the url is not https")),
    );
    assert!(receiver.got().is_empty());
    let named = webhook(&format!("http://localhost:{port}/"), LOOPBACK).unwrap();
    check("named", named.execute(&authorized()).await, Ok("200"));
}

#[tokio::test]
async fn where_nothing_was_sent_the_fault_says_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let refused = webhook(&format!("http://127.0.0.1:{port}/"), LOOPBACK).unwrap();
    let result = refused.execute(&authorized()).await;
    check("refused", result, Err(("transient", "nothing was sent")));
    let receiver = Receiver::start(vec![reply("200 OK", "", "")]).await;
    let tls = webhook(&format!("https://127.0.0.1:{}/", receiver.port), LOOPBACK).unwrap();
    let result = tls.execute(&authorized()).await;
    check(
        "no tls there",
        result,
        Err(("transient", "nothing was sent")),
    );
}

#[tokio::test]
async fn a_probe_holds_only_where_the_receiver_says_so() {
    let held = |text: &str| reply("200 OK", "", text);
    let table = [
        (held("{\"holds\": true}"), Ok(Probe::Held)),
        (
            held("{\"holds\": false, \"why\": \"gone\"}"),
            Ok(Probe::NotHeld),
        ),
        (held("{}"), Err("permanent")),
        (held("true"), Err("permanent")),
        (held("{\"holds\": \"true\"}"), Err("permanent")),
        (reply("200 OK", "", b"\xff"), Err("permanent")),
        (reply("200 OK", "", vec![b' '; 1 << 20]), Err("too large")),
        (reply("404 No", "", "{\"holds\": true}"), Err("permanent")),
        (reply("500 No", "", "{\"holds\": true}"), Err("in doubt")),
    ];
    for (reply, expected) in table {
        let receiver = Receiver::start(vec![reply]).await;
        let webhook = webhook(&receiver.url(), LOOPBACK).unwrap();
        let result = webhook.verify(&order(), "address-blocked").await;
        println!("{result:?}");
        assert_eq!(
            result.as_ref().map_err(kind),
            expected.as_ref().map_err(|of| *of)
        );
        let got = receiver.got().remove(0);
        let body: Value = serde_json::from_slice(&got.body).unwrap();
        assert_eq!(body["type"], "tierone.verify");
        assert_eq!(body["data"]["probe"], "address-blocked");
        let id = got.headers["webhook-id"].to_str().unwrap();
        assert!(id.starts_with(&format!("{KEY}-verify-")), "{id}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let table = [
        ("not a url", "cannot be read"),
        ("ftp://example.com/", "scheme `ftp`"),
        ("https://me:hush@example.com/", "name or password"),
    ];
    for (url, says) in table {
        let result = webhook(url, &[]).map(|_| String::new());
        assert!(!format!("{result:?}").contains("hush"));
        check(url, result, Err(("permanent", says)));
    }
    for (connect_timeout_ms, total_timeout_ms) in [(0, 10), (10, 0), (20, 10)] {
        let timeouts = EndpointSettings {
            connect_timeout_ms,
            total_timeout_ms,
            ..settings("https://example.com/", &[])
        };
        let fault = Endpoint::new(&timeouts, SecretString::from("")).map(|_| String::new());
        check("timeouts", fault, Err(("permanent", "connect_timeout_ms")));
    }
    let settings = WebhookSettings {
        endpoint: settings("https://example.com/", &[]),
        secret: SecretString::from("not base64!"),
        repetition: Repetition::Unsafe,
        clock,
    };
    let fault = Webhook::new(&settings).map(|_| String::new());
    assert!(!format!("{fault:?}{settings:?}").contains("not base64!"));
    check("secret", fault, Err(("permanent", "no base64")));
}
