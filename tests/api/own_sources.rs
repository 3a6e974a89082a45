//! A site's own sources in a service, which is the program itself here: it reads by children of its own kind. Whatever a source does, its
//! child ends and nothing else, and the alert is a case.

use std::{net::SocketAddr, pin::pin, process::Child, time::Duration};

use serde_json::{Value, json};
use tokio::{net::TcpStream, time::sleep};

use super::client::{Said, request, send};
use crate::cli::run::{Folder, free_address, serve};

const GOOD: &str = r#"def recognises: has("door");
def alerts: {status: "firing", title: .event, severity: "low", detection_id: .event, about: [.door]};"#;
/// Compares what is small in memory and has 2^60 values: the check of source files lets it through.
const LOOPS: &str = "def recognises: false;
def d: [., .]; def e: d | d | d | d | d | d | d | d | d | d; def f: e | e | e | e | e | e;
def alerts: (1 | f) as $x | (1 | f) as $y | {status: \"firing\", title: ($x == $y | tostring)};";
const ALLOCATES: &str = "def recognises: false;
def d: . + .; def e: d | d | d | d | d | d | d | d;
def alerts: \"xxxxxxxx\" | e | e | e | e | e | {status: \"firing\", title: .};";
const PAYLOAD: &str = r#"{"event": "door_forced_open", "door": "d-1"}"#;

/// A service with those sources in a folder and no key yet, so that it answers to whoever is on this machine.
struct Service {
    address: SocketAddr,
    process: Child,
    _folder: Folder,
}

impl Service {
    async fn start() -> Self {
        let (folder, address) = (Folder::new(), free_address());
        for (name, text) in [("good", GOOD), ("loops", LOOPS), ("allocates", ALLOCATES)] {
            folder.write(&format!("sources/{name}.jq"), text);
        }
        let store = folder.at("live.db");
        let config = format!(
            "[server]\nlisten = \"{address}\"\n[store]\nurl = \"sqlite://{store}\"\n[files]\nsources = \"sources\"\n"
        );
        let mut process = serve(&folder.write("tierone.toml", config));
        while TcpStream::connect(address).await.is_err() {
            assert!(process.try_wait().unwrap().is_none(), "it has ended");
            sleep(Duration::from_millis(20)).await;
        }
        Self {
            address,
            process,
            _folder: folder,
        }
    }

    async fn send(&self, method: &str, path: &str, body: &str) -> Said {
        send(self.address, &request(method, path, "", body.as_bytes())).await
    }

    /// The decision about [`PAYLOAD`] as this source reads it.
    async fn decided(&self, source: &str) -> Value {
        let path = format!("/v1/alerts/{source}?wait=60");
        let said = self.send("POST", &path, PAYLOAD).await.with(200).json();
        let [case] = said["alerts"].as_array().unwrap().as_slice() else {
            panic!("{said}");
        };
        case.clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn is_held_by_reading(case: &Value) -> bool {
    let held = case["held_by"].as_array().unwrap();
    held.contains(&json!("completeness.readable"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_source_that_breaks_its_reader_loses_no_alert_and_holds_up_nobody() {
    let service = Service::start().await;
    let broken = async { tokio::join!(service.decided("loops"), service.decided("allocates")) };
    let mut broken = pin!(broken);
    let meanwhile = tokio::select! {
        case = service.decided("good") => case,
        _ = &mut broken => panic!("a good source waited for those that break"),
    };
    let (looping, allocating) = broken.await;
    assert_eq!(meanwhile["alert"]["title"], "door_forced_open");
    assert!(!is_held_by_reading(&meanwhile), "{meanwhile}");
    for (source, case) in [("loops", looping), ("allocates", allocating)] {
        assert_eq!(case["source"], source, "{case}");
        assert_eq!(case["alert"]["severity"], "high", "{case}");
        assert_eq!(case["effect"], "ask", "{case}");
        assert!(is_held_by_reading(&case), "{case}");
        let path = format!("/v1/cases/{}", case["case_id"].as_str().unwrap());
        let stored = service.send("GET", &path, "").await.with(200).json();
        assert_eq!(stored["phase"], "asked", "{stored}");
    }
    let after = service.decided("good").await;
    assert_eq!(after["duplicate"], true, "{after}");
    service.send("GET", "/readyz", "").await.with(200);
}
