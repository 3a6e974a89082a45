//! A service that is killed again and again while alerts come in and people approve: what its senders and its receiver have written down
//! afterwards must be what is in its store.
//!
//! Not part of `cargo test`, because it takes minutes: `just outage`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tierone::{
    app::demo,
    domain::{case::Phase, precedent::PrecedentOrigin},
    outbound::store::{Store, Which},
};

use super::{
    run::{free_address, serve},
    site::Site,
};

const RATE: u32 = 200;
const SENDERS: u32 = 4;
/// As many as the budget of `block-ip` lets a tenant have in an hour.
const APPROVALS_MAX: u32 = 90;
/// Between two kills.
const LIFE: Duration = Duration::from_millis(2_400);
/// How long the last process may take for what the others left.
const REST_MAX: Duration = Duration::from_mins(5);
const BLOCK: &str = include_str!("../../eval/demo/alerts/guardduty/ssh-guessing-bastion.json");

/// What the others know of the service.
#[derive(Clone)]
struct Service {
    address: SocketAddr,
    key: String,
}

/// One alert as its sender wrote it down.
struct Sent {
    mark: String,
    case: String,
    tries: u32,
}

impl Service {
    /// Asks until there is an answer that is no failure of the service, and says how often it asked.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value, u32) {
        for tries in 1.. {
            match self.once(method, path, body) {
                Some((status, said)) if status < 500 => return (status, said, tries),
                _ => thread::sleep(Duration::from_millis(20)),
            }
        }
        panic!("it asks until it is answered")
    }

    /// `None` where no whole answer came.
    fn once(&self, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .ok()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: tierone\r\nconnection: close\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, said) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(said).ok()?))
    }

    /// Sends its share of `until` seconds' alerts at its share of the rate. Some name an address that can be blocked.
    fn send(&self, sender: u32, seconds: u32) -> Vec<Sent> {
        let begun = Instant::now();
        let (all, pause) = (
            RATE / SENDERS * seconds,
            Duration::from_secs(1) * SENDERS / RATE,
        );
        let with_a_plan = all / (APPROVALS_MAX / SENDERS).max(1);
        let mut log = Vec::new();
        for number in 0..all {
            let due = begun + pause * number;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let of_its_own = sender + SENDERS * number;
            let planned =
                number % with_a_plan == 0 && number / with_a_plan < APPROVALS_MAX / SENDERS;
            let (path, mark, body) = if planned {
                let mark = format!(
                    "198.51.100.{}",
                    10 + sender + SENDERS * (number / with_a_plan)
                );
                let body = BLOCK.replace("198.51.100.77", &mark);
                let body = body.replace("i-0a1b2c3d4e5f60001", &format!("i-{of_its_own:017x}"));
                let body = body.replace(
                    "8ddf878039b70767c4a5bcf4f0c4f65e",
                    &format!("{of_its_own:032x}"),
                );
                ("/v1/alerts/guardduty", mark, body)
            } else {
                let mark = format!("host-{of_its_own}");
                let body = json!({"version": "4", "status": "firing", "alerts": [{"status": "firing",
                    "labels": {"alertname": "DiskFull", "instance": mark, "severity": "warning"},
                    "startsAt": "2026-10-15T02:04:10Z", "fingerprint": format!("{of_its_own:016x}")}]});
                ("/v1/alerts/alertmanager", mark, body.to_string())
            };
            let (status, said, tries) = self.ask("POST", path, &body);
            assert_eq!(status, 202, "{said}");
            let case = said["alerts"][0]["case_id"].as_str().unwrap().to_owned();
            log.push(Sent { mark, case, tries });
        }
        log
    }

    /// Proposes to block the address of `sent` and approves it, once somebody is asked; whether the answer was heard.
    fn approve(&self, sent: &Sent) -> bool {
        loop {
            let (_, said, _) = self.ask("GET", &format!("/v1/cases/{}", sent.case), "");
            let digest = &said["ask"]["digest"];
            if said["phase"] == "asked" && digest.is_string() {
                let proposed = said["ask"]["action"]["id"] == "block-ip";
                let body = if proposed {
                    json!({ "digest": digest })
                } else {
                    json!({ "digest": digest, "action": "block-ip", "set": { "address": sent.mark } })
                };
                let path = format!("/v1/cases/{}/approve", sent.case);
                let (status, said, tries) = self.ask("POST", &path, &body.to_string());
                // Where it asked again, the answer that was cut off may have been heard.
                assert!(status == 200 || (status == 409 && tries > 1), "{said}");
                if proposed {
                    return status == 200;
                }
                continue;
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Ends the killing also where an assertion fails.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Keeps a service up, and kills it again and again until it is told to stop. Gives the last one, which lives, and how many were killed.
fn keep_killing(site: &Site, stop: &AtomicBool) -> (Child, u32) {
    let mut killed = 0;
    loop {
        let mut child = serve(&site.folder.at("tierone.toml"));
        thread::sleep(LIFE);
        if stop.load(Ordering::SeqCst) {
            return (child, killed);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
    }
}

/// A site whose store has the demo's precedents as if they were lived, and a service with a key of the person who approves.
fn site(runtime: &tokio::runtime::Runtime) -> (Site, Service) {
    let address = free_address();
    let site = Site::with(&format!("[server]\nlisten = \"{address}\"\n"));
    let people = std::fs::read_to_string(site.folder.at("people.toml")).unwrap();
    let (others, mine) = people.rsplit_once("{ os_user").unwrap();
    let mine = format!("{others}{{ api_key = \"desk-me\", os_user{mine}");
    site.folder.write("people.toml", mine);
    runtime.block_on(async {
        let store = Store::open(&url(&site)).await.unwrap();
        let mut rows = demo::precedents(&demo::tenant()).unwrap();
        for row in &mut rows {
            row.origin = PrecedentOrigin::Lived;
        }
        store.add_precedents(&demo::tenant(), &rows).await.unwrap();
        store.close().await;
    });
    let made = site.object(&[
        "keys", "create", "--id", "desk-me", "--scope", "ingest:*", "--scope", "read", "--scope",
        "approve",
    ]);
    let key = made["key"].as_str().unwrap().to_owned();
    (site, Service { address, key })
}

fn url(site: &Site) -> String {
    format!("sqlite://{}", site.folder.at("live.db"))
}

#[test]
#[ignore = "takes minutes: `just outage`"]
fn a_service_that_is_killed_again_and_again_loses_nothing_and_does_nothing_twice() {
    let seconds = seconds();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (site, service) = site(&runtime);
    let (stop, begun) = (Arc::new(AtomicBool::new(false)), Instant::now());
    let (sent, heard, mut last, killed) = thread::scope(|scope| {
        let killing = scope.spawn(|| keep_killing(&site, &stop));
        let stopping = Stopping(&stop);
        let sending: Vec<_> = (0..SENDERS)
            .map(|sender| (service.clone(), sender))
            .map(|(service, sender)| scope.spawn(move || service.send(sender, seconds)))
            .collect();
        let sent: Vec<Sent> = sending
            .into_iter()
            .flat_map(|one| one.join().unwrap())
            .collect();
        let named: Vec<&Sent> = sent
            .iter()
            .filter(|sent| !sent.mark.starts_with("host-"))
            .collect();
        // Half of them while it is still being killed, one at a time.
        let (early, late) = named.split_at(named.len() / 2);
        let mut heard = early.iter().filter(|sent| service.approve(sent)).count();
        drop(stopping);
        let (last, killed) = killing.join().unwrap();
        heard += late.iter().filter(|sent| service.approve(sent)).count();
        (sent, heard, last, killed)
    });
    let took = begun.elapsed();
    rest(&runtime, &site);
    Command::new("kill")
        .args(["-TERM", &last.id().to_string()])
        .status()
        .unwrap();
    assert!(last.wait().unwrap().success());
    let counted = runtime.block_on(count(&site, &sent));
    println!(
        "{} alerts sent in {} s, {} of them more than once; {} cases; {killed} processes killed; {heard} approvals heard\n{counted:?}",
        sent.len(),
        took.as_secs(),
        sent.iter().filter(|sent| sent.tries > 1).count(),
        counted.cases,
    );
    assert!(killed >= seconds / 3, "{killed} killed");
    assert_eq!(
        (counted.lost, counted.doubled, counted.told_under_two_keys),
        (0, 0, 0)
    );
    assert_eq!(counted.undecided, 0);
    assert_eq!(counted.executed + counted.in_doubt, counted.told);
}

/// How long alerts are sent: a minute, unless another time is asked for.
fn seconds() -> u32 {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a run takes is asked for where it is started"
    )]
    let asked = std::env::var("TIERONE_OUTAGE_SECONDS");
    asked.map_or(60, |seconds| seconds.parse().unwrap())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the service that is killed has the real time"
)]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Waits until nothing is due any more.
fn rest(runtime: &tokio::runtime::Runtime, site: &Site) {
    let begun = Instant::now();
    let store = runtime.block_on(Store::open(&url(site))).unwrap();
    loop {
        let due = runtime.block_on(store.due(now(), 1)).unwrap();
        if due.is_empty() {
            return;
        }
        assert!(begun.elapsed() < REST_MAX, "work is left");
        thread::sleep(Duration::from_millis(500));
    }
}

/// What the logs and the store say together.
#[derive(Debug, Default)]
struct Counted {
    cases: usize,
    lost: usize,
    doubled: usize,
    undecided: usize,
    told: usize,
    told_again: usize,
    told_under_two_keys: usize,
    executed: usize,
    in_doubt: usize,
}

async fn count(site: &Site, sent: &[Sent]) -> Counted {
    let store = Store::open(&url(site)).await.unwrap();
    let ids = store
        .case_ids(&demo::tenant(), Which::All, 1_000_000)
        .await
        .unwrap();
    let mut counted = Counted {
        cases: ids.len(),
        ..Counted::default()
    };
    let mut cases = BTreeMap::new();
    for id in ids {
        // Every chain is checked as it is read.
        let case = store.case(&demo::tenant(), id).await.unwrap().unwrap();
        counted.undecided += usize::from(case.decided.is_none());
        counted.executed += usize::from(case.executed.is_some());
        counted.in_doubt += usize::from(case.phase == Phase::Doubtful);
        cases.insert(id.to_string(), case);
    }
    let marks = |mark: &str| {
        cases
            .values()
            .filter(|case| case.entities.contains(mark))
            .count()
    };
    for sent in sent {
        let is_there = cases
            .get(&sent.case)
            .is_some_and(|case| case.entities.contains(&sent.mark));
        counted.lost += usize::from(!is_there);
    }
    counted.doubled = cases.len()
        - sent
            .iter()
            .map(|sent| &sent.mark)
            .collect::<BTreeSet<_>>()
            .len();
    assert!(sent.first().is_some_and(|sent| marks(&sent.mark) == 1));
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in site.receiver.got() {
        if message.body["type"] == "tierone.action" {
            let case = message.body["data"]["case"].as_str().unwrap().to_owned();
            keys.entry(case).or_default().push(message.id);
        }
    }
    for ids in keys.values() {
        let distinct: BTreeSet<_> = ids.iter().collect();
        counted.told += 1;
        counted.told_again += usize::from(ids.len() > distinct.len());
        counted.told_under_two_keys += usize::from(distinct.len() > 1);
    }
    counted
}
