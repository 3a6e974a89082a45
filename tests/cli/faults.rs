//! The disk of a running service fails: it is full, read-only, damaged, gone, or a newer build's. Whoever sends is told what is wrong and
//! what helps, `/readyz` tells it too, nothing is taken that is not kept, and the service goes on by itself once the disk does.
//!
//! What mounts a disk needs root, what makes writes fail needs `strace`: `just faults` runs those too.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    os::unix::fs::FileExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tierone::{
    app::demo,
    outbound::store::{Store, Which},
};

use super::{
    run::{execute, free_address, serve, tierone},
    site::Site,
};

/// How long anything may take that happens by itself.
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(50);
const PAGE_BYTES: u64 = 4_096;

/// A service over real sockets, and what its sender wrote down.
struct Sender {
    site: Site,
    address: SocketAddr,
    key: String,
    child: Child,
    sent: u32,
    /// The case of each alert that was taken, by what the alert is about.
    taken: BTreeMap<String, String>,
}

/// An answer, whole.
#[derive(Debug)]
struct Said {
    status: u16,
    head: String,
    body: Value,
}

impl Drop for Sender {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Sender {
    /// A service that is ready, with its store at this place in the site's folder.
    fn to(site: Site, address: SocketAddr) -> Self {
        let key = site.object(&["keys", "create", "--id", "router", "--scope", "ingest:*"]);
        let key = key["key"].as_str().unwrap().to_owned();
        let child = serve(&site.folder.at("tierone.toml"));
        let mut sender = Self {
            site,
            address,
            key,
            child,
            sent: 0,
            taken: BTreeMap::new(),
        };
        sender.becomes_ready();
        sender
    }

    fn start() -> Self {
        let (site, address) = site_at("live.db");
        Self::to(site, address)
    }

    /// `None` where nobody listens.
    fn ask(&self, method: &str, path: &str, body: &str) -> Option<Said> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: tierone\r\nconnection: close\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Some(Said {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_lowercase(),
            body: serde_json::from_str(body).unwrap(),
        })
    }

    /// Sends an alert of its own, as long as `bytes`, and writes down where it went if it was taken.
    fn send(&mut self, bytes: usize) -> Said {
        self.sent += 1;
        let mark = format!("host-{}", self.sent);
        let body = json!({"version": "4", "status": "firing", "alerts": [{"status": "firing",
            "labels": {"alertname": "DiskFull", "instance": mark, "severity": "warning"},
            "annotations": {"summary": "x".repeat(bytes)},
            "startsAt": "2026-10-15T02:04:10Z", "fingerprint": format!("{:016x}", self.sent)}]});
        let said = self.ask("POST", "/v1/alerts/alertmanager", &body.to_string());
        let said = said.unwrap();
        if said.status == 202 {
            let case = said.body["alerts"][0]["case_id"].as_str().unwrap();
            self.taken.insert(mark, case.to_owned());
        } else {
            said.is_a_problem();
        }
        said
    }

    /// Sends until an alert is not taken, and gives what was said of that one.
    fn refused(&mut self, bytes: usize) -> Said {
        let begun = Instant::now();
        loop {
            let said = self.send(bytes);
            if said.status != 202 {
                return said;
            }
            assert!(begun.elapsed() < PATIENCE, "everything is taken");
        }
    }

    /// Whether it is ready, and what is not.
    fn ready(&self) -> Option<(u16, Value)> {
        let said = self.ask("GET", "/readyz", "")?;
        Some((said.status, said.body["not_ready"].clone()))
    }

