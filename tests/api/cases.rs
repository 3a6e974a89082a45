//! `/v1/cases/{id}` and the answers.

use std::time::Duration;

use serde_json::{Value, json};

use super::server::{BLOCK, TestServer, approval, of};

/// An alert with a facet that its author sets.
const KEY: &str = include_str!("../../eval/demo/alerts/guardduty/key-with-talking-user-agent.json");
const ALL: [&str; 3] = ["ingest:*", "read", "approve"];

/// The kinds of what happened to a case.
async fn kinds(server: &TestServer, case: &Value, key: &str) -> Vec<String> {
    let said = server.get(&of(case, "/events"), key).await.with(200);
    let events = said.json()["events"].clone();
    let kinds = events.as_array().unwrap().iter();
    kinds
        .map(|event| event["body"]["kind"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_is_carried_out_once_however_often_it_is_pressed() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &ALL).await;
    let case = server.asked(&key).await;
    let path = of(&case, "/approve");
    let press = || server.command(&path, &key, approval(&case));
    let (one, two) = tokio::join!(press(), press());
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{one:?} {two:?}");
    let got = server.receiver.got("tierone.action");
    assert_eq!(got.len(), 1, "{got:?}");
    assert_eq!(got[0].1["data"]["action"], "block-ip");
    let after = server.get(&of(&case, ""), &key).await.with(200).json();
    assert!(
        after["phase"] == "closed" || after["phase"] == "learned",
        "{after}"
    );
    let kinds = kinds(&server, &case, &key).await;
    let expected = [
        "received",
        "retrieved",
        "planned",
        "drafted",
        "decided",
        "asked",
        "answered",
        "decided",
        "started",
        "executed",
        "verified",
        "closed",
        "learned",
    ];
    assert_eq!(kinds, expected[..kinds.len()]);
    assert!(kinds.len() >= 12, "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_that_is_not_asked_about_does_nothing() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &ALL).await;
    let case = server.asked(&key).await;
    let other = json!({ "digest": "0".repeat(64) });
    let said = server.command(&of(&case, "/approve"), &key, other).await;
    let problem = said.with(409).json();
    assert_eq!(problem["value"], case["ask"]["digest"], "{problem}");
    for body in [json!({}), json!({ "digest": "x" }), json!({ "digest": 1 })] {
        server
            .command(&of(&case, "/approve"), &key, body)
            .await
            .with(400);
    }
    let unknown = json!({ "digest": case["ask"]["digest"], "force": true });
    server
        .command(&of(&case, "/approve"), &key, unknown)
        .await
        .with(400);
    assert_eq!(server.receiver.got("tierone.action").len(), 0);
    assert_eq!(
        server.get(&of(&case, ""), &key).await.json()["phase"],
        "asked"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_proposal_is_asked_anew() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &ALL).await;
    let case = server.asked(&key).await;
    let body = json!({
        "digest": case["ask"]["digest"],
        "action": "open-ticket",
        "set": { "team": "team-platform" },
    });
    let said = server.command(&of(&case, "/approve"), &key, body).await;
    let after = said.with(200).json();
    assert_eq!(after["ask"]["action"]["id"], "open-ticket", "{after}");
    assert_ne!(after["ask"]["digest"], case["ask"]["digest"]);
    let nobody = json!({ "digest": after["ask"]["digest"], "set": { "team": "team-nobody" } });
    server
        .command(&of(&case, "/approve"), &key, nobody)
        .await
        .with(422);
    assert_eq!(server.receiver.got("tierone.action").len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_claimed_rejected_and_resolved() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &ALL).await;
    let case = server.asked(&key).await;
    let claimed = server.post(&of(&case, "/claim"), &key, "").await;
    let claimed = claimed.with(200).json();
    assert_eq!(
        (&claimed["claimed_by"], &claimed["phase"]),
        (&json!("mira"), &json!("asked"))
    );
    let ending = json!({ "disposition": "benign_positive", "reason": "a drill" });
    let mut rejection = ending.clone();
    rejection["digest"] = case["ask"]["digest"].clone();
    let over = server
        .command(&of(&case, "/reject"), &key, rejection.clone())
        .await;
    assert_eq!(over.with(200).json()["phase"], "learned");
    server
        .command(&of(&case, "/reject"), &key, rejection)
        .await
        .with(409);
    server
        .command(&of(&case, "/claim"), &key, json!({}))
        .await
        .with(409);
    let second = server.asked(&key).await;
    assert_ne!(second["case_id"], case["case_id"]);
    let over = server.command(&of(&second, "/resolve"), &key, ending).await;
    assert_eq!(over.with(200).json()["ask"], Value::Null);
    assert_eq!(server.receiver.got("tierone.action").len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_that_comes_while_a_call_is_made_costs_no_receipt() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &ALL).await;
    let case = server.asked(&key).await;
    let held_up = server.receiver.held_up().await;
    let approve = format!("{}?wait=0", of(&case, "/approve"));
    server
        .command(&approve, &key, approval(&case))
        .await
        .with(200);
    server.receiver.comes("tierone.action").await;
    let repeat = server.post("/v1/alerts/guardduty", &key, BLOCK).await;
    assert_eq!(repeat.with(202).json()["alerts"][0]["duplicate"], true);
    drop(held_up);
    server.receiver.comes("tierone.verify").await;
    let kinds = kinds(&server, &case, &key).await;
    let place = |kind: &str| kinds.iter().position(|own| own == kind);
    assert!(place("repeated") < place("executed"), "{kinds:?}");
    assert_eq!(server.receiver.got("tierone.action").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_is_none_is_not_found() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &ALL).await;
    for id in [
        "x",
        "../../etc/passwd",
        "%0d%0aset-cookie:a",
        "0190b0b0-0000-7000-8000-000000000001",
    ] {
        let path = format!("/v1/cases/{id}");
        let said = server.get(&path, &key).await.with(404);
        assert!(said.header("set-cookie").is_none());
    }
    tokio::time::timeout(Duration::from_mins(1), server.end())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loosening_that_drops_the_last_facet_of_the_environment_is_said_to_wait() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &ALL).await;
    let post = server.post("/v1/alerts/guardduty?wait=60", &key, KEY).await;
    let case = post.with(200).json()["alerts"][0].clone();
    assert_eq!(case["waiting"], Value::Null);
    let mut ending = json!({
        "digest": case["ask"]["digest"],
        "disposition": "true_positive",
        "reason": " ",
        "mattered": ["api"],
    });
    let reject = of(&case, "/reject");
    let said = server.command(&reject, &key, ending.clone()).await;
    assert!(said.with(422).body.contains("the reason is empty"));
    ending["reason"] = "a stolen key".into();
    let said = server.command(&reject, &key, ending).await;
    let expected = json!({
        "precedent": case["case_id"],
        "mattered": ["api"],
        "meanwhile": "strictly",
        "group": "curators",
    });
    assert_eq!(said.with(200).json()["waiting"], expected);
    let again = server.get(&of(&case, ""), &key).await.with(200);
    assert_eq!(again.json()["waiting"], expected);
}
