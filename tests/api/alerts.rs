//! `POST /v1/alerts/{source}`.

use std::{io::Write as _, time::Duration};

use serde_json::{Value, json};
use tierone::{
    app::{
        accept::{Accepted, Post},
        demo,
    },
    config::server::ServerConfig,
    domain::{alert::Origin, id::SourceId},
    pipeline::normalise::Asked,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{
    client::{request, send},
    server::{BLOCK, TWO, TestServer, approval, now, of},
};

const TAKEN: [&str; 3] = ["case_id", "duplicate", "status_url"];

fn keys(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_alert_of_a_post_has_its_case_when_202_is_said() {
    let server = TestServer::open().await;
    let key = server.key("router", &["ingest:alertmanager"]).await;
    let look = server.key("look", &["read"]).await;
    let said = server.post("/v1/alerts/alertmanager", &key, TWO).await;
    let alerts = said.with(202).json()["alerts"].clone();
    assert_eq!(alerts.as_array().unwrap().len(), 2);
    for alert in alerts.as_array().unwrap() {
        assert_eq!(keys(alert), TAKEN);
        assert_eq!(alert["duplicate"], false);
        let url = alert["status_url"].as_str().unwrap();
        let case = server.get(url, &look).await.with(200).json();
        assert_eq!(case["case_id"], alert["case_id"]);
    }
    let again = server.post("/v1/alerts/alertmanager", &key, TWO).await;
    let again = again.with(202).json()["alerts"].clone();
    for (first, second) in [0, 1].map(|place| (&alerts[place], &again[place])) {
        assert_eq!(second["duplicate"], true);
        assert_eq!(second["case_id"], first["case_id"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_thousand_copies_in_one_post_are_one_case_and_hide_nobody() {
    let server = TestServer::open().await;
    let key = server.key("router", &["ingest:alertmanager"]).await;
    let mut post: Value = serde_json::from_str(TWO).unwrap();
    let (first, other) = (post["alerts"][0].clone(), post["alerts"][1].clone());
    let mut alerts = vec![first; 3_000];
    alerts.push(other);
    post["alerts"] = Value::Array(alerts);
    let said = server
        .post("/v1/alerts/alertmanager", &key, &post.to_string())
        .await;
    let entered = said.with(202).json()["alerts"].clone();
    let entered = entered.as_array().unwrap();
    assert_eq!(entered.len(), 3_001);
    let copies: std::collections::BTreeSet<&str> = entered[..3_000]
        .iter()
        .map(|alert| alert["case_id"].as_str().unwrap())
        .collect();
    assert_eq!(copies.len(), 1);
    assert!(!copies.contains(entered[3_000]["case_id"].as_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_gets_the_decision() {
    let server = TestServer::open().await;
    let key = server.key("router", &["ingest:*"]).await;
    let said = server
        .post("/v1/alerts/guardduty?wait=60", &key, BLOCK)
        .await;
    let mut case = said.with(200).json();
    let alert = case["alerts"][0].as_object_mut().unwrap();
    assert!(!alert.contains_key("file"));
    let reasons = alert.remove("reasons").unwrap();
    let origin = reasons.as_array().unwrap().iter();
    let origin = origin.filter(|reason| reason["code"] == "completeness.origin");
    let origin: Vec<&Value> = origin.collect();
    assert_eq!((&origin[0]["holds"], origin.len()), (&json!(true), 1));
    alert.remove("citations").unwrap();
    insta::assert_json_snapshot!(case, {
        ".alerts[].case_id" => "[case]",
        ".alerts[].ask.digest" => "[digest]",
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_inside_a_post_is_refused() {
    let server = TestServer::open().await;
    let key = server.key("router", &["ingest:*"]).await;
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "no json",
        "{",
        "[]",
        "null",
        "\u{0}",
        &deep,
        r#"{"alerts": 1}"#,
    ] {
        for source in ["guardduty", "no-such-source"] {
            let path = format!("/v1/alerts/{source}?wait=60");
            let said = server.post(&path, &key, body).await.with(200).json();
            let alerts = said["alerts"].as_array().unwrap();
            assert_eq!(alerts.len(), 1, "{body:.20} {said}");
            let case = &alerts[0];
            assert_eq!(case["effect"], "ask", "{body:.20} {case}");
            let severity = &case["alert"]["severity"];
            assert!(severity.is_null() || severity == "high", "{case}");
            let held = case["held_by"].as_array().unwrap();
            let incomplete = ["completeness.readable", "completeness.fields"];
            assert!(
                incomplete.iter().any(|code| held.contains(&json!(code))),
                "{case}"
            );
            let minutes = case["ask"]["until"].as_str().unwrap();
            assert_eq!(minutes, "2026-10-15T03:30:00Z", "as one of severity high");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_also_when_it_is_unpacked_is_told_so() {
    let config = ServerConfig {
        body_max_bytes: 1_000.try_into().unwrap(),
        ..ServerConfig::default()
    };
    let server = TestServer::with(config).await;
    let key = server.key("router", &["ingest:*"]).await;
    let path = "/v1/alerts/generic";
    server.post(path, &key, vec![b' '; 1_001]).await.with(413);
    server.post(path, &key, vec![b' '; 1_000]).await.with(202);
    let bearer = format!("authorization: Bearer {key}\r\n");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ntransfer-encoding: chunked\r\n{bearer}\r\n"
    );
    let chunk = format!("3e9\r\n{}\r\n0\r\n\r\n", " ".repeat(1_001));
    let unannounced = [head.as_bytes(), chunk.as_bytes()].concat();
    send(server.address, &unannounced).await.with(413);
    let coded = async |coding: &str, body: &[u8]| {
        let headers = format!("{bearer}content-encoding: {coding}\r\n");
        send(server.address, &request("POST", path, &headers, body)).await
    };
    let bomb = zstd::encode_all(&vec![b' '; 50_000_000][..], 3).unwrap();
    coded("zstd", &zstd::encode_all(&[b' '; 1_000][..], 3).unwrap())
        .await
        .with(202);
    assert!(bomb.len() < 10_000, "{}", bomb.len());
    coded("zstd", &bomb[..1_000.min(bomb.len())])
        .await
        .with(413);
    coded("br", b"x").await.with(415);
    // What cannot be unpacked is a case like any other that cannot be read.
    coded("gzip", b"x").await.with(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packed_post_is_the_post() {
    let server = TestServer::open().await;
    let key = server.key("router", &["ingest:*"]).await;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(BLOCK.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let headers = format!("authorization: Bearer {key}\r\ncontent-encoding: gzip\r\n");
    let path = "/v1/alerts/guardduty?wait=60";
    let said = send(server.address, &request("POST", path, &headers, &packed)).await;
    let case = said.with(200).json()["alerts"][0].clone();
    let plain = server.post(path, &key, BLOCK).await.with(200);
    let plain = plain.json()["alerts"][0].clone();
    assert_eq!(plain["alert"], case["alert"]);
    assert_eq!(plain["case_id"], case["case_id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_that_are_under_way_are_bounded_in_bytes() {
    let config = ServerConfig {
        body_max_bytes: 100_000.try_into().unwrap(),
        posts_max_bytes: 150_000.try_into().unwrap(),
        ..ServerConfig::default()
    };
    let server = TestServer::with(config).await;
    let key = server.key("router", &["ingest:*"]).await;
    let headers = format!("authorization: Bearer {key}\r\nexpect: 100-continue\r\n");
    let slow = request("POST", "/v1/alerts/generic", &headers, &vec![b' '; 100_000]);
    let (head, body) = slow.split_at(slow.len() - 100_000);
    let mut stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    stream.write_all(head).await.unwrap();
    // The body is asked for once the post has its place.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    let (first, rest) = body.split_at(body.len() - 1);
    stream.write_all(first).await.unwrap();
    let large = vec![b' '; 90_000];
    server
        .post("/v1/alerts/generic", &key, &large)
        .await
        .with(503);
    server
        .post("/v1/alerts/generic", &key, "{}")
        .await
        .with(202);
    stream.write_all(rest).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 202"), "{said}");
    server
        .post("/v1/alerts/generic", &key, &large)
        .await
        .with(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_before_a_start_is_worked_on_after_it() {
    let server = TestServer::open().await;
    let key = server.key("router", &["ingest:*", "read"]).await;
    let post = Post {
        tenant: demo::tenant(),
        name: "before".into(),
        bytes: BLOCK.into(),
        source: Asked::Source {
            id: SourceId::new("guardduty"),
            origin: Origin::Guessed,
        },
        received_at: now(),
    };
    let Accepted::Alert(entry) = server.app.accept(post).await.unwrap()[0] else {
        panic!("no alert")
    };
    let path = format!("/v1/cases/{}", entry.case);
    while server.get(&path, &key).await.with(200).json()["phase"] != "asked" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_queue_is_full_a_sender_is_told_when_to_come_back() {
    let config = ServerConfig {
        workers: 1.try_into().unwrap(),
        queue_max: 1.try_into().unwrap(),
        ..ServerConfig::default()
    };
    let server = TestServer::with(config).await;
    let key = server
        .key("desk-mira", &["ingest:*", "read", "approve"])
        .await;
    let case = server.asked(&key).await;
    let held_up = server.receiver.held_up().await;
    let approve = format!("{}?wait=0", of(&case, "/approve"));
    let said = server.command(&approve, &key, approval(&case)).await;
    said.with(200);
    server.receiver.comes("tierone.action").await;
    let said = server.post("/v1/alerts/alertmanager", &key, TWO).await;
    said.with(202);
    let busy = server
        .post("/v1/alerts/generic", &key, "{}")
        .await
        .with(503);
    assert_eq!(busy.header("retry-after"), Some("5"));
    let unready = server.get("/readyz", "").await;
    assert_eq!(
        (unready.status, unready.json()["not_ready"][0].as_str()),
        (503, Some("queue"))
    );
    drop(held_up);
    let said = server.get(&of(&case, ""), &key).await;
    said.with(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_one_alert_is_one_case() {
    let server = TestServer::open().await;
    let key = server.key("router", &["ingest:*", "read"]).await;
    let posts = (0..16).map(|_| server.post("/v1/alerts/guardduty", &key, BLOCK));
    let said = futures_util::future::join_all(posts).await;
    let alerts: Vec<Value> = said
        .into_iter()
        .map(|said| said.with(202).json()["alerts"][0].clone())
        .collect();
    let first = alerts.iter().filter(|alert| alert["duplicate"] == false);
    assert_eq!(first.count(), 1);
    assert!(
        alerts
            .iter()
            .all(|alert| alert["case_id"] == alerts[0]["case_id"])
    );
    let events = server.get(&of(&alerts[0], "/events"), &key).await;
    let events = events.with(200).json()["events"].clone();
    let seen = events.as_array().unwrap().iter();
    let seen = seen.filter(|event| {
        ["received", "repeated"].contains(&event["body"]["kind"].as_str().unwrap())
    });
    assert_eq!(seen.count(), 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_that_names_no_source_is_no_route() {
    let server = TestServer::open().await;
    let key = server.key("router", &["ingest:*"]).await;
    let long = format!("/v1/alerts/{}", "a".repeat(65));
    for path in [
        "/v1/alerts/",
        "/v1/alerts/a.b",
        "/v1/alerts/..%2f..%2fetc",
        "/v1/alerts/%ff",
        &long,
    ] {
        server.post(path, &key, "{}").await.with(404);
    }
    server.get("/v1/alerts/generic", &key).await.with(405);
    let said = server
        .post("/v1/alerts/generic?wait=soon", &key, "{}")
        .await;
    said.with(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_in_and_what_is_not_have_one_shape_each() {
    let server = TestServer::open().await;
    let key = server.key("router", &["ingest:guardduty"]).await;
    let said = server.post("/v1/alerts/guardduty", &key, BLOCK).await;
    insta::assert_json_snapshot!("taken_in", said.with(202).json(), {
        ".alerts[].case_id" => "[case]",
        ".alerts[].status_url" => "[/v1/cases/case]",
    });
    let said = server.post("/v1/alerts/badge", &key, BLOCK).await;
    insta::assert_json_snapshot!("problem", said.with(403).json());
}
