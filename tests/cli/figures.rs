//! Figures of the program as a whole: how soon a service over the demo's store answers and how much memory it then has, and whether
//! a decision takes longer beside more cases.
//!
//! Not part of `cargo test`, because a busy machine decides them: `just figures`.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::Child,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::run::{ALERTS, Folder, free_address, serve, tierone};

const STARTS: usize = 20;
/// Of the median start, which no single wakeup of a busy machine decides.
const START_MAX: Duration = Duration::from_millis(300);
const RSS_KIB_MAX: u64 = 80 * 1_024;
const RSS_WITH_MODEL_KIB_MAX: u64 = 160 * 1_024;
/// How long a draft may take whose model is not there.
const DRAFTED_MAX: Duration = Duration::from_mins(1);
/// How long a service is left alone before its memory is read.
const SETTLED: Duration = Duration::from_millis(500);

const FEW: usize = 1_000;
const MANY: usize = 100_000;
/// Alerts of one post.
const POST: usize = 100;
/// Alerts whose decisions are timed at once, and how often; few stores and many stores take turns.
const TIMED: usize = 500;
const ROUNDS: usize = 7;
/// Beside a hundred times as many cases a decision may take this much longer, which is what a noisy machine makes of nothing.
const SLOWER_MAX: f64 = 1.25;

#[test]
#[ignore = "a figure, not a fact: `just figures`"]
fn a_service_over_the_demos_store_answers_soon_and_is_small() {
    let folder = Folder::new();
    let store = format!("demo://{}", folder.at("demo.db"));
    tierone(["triage", ALERTS, "--store", store.as_str()]).good();
    let mut started: Vec<(Duration, u64)> = (0..STARTS).map(|_| start(&folder, &store)).collect();
    started.sort();
    let (median, slowest) = (started[STARTS / 2].0, started[STARTS - 1].0);
    let rss = started.iter().map(|(_, rss)| *rss).max().unwrap();
    println!(
        "{STARTS} starts: median {} ms, slowest {} ms; resident at most {} MiB",
        median.as_millis(),
        slowest.as_millis(),
        rss / 1_024
    );
    assert!(median <= START_MAX, "{median:?}");
    assert!(rss <= RSS_KIB_MAX, "{rss} KiB");
}

#[test]
#[ignore = "a figure, not a fact: `just figures`"]
fn a_service_with_a_model_has_read_its_tables_and_is_not_much_larger() {
    let folder = Folder::new();
    let (address, nobody) = (free_address(), free_address());
    let store = format!("demo://{}", folder.at("demo.db"));
    let config = format!(
        "[server]\nlisten = \"{address}\"\n[store]\nurl = \"{store}\"\n[residency]\nregion = \"eu-west-1\"\n\
         [model]\nname = \"gpt-4o\"\nregion = \"eu-west-1\"\nbase_url = \"http://{nobody}/v1\"\n"
    );
    let config = folder.write("tierone.toml", config);
    let made = tierone([
        "keys", "create", "--id", "k", "--scope", "ingest:*", "--json", "--config", &config,
    ]);
    let key = made.objects()[0]["key"].as_str().unwrap().to_owned();
    let mut child = serve(&config);
    while !is_healthy(address) {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        thread::sleep(Duration::from_millis(2));
    }
    let post = json!({"version": "4", "status": "firing", "alerts": (0..20).map(alert).collect::<Vec<_>>()});
    let post = post.to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /v1/alerts/alertmanager HTTP/1.1\r\nhost: tierone\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\
         content-length: {}\r\n\r\n{post}",
        post.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let drafted = || {
        tierone(["cases", "list", "--json", "--config", &config])
            .objects()
            .iter()
            .any(|case| case["phase"] == "asked")
    };
    let begun = Instant::now();
    while !drafted() {
        assert!(begun.elapsed() < DRAFTED_MAX, "nothing was drafted");
        thread::sleep(SETTLED);
    }
    let rss = resident(&child);
    child.kill().unwrap();
    child.wait().unwrap();
    println!(
        "with a model configured, whose prompts were counted: resident {} MiB",
        rss / 1_024
    );
    assert!(rss <= RSS_WITH_MODEL_KIB_MAX, "{rss} KiB");
}

/// From the start of the process to its first whole answer; and its resident memory in KiB.
fn start(folder: &Folder, store: &str) -> (Duration, u64) {
    let address = free_address();
    let config = format!("[server]\nlisten = \"{address}\"\n[store]\nurl = \"{store}\"\n");
    let config = folder.write("tierone.toml", config);
    let begun = Instant::now();
    let mut child = serve(&config);
    while !is_healthy(address) {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        thread::sleep(Duration::from_millis(2));
    }
    let took = begun.elapsed();
    thread::sleep(SETTLED);
    let rss = resident(&child);
    child.kill().unwrap();
    child.wait().unwrap();
    (took, rss)
}

fn is_healthy(address: SocketAddr) -> bool {
    let mut answer = String::new();
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: tierone\r\nconnection: close\r\n\r\n")?;
        stream.read_to_string(&mut answer)
    });
    asked.is_ok() && answer.starts_with("HTTP/1.1 200")
}

/// As the kernel says in `/proc/PID/status` (proc(5)).
fn resident(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().split_whitespace().next().unwrap();
    kib.parse().unwrap()
}

#[test]
#[ignore = "a figure, and takes minutes: `just figures`"]
fn a_decision_takes_no_longer_beside_a_hundred_times_as_many_cases() {
    let folder = Folder::new();
    let stores = [FEW, MANY].map(|cases| {
        let store = format!("demo://{}", folder.at(&format!("{cases}.db")));
        decide(&folder, &store, 0, cases);
        store
    });
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for (store, times) in stores.iter().zip(&mut times) {
            times.push(decide(&folder, store, MANY + round * TIMED, TIMED));
        }
    }
    let [few, many] = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2]
    });
    let slower = many.as_secs_f64() / few.as_secs_f64();
    println!(
        "{TIMED} decisions, start of the program included, median of {ROUNDS} runs: {} ms beside {FEW} cases, {} ms beside {MANY} (at the end {} more in each): {slower:.2} times as long",
        few.as_millis(),
        many.as_millis(),
        ROUNDS * TIMED,
    );
    assert!(slower <= SLOWER_MAX, "{slower}");
}

/// Decides on alerts `first` to `first + count` of different problems in one process, and says how long it lived.
fn decide(folder: &Folder, store: &str, first: usize, count: usize) -> Duration {
    let posts = format!("posts-{first}/alertmanager");
    for first in (first..first + count).step_by(POST) {
        let alerts: Vec<Value> = (first..first + POST).map(alert).collect();
        let post = json!({"version": "4", "status": "firing", "alerts": alerts});
        folder.write(&format!("{posts}/{first}.json"), post.to_string());
    }
    let posts = folder.at(&posts);
    let begun = Instant::now();
    let ran = tierone(["triage", &posts, "--store", store, "--json"]);
    let took = begun.elapsed();
    assert_eq!(ran.good().lines().count(), count);
    took
}

fn alert(number: usize) -> Value {
    json!({"status": "firing", "startsAt": "2026-10-15T02:04:10Z", "fingerprint": format!("{number:016x}"),
        "labels": {"alertname": "HostRebooted", "instance": "web-02", "environment": "production", "datacenter": "dc-1",
            "rack": format!("rack-{number}"), "severity": "warning"},
        "annotations": {"summary": "web-02 has rebooted"}})
}
