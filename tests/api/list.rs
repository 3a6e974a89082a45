//! `GET /v1/cases`, and the verbs by which a case is handed on, put off, taken back and opened again.

use serde_json::{Value, json};

use super::server::{TestServer, approval, of};

const ALL: [&str; 3] = ["ingest:*", "read", "approve"];

/// As many cases as that, each of another instance, every other one critical.
async fn cases(server: &TestServer, key: &str, many: usize) {
    let alerts: Vec<Value> = (0..many)
        .map(|number| {
            json!({"status": "firing", "startsAt": "2026-10-15T02:04:10Z", "fingerprint": format!("{number:016x}"),
                "labels": {"alertname": "DiskFull", "instance": format!("host-{number}"), "severity": severity(number)}})
        })
        .collect();
    let post = json!({"version": "4", "status": "firing", "alerts": alerts}).to_string();
    let said = server
        .post("/v1/alerts/alertmanager?wait=60", key, post)
        .await;
    said.with(200);
}

fn severity(number: usize) -> &'static str {
    if number.is_multiple_of(2) {
        "critical"
    } else {
        "warning"
    }
}

/// The ids of every page of a list, and how many pages there were.
async fn walked(server: &TestServer, key: &str, query: &str) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let path = format!("/v1/cases?{query}{after}");
        let page = server.get(&path, key).await.with(200).json();
        let cases = page["cases"].as_array().unwrap().iter();
        ids.extend(cases.map(|case| case["case_id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = page["next"].as_str() else {
            return (ids, pages);
        };
        after = format!("&after={next}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_is_on_one_page_and_filters_hold() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &ALL).await;
    cases(&server, &key, 23).await;
    let (mut ids, pages) = walked(&server, &key, "limit=5").await;
    assert_eq!((ids.len(), pages), (23, 5));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 23, "a case is on two pages");
    for (query, expected) in [
        ("urgency=critical", 12),
        ("urgency=critical&source=alertmanager&limit=4", 12),
        ("source=guardduty", 0),
        ("state=all", 23),
    ] {
        let (ids, _) = walked(&server, &key, query).await;
        assert_eq!(ids.len(), expected, "{query}");
    }
    for wrong in [
        "limit=x",
        "urgency=loud",
        "colour=red",
        "after=1",
        "after=x.y",
    ] {
        let said = server.get(&format!("/v1/cases?{wrong}"), &key).await;
        said.with(400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_handed_on_put_off_done_taken_back_and_over() {
    let server = TestServer::open().await;
    let key = server.key("desk-mira", &ALL).await;
    let case = server.asked(&key).await;
    let told = async |what: &str, body: Value| {
        let path = of(&case, what);
        server.command(&path, &key, body).await
    };
    let handed = told(
        "/escalate",
        json!({ "to": "soc-lead", "reason": "not mine" }),
    );
    assert_eq!(handed.await.with(200).json()["ask"]["group"], "soc-lead");
    for until in ["2026-10-15T02:00:00Z", "2027-10-15T02:00:00Z"] {
        let off = told("/snooze", json!({ "until": until, "reason": "later" }));
        off.await.with(422);
    }
    let until = "2026-10-16T03:00:00Z";
    let off = told("/snooze", json!({ "until": until, "reason": "later" })).await;
    off.with(200);
    let listed = server.get("/v1/cases", &key).await.with(200).json();
    assert_eq!(listed["cases"][0]["snoozed_until"], until, "{listed}");
    let silent = told("/undo", json!({ "reason": "x" })).await;
    silent.with(409);
    let done = told("/approve", approval(&case)).await.with(200);
    assert_eq!(done.json()["phase"], "learned");
    let (open, all) = (
        walked(&server, &key, "").await.0,
        walked(&server, &key, "state=all").await.0,
    );
    assert_eq!((open.len(), all.len()), (0, 1));
    let undone = told("/undo", json!({ "reason": "the wrong one" })).await;
    assert_eq!(undone.with(200).json()["phase"], "asked");
    assert_eq!(server.receiver.got("tierone.undo").len(), 1);
    let resolution = json!({ "disposition": "benign_positive", "reason": "a drill" });
    told("/resolve", resolution).await.with(200);
    let opened = told("/reopen", json!({ "reason": "it was none" })).await;
    assert_eq!(opened.with(200).json()["phase"], "asked");
}
