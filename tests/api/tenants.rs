//! No key opens another tenant's data, on any route.

use serde_json::json;

use super::server::{BLOCK, TestServer, approval, of};

const ALL: [&str; 4] = ["ingest:*", "read", "approve", "admin"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_of_another_tenant_is_not_there_on_any_route() {
    let server = TestServer::open().await;
    let own = server.key("router", &["ingest:*", "read"]).await;
    // This key speaks for a person: only the tenant is another one.
    let other = server.key_of("annex", "desk-mira", &ALL).await;
    let case = server.asked(&own).await;
    let ending = json!({ "disposition": "benign_positive", "reason": "x" });
    let mut rejection = ending.clone();
    rejection["digest"] = case["ask"]["digest"].clone();
    for (method, what, body) in [
        ("GET", "", json!({})),
        ("GET", "/events", json!({})),
        ("POST", "/approve", approval(&case)),
        ("POST", "/reject", rejection),
        ("POST", "/resolve", ending),
        ("POST", "/claim", json!({})),
        (
            "POST",
            "/escalate",
            json!({ "to": "soc-lead", "reason": "x" }),
        ),
        (
            "POST",
            "/snooze",
            json!({ "until": "2026-10-16T03:00:00Z", "reason": "x" }),
        ),
        ("POST", "/reopen", json!({ "reason": "x" })),
        ("POST", "/undo", json!({ "reason": "x" })),
    ] {
        let body = body.to_string();
        let path = of(&case, what);
        let said = server.send(method, &path, &other, body.as_bytes()).await;
        let real = said.with(404);
        let nowhere = json!({ "case_id": "0190b0b0-0000-7000-8000-000000000001" });
        let path = of(&nowhere, what);
        let said = server.send(method, &path, &other, body.as_bytes()).await;
        let absent = said.with(404).body;
        let id = case["case_id"].as_str().unwrap();
        let same = real
            .body
            .replace(id, "0190b0b0-0000-7000-8000-000000000001");
        assert_eq!(same, absent, "{what} tells that the case is there");
    }
    let listed = server.get("/v1/cases?state=all", &other).await.with(200);
    assert_eq!(listed.json(), json!({ "cases": [], "next": null }));
    let after = server
        .get(&of(&case, "/events"), &own)
        .await
        .with(200)
        .json();
    assert_eq!(after["events"].as_array().unwrap().len(), 6, "{after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_alert_of_two_tenants_is_two_cases() {
    let server = TestServer::open().await;
    let own = server.key("router", &["ingest:*"]).await;
    let other = server.key_of("annex", "their-router", &["ingest:*"]).await;
    let mut ids = Vec::new();
    for key in [&own, &other] {
        let said = server.post("/v1/alerts/guardduty", key, BLOCK).await;
        let alert = said.with(202).json()["alerts"][0].clone();
        assert_eq!(alert["duplicate"], false);
        ids.push(alert["case_id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_switch_of_one_tenant_is_not_another_s() {
    let server = TestServer::open().await;
    let own = server.key("look", &["read"]).await;
    let other = server.key_of("annex", "desk-mira", &ALL).await;
    let off = json!({ "turn": "off", "what": "tenant" });
    let said = server.command("/v1/kill", &other, off).await.with(200);
    assert_eq!(said.json()["off"], json!(["tenant annex"]));
    let said = server.get("/v1/kill", &own).await.with(200);
    assert_eq!(said.json()["off"], json!([]));
}
