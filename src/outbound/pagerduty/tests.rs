//! `PagerDuty` over a real socket: what it is sent, and which answers count as a page.

use super::*;
use crate::outbound::tests::{
    KEY, authorized, order,
    receiver::{Receiver, Reply, reply},
    settings,
};

const ROUTING_KEY: &str = "R0UT1NGKEY0123456789abcdefabcdef";

async fn called(reply: Reply) -> (Receiver, Pagerduty) {
    let receiver = Receiver::start(vec![reply]).await;
    let url = format!("http://127.0.0.1:{}/", receiver.port);
    let key = SecretString::from(ROUTING_KEY);
    let pagerduty = Pagerduty::new(&settings(&url, &["127.0.0.0/8"]), key).unwrap();
    (receiver, pagerduty)
}

fn success() -> Reply {
    let body = r#"{"status":"success","message":"Event processed","dedup_key":"x"}"#;
    reply("202 Accepted", "", body)
}

#[tokio::test]
async fn a_page_is_triggered_and_resolved_under_one_key() {
    let (receiver, pagerduty) = called(success()).await;
    let receipt = pagerduty.execute(&authorized()).await.unwrap();
    assert_eq!(receipt, "202 success: Event processed");
    pagerduty.undo(&authorized(), "resolve").await.unwrap();
    let got = receiver.got();
    let bodies: Vec<Value> = got
        .iter()
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect();
    assert!(
        got.iter()
            .all(|request| request.line == "POST /v2/enqueue HTTP/1.1")
    );
    assert_eq!(bodies[0]["event_action"], "trigger");
    assert_eq!(bodies[0]["routing_key"], ROUTING_KEY);
    assert_eq!(bodies[0]["payload"]["severity"], "critical");
    assert_eq!(bodies[0]["payload"]["summary"], "Block 203.0.113.9.");
    assert_eq!(bodies[1]["event_action"], "resolve");
    assert!(bodies.iter().all(|body| body["dedup_key"] == KEY));
    let verified = pagerduty.verify(&order(), "page-delivered").await;
    assert_eq!(verified, Ok(Probe::Held));
    assert!(pagerduty.verify(&order(), "other").await.is_err());
    assert_eq!(receiver.got().len(), 2, "a probe sends nothing");
}

#[tokio::test]
async fn the_preview_is_the_event_without_the_key() {
    let (receiver, pagerduty) = called(success()).await;
    let preview = pagerduty.preview(&order()).unwrap();
    println!("{preview}");
    pagerduty.execute(&authorized()).await.unwrap();
    let (_, shown) = preview.split_once("\n\n").unwrap();
    let sent = String::from_utf8(receiver.got().remove(0).body).unwrap();
    assert_eq!(sent.replace(ROUTING_KEY, HIDDEN), shown);
    assert!(!format!("{preview}{pagerduty:?}").contains(ROUTING_KEY));
}

#[tokio::test]
async fn only_success_is_a_page_and_no_fault_shows_the_key() {
    let echo = format!("{{\"status\":\"invalid event\",\"message\":\"{ROUTING_KEY}\"}}");
    let table = [
        (reply("202 Accepted", "", &echo), "in doubt: "),
        (reply("202 Accepted", "", "\u{1}"), "in doubt: "),
        (reply("400 Bad Request", "", &echo), "permanent fault: "),
        (reply("429 Too Many", "", &echo), "transient fault: "),
        (reply("500 Oops", "", &echo), "in doubt: "),
    ];
    for (reply, expected) in table {
        let (_receiver, pagerduty) = called(reply).await;
        let fault = pagerduty.execute(&authorized()).await.unwrap_err();
        println!("{fault}");
        assert!(fault.to_string().starts_with(expected), "{fault}");
        assert!(!format!("{fault:?}").contains(ROUTING_KEY), "{fault}");
    }
}
