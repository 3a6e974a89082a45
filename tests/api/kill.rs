//! `/v1/kill`: a person stops what would be done, at once.

use serde_json::json;

use super::server::{TestServer, approval, of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_switched_off_is_not_done_until_it_is_on_again() {
    let server = TestServer::open().await;
    let key = server
        .key("desk-mira", &["ingest:*", "read", "approve", "admin"])
        .await;
    let case = server.asked(&key).await;
    let off = json!({ "turn": "off", "what": { "action": "block-ip" }, "reason": "look first" });
    let said = server.command("/v1/kill", &key, off).await.with(200);
    assert_eq!(said.json()["off"], json!(["action block-ip"]));
    let said = server
        .command(&of(&case, "/approve"), &key, approval(&case))
        .await;
    let after = said.with(200).json();
    assert_eq!(after["phase"], "asked", "{after}");
    assert_eq!(server.receiver.got("tierone.action").len(), 0);
    let on = json!({ "turn": "on", "what": { "action": "block-ip" } });
    server.command("/v1/kill", &key, on).await.with(400);
    let on = json!({ "turn": "on", "what": { "action": "block-ip" }, "reason": "looked" });
    let said = server.command("/v1/kill", &key, on).await.with(200);
    assert_eq!(said.json()["off"], json!([]));
    let case = server.get(&of(&case, ""), &key).await.with(200).json();
    let said = server
        .command(&of(&case, "/approve"), &key, approval(&case))
        .await;
    said.with(200);
    assert_eq!(server.receiver.got("tierone.action").len(), 1);
    std::fs::write(server.folder.path().join("kill"), "").unwrap();
    let said = server.get("/v1/kill", &key).await.with(200);
    assert_eq!(
        said.json()["off"],
        json!(["everything: the kill file is there"])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_other_tenant_can_be_named() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &["admin"]).await;
    for what in [
        json!({ "tenant": "annex" }),
        json!("annex"),
        json!({ "everything": {} }),
    ] {
        let body = json!({ "turn": "off", "what": what });
        server.command("/v1/kill", &key, body).await.with(400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_admin_key_stops_everything_and_none_starts_it_again() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &["admin", "read"]).await;
    let off = json!({ "turn": "off", "what": "everything", "reason": "look first" });
    let said = server.command("/v1/kill", &key, off).await.with(200);
    assert_eq!(said.json()["off"], json!(["everything"]));
    let on = json!({ "turn": "on", "what": "everything", "reason": "looked" });
    let said = server.command("/v1/kill", &key, on).await.with(403);
    assert!(said.body.contains("tierone kill off"), "{said:?}");
    let said = server.get("/v1/kill", &key).await.with(200);
    assert_eq!(said.json()["off"], json!(["everything"]));
}
