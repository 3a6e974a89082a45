//! How a service begins and ends.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tierone::app::worker::Stopped;
use tokio::{io::AsyncReadExt as _, net::TcpStream};

use super::server::{TestServer, approval, of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_comes_to_its_end() {
    let server = TestServer::open().await;
    let key = server
        .key("desk-mira", &["ingest:*", "read", "approve"])
        .await;
    let case = server.asked(&key).await;
    let held_up = server.receiver.held_up().await;
    let approve = format!("{}?wait=0", of(&case, "/approve"));
    server
        .command(&approve, &key, approval(&case))
        .await
        .with(200);
    server.receiver.comes("tierone.action").await;
    server.tell_to_end();
    while !server.is_closed().await {
        tokio::task::yield_now().await;
    }
    drop(held_up);
    let app = std::sync::Arc::clone(&server.app);
    let (id, tenant) = (
        case["case_id"].as_str().unwrap().parse().unwrap(),
        tierone::app::demo::tenant(),
    );
    assert_eq!(server.end().await, Stopped::Idle);
    let case = app.case(&tenant, id).await.unwrap().unwrap();
    assert!(case.executed.is_some(), "{:?}", case.phase);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_never_ends_is_cut_off() {
    let config = tierone::config::server::ServerConfig {
        head_timeout_seconds: 1.try_into().unwrap(),
        ..Default::default()
    };
    let server = TestServer::with(config).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut slow, b"GET /healthz HTTP/1.1\r\nx: ")
        .await
        .unwrap();
    let mut rest = Vec::new();
    let cut = tokio::time::timeout(Duration::from_mins(1), slow.read_to_end(&mut rest)).await;
    assert!(cut.is_ok(), "the connection is still open");
    server.get("/healthz", "").await.with(200);
    server.get("/readyz", "").await.with(200);
    server.get("/nowhere", "").await.with(404);
    server.send("DELETE", "/healthz", "", b"").await.with(405);
}

/// A service that is a process, and is ended with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
    }
}

fn tierone(folder: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tierone"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("RUST_LOG", "info")
        .env("NO_COLOR", "1")
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

#[test]
fn beyond_loopback_it_serves_nobody_without_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--listen", "0.0.0.0:0"];
    let refused = tierone(folder.path(), &arguments).output().unwrap();
    let text = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{text}");
    assert!(text.contains("no valid API key"), "{text}");
    let arguments = ["keys", "create", "--scope", "ingest:*", "--json"];
    let made = tierone(folder.path(), &arguments).output().unwrap();
    let key: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(key["key"].as_str().unwrap().starts_with("tro_"), "{key}");
    let (mut service, log) = started(folder.path(), &["serve", "--listen", "0.0.0.0:0"]);
    assert!(log.contains("holders of an API key"), "{log}");
    end(&mut service, "TERM");
    let id = key["id"].as_str().unwrap();
    let revoked = tierone(folder.path(), &["keys", "revoke", id])
        .output()
        .unwrap();
    assert!(revoked.status.success());
    let arguments = ["serve", "--listen", "0.0.0.0:0"];
    let refused = tierone(folder.path(), &arguments).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let listed = tierone(folder.path(), &["keys", "list"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(
        listed.contains(id) && listed.contains("revoked"),
        "{listed}"
    );
}

#[test]
fn told_to_end_it_ends_well() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let (mut service, log) = started(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        assert!(log.contains("until the first key is made"), "{log}");
        end(&mut service, signal);
    }
}

/// The service once it listens, and its log until then.
fn started(folder: &std::path::Path, arguments: &[&str]) -> (Process, String) {
    let mut service = Process(tierone(folder, arguments).spawn().unwrap());
    let mut lines = BufReader::new(service.0.stderr.take().unwrap());
    let mut log = String::new();
    while !log.contains("listening") {
        assert_ne!(lines.read_line(&mut log).unwrap(), 0, "{log}");
    }
    std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
    (service, log)
}

fn end(service: &mut Process, signal: &str) {
    let pid = service.0.id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &pid]).status();
    assert!(sent.unwrap().success());
    assert_eq!(service.0.wait().unwrap().code(), Some(0), "{signal}");
}