    fn becomes_ready(&mut self) {
        let begun = Instant::now();
        while self.ready().is_none_or(|(status, _)| status != 200) {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.ready());
            assert!(self.child.try_wait().unwrap().is_none(), "it has ended");
            sleep(PAUSE);
        }
    }

    /// It lives, says that it is not ready, and names `part`.
    fn is_not_ready(&self, part: &str) {
        let (status, parts) = self.ready().unwrap();
        assert_eq!(status, 503, "{parts}");
        assert!(parts.as_array().unwrap().contains(&json!(part)), "{parts}");
        assert_eq!(self.ask("GET", "/healthz", "").unwrap().status, 200);
    }

    /// Sends some more, all of which are taken; ends the service; and counts: what was taken is there, each chain is whole, and each case
    /// came as far as it goes by itself. Gives what was counted.
    fn goes_on(mut self, refused: &Said) -> String {
        for _ in 0..5 {
            assert_eq!(self.send(10).status, 202);
        }
        let url = self.url();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let store = runtime.block_on(Store::open(&url)).unwrap();
        let begun = Instant::now();
        while !runtime.block_on(store.due(now(), 1)).unwrap().is_empty() {
            assert!(begun.elapsed() < PATIENCE, "work is left");
            sleep(PAUSE);
        }
        runtime.block_on(store.close());
        let end = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(end.unwrap().success() && self.child.wait().unwrap().success());
        let (cases, lost) = runtime.block_on(count(&url, &self.taken));
        assert_eq!(lost, 0);
        assert!(self.taken.len() >= 5 && self.sent > u32::try_from(self.taken.len()).unwrap());
        tierone(["store", "check", "--store", &url]).good();
        format!(
            "{} alerts sent, {} taken, {lost} of these lost, {cases} cases; refused by {}: {}",
            self.sent,
            self.taken.len(),
            refused.status,
            refused.body["detail"]
        )
    }

    fn url(&self) -> String {
        let config = std::fs::read_to_string(self.site.folder.at("tierone.toml")).unwrap();
        let (_, rest) = config.split_once("sqlite://").unwrap();
        format!("sqlite://{}", rest.split_once('"').unwrap().0)
    }

    fn file(&self) -> String {
        self.url().replace("sqlite://", "")
    }
}

impl Said {
    fn is_a_problem(&self) {
        assert!(
            self.head.contains("content-type: application/problem+json"),
            "{self:?}"
        );
        for key in ["detail", "cause", "cure"] {
            assert!(self.body[key].is_string(), "no {key}: {self:?}");
        }
    }

    /// A problem of this status, whose text has both.
    fn says(&self, status: u16, cause: &str, cure: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(
            self.head.contains("retry-after: "),
            status == 503,
            "{self:?}"
        );
        let text = self.body["detail"].as_str().unwrap();
        assert!(text.contains(cause) && text.contains(cure), "{text}");
    }
}

/// A site whose store is at `name` in its folder.
fn site_at(name: &str) -> (Site, SocketAddr) {
    let address = free_address();
    let site = Site::with(&format!("[server]\nlisten = \"{address}\"\n"));
    let path = site.folder.at("tierone.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, config.replace("live.db", name)).unwrap();
    (site, address)
}

/// How many cases there are, each with its chain checked, and how many of the alerts that were taken are in none.
async fn count(url: &str, taken: &BTreeMap<String, String>) -> (usize, usize) {
    let store = Store::open(url).await.unwrap();
    let tenant = demo::tenant();
    let ids = store
        .case_ids(&tenant, Which::All, 1_000_000)
        .await
        .unwrap();
    let mut cases = BTreeMap::new();
    for id in ids {
        let case = store.case(&tenant, id).await.unwrap().unwrap();
        assert!(case.decided.is_some(), "{:?}", case.phase);
        cases.insert(id.to_string(), case.entities);
    }
    let is_lost = |(mark, case): &(&String, &String)| {
        !cases
            .get(*case)
            .is_some_and(|entities| entities.contains(*mark))
    };
    (cases.len(), taken.iter().filter(is_lost).count())
}

#[expect(clippy::disallowed_methods, reason = "the service has the real time")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Runs a command of the system, which must go well.
fn system(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).status().unwrap();
    assert!(done.success(), "{program} {arguments:?}");
}

/// Why no disk can be mounted here, where none can.
fn cannot_mount() -> Option<&'static str> {
    let is_root = nix::unistd::Uid::effective().is_root();
    (!is_root).then_some("passed over: it needs root to mount a small disk")
}

/// A small disk, unmounted in the end.
struct Disk(PathBuf);

impl Disk {
    fn mount(site: &Site, option: &str) -> Self {
        let path = site.folder.path().join("disk");
        std::fs::create_dir(&path).unwrap();
        let disk = Self(path);
        system("mount", &["-t", "tmpfs", "-o", option, "tmpfs", disk.at()]);
        disk
    }

    fn again(&self, options: &str) {
        let options = format!("remount,{options}");
        system("mount", &["-o", &options, self.at()]);
    }

