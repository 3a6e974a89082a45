//! Who is let in.

use jiff::SignedDuration;
use serde_json::json;

use super::{
    client::{request, send},
    server::{BLOCK, TestServer, approval, now, of, root},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_first_key_a_program_here_may_send_and_look_and_no_more() {
    let server = TestServer::open().await;
    let case = server.asked("").await;
    let held = case["held_by"].as_array().unwrap();
    assert!(held.contains(&json!("completeness.origin")), "{case}");
    server.get(&of(&case, ""), "").await.with(200);
    server.get(&of(&case, "/events"), "").await.with(200);
    server.get("/v1/kill", "").await.with(200);
    for (path, body) in [
        (of(&case, "/approve"), approval(&case)),
        (of(&case, "/claim"), json!({})),
        (
            "/v1/kill".to_owned(),
            json!({ "turn": "off", "what": "everything" }),
        ),
    ] {
        server.command(&path, "", body).await.with(403);
    }
    server.get(&of(&case, ""), "tro_x_y").await.with(401);
    server.key("router", &["ingest:*"]).await;
    server.get(&of(&case, ""), "").await.with(401);
    server
        .post("/v1/alerts/guardduty", "", BLOCK)
        .await
        .with(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_in_a_browser_and_a_proxy_are_no_programs_here() {
    let server = TestServer::open().await;
    for headers in [
        "origin: http://example.com\r\n",
        "host: example.com\r\n",
        "host: localhost.example.com\r\n",
        "x-forwarded-for: 198.51.100.7\r\n",
        "x-real-ip: 198.51.100.7\r\n",
        "forwarded: for=198.51.100.7\r\n",
        "via: 1.1 proxy\r\n",
    ] {
        let bytes = request("GET", "/v1/kill", headers, b"");
        let text = String::from_utf8(bytes).unwrap();
        let text = if headers.starts_with("host") {
            text.replacen("host: localhost\r\n", "", 1)
        } else {
            text
        };
        send(server.address, text.as_bytes()).await.with(401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_key_that_was_made_and_not_revoked_opens() {
    let server = TestServer::open().await;
    let key = server.key("look", &["read"]).await;
    server.get("/v1/kill", &key).await.with(200);
    let (head, secret) = ("tro_look", key.strip_prefix("tro_look_").unwrap());
    let (last, rest) = secret
        .chars()
        .last()
        .zip(secret.get(..secret.len() - 1))
        .unwrap();
    let other = if last == 'A' { 'B' } else { 'A' };
    for wrong in [
        format!("{head}_{rest}{other}"),
        format!("{head}_{rest}"),
        format!("{head}_"),
        head.to_owned(),
        key.replace("look", "look2"),
        key.to_uppercase(),
        format!("{key}x"),
        "tro".into(),
        "tro__".into(),
    ] {
        let said = server.get("/v1/kill", &wrong).await.with(401);
        assert_eq!(said.header("www-authenticate"), Some("Bearer"));
        assert!(!said.body.contains(rest), "a secret is told: {said:?}");
    }
    for headers in [
        format!("authorization: Basic {key}\r\n"),
        format!("authorization: {key}\r\n"),
        format!("authorization: Bearer {key}\r\nauthorization: Bearer {key}\r\n"),
        format!("x-api-key: {key}\r\n"),
    ] {
        let bytes = request("GET", "/v1/kill", &headers, b"");
        send(server.address, &bytes).await.with(401);
    }
    let id = "look".parse().unwrap();
    let at = now() + SignedDuration::from_secs(1);
    server.app.revoke_key(&id, &root(), at).await.unwrap();
    server.get("/v1/kill", &key).await.with(401);
    server.get("/v1/kill", "").await.with(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_does_what_its_scopes_say() {
    let server = TestServer::open().await;
    let all = server.key("all", &["ingest:*", "read"]).await;
    let case = server.asked(&all).await;
    let one = server.key("one", &["ingest:guardduty"]).await;
    let look = server.key("look", &["read"]).await;
    let admin = server.key("chief", &["admin"]).await;
    let speaks = server.key("no-person", &["approve", "admin"]).await;
    server
        .post("/v1/alerts/guardduty", &one, BLOCK)
        .await
        .with(202);
    let off = json!({ "turn": "off", "what": "everything" });
    for (method, path, key, body) in [
        ("POST", "/v1/alerts/generic".to_owned(), &one, json!({})),
        ("POST", "/v1/alerts/guardduty".into(), &look, json!({})),
        ("POST", "/v1/alerts/guardduty".into(), &admin, json!({})),
        ("GET", of(&case, ""), &one, json!({})),
        ("GET", of(&case, "/events"), &admin, json!({})),
        ("POST", of(&case, "/approve"), &look, approval(&case)),
        ("POST", of(&case, "/claim"), &admin, json!({})),
        ("GET", "/v1/kill".into(), &one, json!({})),
        ("POST", "/v1/kill".into(), &look, off.clone()),
        // A key that no person has speaks for nobody.
        ("POST", of(&case, "/approve"), &speaks, approval(&case)),
        ("POST", of(&case, "/claim"), &speaks, json!({})),
        ("POST", "/v1/kill".into(), &speaks, off),
    ] {
        let body = body.to_string();
        let said = server.send(method, &path, key, body.as_bytes()).await;
        said.with(403);
    }
    assert_eq!(server.receiver.got("tierone.action").len(), 0);
}
