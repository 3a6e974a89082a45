//! Some of the demo's alerts before real models, by the program itself: how many drafts were valid at once, repaired, or fallen back to precedents, and
//! that nothing a model says, nor its end in the middle, fires more than there is without it, or loses an alert.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    bounded::prompts,
    server::{Server, models},
};

/// Some of the demo's alerts, of every source: on a slow machine a tiny model takes minutes for them.
const ALERTS: [&str; 12] = [
    "alertmanager/backup-volume-filling.json",
    "alertmanager/certificate-status-page.json",
    "alertmanager/reboot-critical-database.json",
    "alertmanager/reboots-in-patch-window.json",
    "badge/near-miss-a-badge-expired.json",
    "badge/near-miss-b-badge-revoked.json",
    "generic/mailbox-rule.json",
    "guardduty/key-with-talking-user-agent.json",
    "guardduty/research-bucket-public.json",
    "guardduty/ssh-from-our-own-gateway.json",
    "request/close-my-case.json",
    "request/vpn-from-a-hotel.json",
];

/// A site with one store, and a model or none.
struct Site<'a> {
    folder: &'a Path,
    name: &'a str,
}

impl Site<'_> {
    /// Writes its config.
    fn new<'a>(folder: &'a Path, name: &'a str, model: &str) -> Site<'a> {
        let store = folder.join(format!("{name}.db"));
        // All that the demo has is there, and so is whom nothing is known of.
        let text = format!(
            "[store]\nurl = \"demo://{}\"\n[residency]\nregion = \"eu-west-1\"\n[files]\nprompts = \"{}\"\n{model}",
            store.display(),
            prompts(folder).display()
        );
        std::fs::write(folder.join(format!("{name}.toml")), text).unwrap();
        Site { folder, name }
    }

    fn run(&self, arguments: &[&str]) -> Vec<Value> {
        let config = self.folder.join(format!("{}.toml", self.name));
        let ran: Output = Command::new(env!("CARGO_BIN_EXE_tierone"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("RUST_LOG")
            .args(arguments)
            .args(["--json", "--config"])
            .arg(config)
            .output()
            .unwrap();
        let (out, said) = (ran.stdout, String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{arguments:?}: {said}");
        let out = String::from_utf8(out).unwrap();
        out.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn triaged(&self) -> Vec<Value> {
        self.run(&["triage", &alerts(self.folder)])
    }
}

/// A folder with the alerts.
fn alerts(folder: &Path) -> String {
    let alerts = folder.join("alerts");
    for name in ALERTS {
        let copy = alerts.join(name);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/demo/alerts");
        std::fs::copy(own.join(name), copy).unwrap();
    }
    alerts.to_str().unwrap().to_owned()
}

/// The config of a model on loopback.
fn model(server: &Server, name: &str, second_key: &str) -> String {
    format!(
        "[model]\nbase_url = \"{}\"\nname = \"{name}\"\nregion = \"eu-west-1\"\ncontext_tokens = 4096\nreply_tokens = 200\n\
        concurrency = 1\nparameters = {{ temperature = 0 }}\nfirst_byte_timeout_ms = 300000\ntotal_timeout_ms = 300000\nsecond_key = \"{second_key}\"\n",
        server.base_url
    )
}

/// Which of these would fire: by place, as their order is fixed.
fn fires(objects: &[Value]) -> BTreeSet<usize> {
    let placed = objects.iter().enumerate();
    let firing = placed.filter(|(_, object)| object["would"] == "fire");
    firing.map(|(place, _)| place).collect()
}

fn drafters(objects: &[Value]) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for object in objects {
        let drafter = object["drafter"].as_str().unwrap_or("none");
        *counted.entry(drafter.to_owned()).or_default() += 1;
    }
    counted
}

/// What came of the calls of each case.
fn calls(site: &Site<'_>, objects: &[Value]) -> BTreeMap<&'static str, usize> {
    let cases: BTreeSet<&str> = objects
        .iter()
        .filter_map(|object| object["case_id"].as_str())
        .collect();
    let mut counted = BTreeMap::new();
    let mut called = 0;
    for case in &cases {
        let events = site.run(&["cases", "show", case]);
        let outcomes: Vec<&str> = events.iter().filter_map(outcome).collect();
        called += outcomes.len();
        let what = match outcomes[..] {
            [] => "not called",
            ["answered"] => "valid at once",
            [.., "answered"] => "repaired",
            _ => "fallen back",
        };
        *counted.entry(what).or_default() += 1;
    }
    counted.insert("cases", cases.len());
    counted.insert("calls", called);
    counted
}

/// What a try at an endpoint came to.
fn outcome(event: &Value) -> Option<&str> {
    let body = event.get("body")?;
    (body.get("kind")? == "called").then(|| body["outcome"].as_str())?
}

#[test]
#[ignore = "needs llama.cpp's server and models: just real-model"]
fn real_models_draft_on_alerts_of_the_demo_and_fire_nothing_that_does_not_fire_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let without = Site::new(folder.path(), "without", "").triaged();
    println!(
        "\n### some of the demo's alerts, without a model\n\n{} alerts, {} would fire",
        without.len(),
        fires(&without).len()
    );
    assert!(
        !fires(&without).is_empty(),
        "nothing fires, so that nothing is shown"
    );
    for file in models() {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        println!("\n### the same, with {name}\n");
        one_model(folder.path(), &file, &name, &without);
    }
}

fn one_model(folder: &Path, file: &Path, name: &str, without: &[Value]) {
    let (server, begun) = (Server::ready(file), Instant::now());
    let site = Site::new(folder, name, &model(&server, name, "always"));
    let drafted = site.triaged();
    let whole = begun.elapsed();
    println!("drafts by {:?}", drafters(&drafted));
    println!("{:?}", calls(&site, &drafted));
    harmless(&drafted, without);
    drop(server);
    let half = stopped_half_way(folder, file, name, whole / 2);
    println!(
        "the server stopped half-way: drafts by {:?}",
        drafters(&half)
    );
    harmless(&half, without);
    for object in half
        .iter()
        .filter(|object| object["drafter"] == "precedents" || object["drafter"] == "plan")
    {
        assert_ne!(
            object["would"], "fire",
            "a draft that no model wrote is no key: {object}"
        );
    }
    let down = format!("down-{name}");
    let server = Server::start(file);
    let asking = model(&server, name, "when_asking");
    drop(server);
    let alone = Site::new(folder, &down, &asking).triaged();
    assert_eq!(
        fires(&alone),
        fires(without),
        "under when_asking it fires as without a model"
    );
    println!(
        "down, under when_asking: {} would fire, as without a model",
        fires(&alone).len()
    );
}

/// Nothing is lost, and what would fire would without a model too.
fn harmless(objects: &[Value], without: &[Value]) {
    let key = |object: &Value| {
        (
            object["file"].clone(),
            object["alert"]["fingerprint"].clone(),
        )
    };
    let keys = |objects: &[Value]| objects.iter().map(key).collect::<Vec<_>>();
    assert_eq!(keys(objects), keys(without), "an alert was lost, or moved");
    let own = fires(objects);
    assert!(
        own.is_subset(&fires(without)),
        "it fires what does not fire without it"
    );
    println!(
        "{} alerts, {} would fire, each without a model too",
        objects.len(),
        own.len()
    );
}

fn stopped_half_way(folder: &Path, file: &Path, name: &str, after: Duration) -> Vec<Value> {
    let mut server = Server::ready(file);
    let half = format!("half-{name}");
    let site = Site::new(folder, &half, &model(&server, name, "always"));
    std::thread::scope(|scope| {
        let triaged = scope.spawn(|| site.triaged());
        std::thread::sleep(after);
        server.kill();
        triaged.join().unwrap()
    })
}