    fn at(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

#[test]
#[ignore = "needs root: `just faults`"]
fn a_disk_that_is_full_takes_nothing_that_it_does_not_keep_and_goes_on_when_there_is_room() {
    if let Some(why) = cannot_mount() {
        println!("{why}");
        return;
    }
    let (site, address) = site_at("disk/live.db");
    let disk = Disk::mount(&site, "size=2m");
    let mut sender = Sender::to(site, address);
    let refused = sender.refused(20_000);
    refused.says(503, "full", "make room on the disk");
    sender.is_not_ready("store_writes");
    for _ in 0..20 {
        sender.send(20_000);
    }
    sender.is_not_ready("store_writes");
    disk.again("size=64m");
    sender.becomes_ready();
    println!("{}", sender.goes_on(&refused));
}

#[test]
#[ignore = "needs root: `just faults`"]
fn a_disk_that_is_read_only_at_the_start_is_named() {
    if let Some(why) = cannot_mount() {
        println!("{why}");
        return;
    }
    for left in [Left::Nothing, Left::Log] {
        let (site, address) = site_at("disk/live.db");
        let disk = Disk::mount(&site, "size=8m");
        left.by_an_alert(&site);
        disk.again("ro");
        let ran = site.run(&["serve"]).ended(4);
        ran.says("and the disk may be written to");
        disk.again("rw");
        let mut sender = Sender::to(site, address);
        assert_eq!(sender.send(10).status, 202);
    }
}

/// Looks at files while the store at `path` is open, and closes it in order.
fn while_open<T>(path: &str, look: impl FnOnce() -> T) -> T {
    use sqlx::Connection as _;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite://{path}"))
            .await
            .unwrap();
        let touch = sqlx::query("update meta set only = only");
        touch.execute(&mut connection).await.unwrap();
        let seen = look();
        connection.close().await.unwrap();
        seen
    })
}

/// What the last process leaves beside the store's file.
#[derive(Clone, Copy)]
enum Left {
    /// It ended in order, and folded its log into the file.
    Nothing,
    /// It did not. With the log and its index there, a file on a read-only disk can be opened, and read.
    Log,
}

impl Left {
    /// Has an alert taken, by a process that leaves this.
    fn by_an_alert(self, site: &Site) {
        site.alerted(super::site::ALERT);
        let ends = ["live.db-wal", "live.db-shm"];
        let files = ends.map(|end| site.folder.path().join("disk").join(end));
        let kept = while_open(&site.folder.at("disk/live.db"), || {
            files.each_ref().map(|path| std::fs::read(path).unwrap())
        });
        for (path, bytes) in files.iter().zip(kept) {
            match self {
                Self::Nothing => assert!(!path.exists()),
                Self::Log => std::fs::write(path, bytes).unwrap(),
            }
        }
    }
}

/// Every write of the process fails with this error, until it is dropped.
struct Failing(Child);

impl Failing {
    fn with(error: &str, sender: &Sender) -> Self {
        let inject = format!("inject=pwrite64,fdatasync,fsync,ftruncate:error={error}");
        let strace = Command::new("strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e", &inject, "-p"])
            .arg(sender.child.id().to_string())
            .stdin(Stdio::null())
            .spawn();
        // Without `strace` there is nothing to run here: install it.
        Self(strace.unwrap())
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        let id = self.0.id().to_string();
        drop(Command::new("kill").args(["-INT", &id]).status());
        drop(self.0.wait());
    }
}

#[test]
#[ignore = "needs strace: `just faults`"]
fn a_disk_that_becomes_read_only_or_fails_is_named_and_taken_up_again() {
    for error in ["EROFS", "EIO"] {
        let mut sender = Sender::start();
        assert_eq!(sender.send(10).status, 202);
        let failing = Failing::with(error, &sender);
        let refused = sender.refused(10);
        refused.says(503, "disk I/O error", "read-only, failing or gone");
        sender.is_not_ready("store_writes");
        for _ in 0..20 {
            sender.send(10);
        }
        drop(failing);
        sender.becomes_ready();
        println!("{}", sender.goes_on(&refused));
    }
}

#[test]
fn a_page_that_is_damaged_is_named_and_what_is_whole_again_is_used_again() {
    let (site, address) = site_at("live.db");
    for file in [
        "reboot-critical-database.json",
        "backup-volume-filling.json",
    ] {
        site.alerted(&format!("alertmanager/{file}"));
    }
    // What is still in the write-ahead log is in no page yet.
    execute(
        &site.folder.at("live.db"),
        "pragma wal_checkpoint(truncate)",
    );
    let mut sender = Sender::to(site, address);
    let file = std::fs::File::options()
        .read(true)
        .write(true)
        .open(sender.file())
        .unwrap();
    let at = (root_of("cases_one_open", &sender.file()) - 1) * PAGE_BYTES;
    let mut whole = vec![0; usize::try_from(PAGE_BYTES).unwrap()];
    file.read_exact_at(&mut whole, at).unwrap();
    let broken = vec![0xee; whole.len()];
    file.write_all_at(&broken, at).unwrap();
    let refused = sender.refused(10);
    refused.says(500, "is damaged", "restore the store from a backup");
    sender.is_not_ready("store_pages");
    tierone(["store", "check", "--store", &sender.url()])
        .ended(4)
        .says("is damaged");
    sender.send(10);
    let mut there = broken.clone();
    file.read_exact_at(&mut there, at).unwrap();
    assert_eq!(there, broken, "nothing was written over it");
    file.write_all_at(&whole, at).unwrap();
    sender.becomes_ready();
    println!("{}", sender.goes_on(&refused));
}

/// The first page of a table or an index.
fn root_of(name: &'static str, path: &str) -> u64 {
    use sqlx::Connection as _;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let root: i64 = runtime.block_on(async {
        let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite://{path}"))
            .await
            .unwrap();
        let root = "select rootpage from sqlite_master where name = $1";
        let root = sqlx::query_scalar(root)
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        root
    });
    root.unsigned_abs()
}

#[test]
fn a_store_of_a_newer_version_is_left_alone_also_by_a_service_that_has_it_open() {
    let mut sender = Sender::start();
    assert_eq!(sender.send(10).status, 202);
    let newer = "insert into _sqlx_migrations select 99, description, installed_on, success, checksum, execution_time \
         from _sqlx_migrations where version = 1";
    execute(&sender.file(), newer);
    let refused = sender.refused(10);
    refused.says(500, "has version 99", "upgrade tierone");
    sender.is_not_ready("store_writes");
    sender
        .site
        .run(&["serve"])
        .ended(4)
        .says("has version 99")
        .says("upgrade tierone");
    execute(
        &sender.file(),
        "delete from _sqlx_migrations where version = 99",
    );
    sender.becomes_ready();
    println!("{}", sender.goes_on(&refused));
}

#[test]
fn a_store_that_is_moved_away_under_a_service_takes_nothing_more() {
    let mut sender = Sender::start();
    assert_eq!(sender.send(10).status, 202);
    let (file, aside) = (sender.file(), format!("{}.aside", sender.file()));
    std::fs::rename(&file, &aside).unwrap();
    // Where a connection that reads has to be made just then, it is the first to miss the file.
    let begun = Instant::now();
    let refused = loop {
        let refused = sender.refused(10);
        assert_eq!(refused.status, 503, "{refused:?}");
        if !refused.body["detail"]
            .to_string()
            .contains("unable to open")
        {
            break refused;
        }
        assert!(begun.elapsed() < PATIENCE, "{refused:?}");
        sleep(PAUSE);
    };
    refused.says(503, "cannot be found any more", "put it back");
    sender.is_not_ready("store_writes");
    std::fs::rename(&aside, &file).unwrap();
    sender.becomes_ready();
    println!("{}", sender.goes_on(&refused));
}

#[test]
fn an_alert_of_a_case_that_is_damaged_opens_another_and_is_not_lost() {
    let mut sender = Sender::start();
    assert_eq!(sender.send(10).status, 202);
    let first = sender.taken.values().next().unwrap().clone();
    execute(
        &sender.file(),
        "update events set bytes = x'7b7d' where number = 1",
    );
    for duplicate in [false, true] {
        sender.sent = 0;
        let said = sender.send(10);
        assert_eq!(said.status, 202, "{said:?}");
        let alert = &said.body["alerts"][0];
        assert_eq!(alert["duplicate"], duplicate, "{alert}");
        assert_ne!(alert["case_id"], first.as_str());
    }
    sender
        .site
        .run(&["store", "check"])
        .ended(1)
        .says(&format!("event 1 of case `{first}`"));
}
