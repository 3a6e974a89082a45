//! The demo's alerts before real models, by the program itself: how many drafts were valid at once, repaired, or fallen back to precedents, and that
//! nothing a model says, nor its end in the middle, fires more than there is without it, or loses an alert.

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

/// A few of the demo's alerts: the first model never says what can be used, so that it is asked three times about each.
const SOME: [&str; 4] = [
    "alertmanager/reboot-critical-database.json",
    "badge/near-miss-b-badge-revoked.json",
    "guardduty/research-bucket-public.json",
    "request/vpn-from-a-hotel.json",
];

/// Which of the demo's alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Some,
    All,
}

/// A site with one store, and a model or none.
struct Site<'a> {
    folder: &'a Path,
    name: String,
}

impl Site<'_> {
    /// Writes its config.
    fn new<'a>(folder: &'a Path, name: &str, model: &str) -> Site<'a> {
        let store = folder.join(format!("{name}.db"));
        // All that the demo has is there, and so is whom nothing is known of.
        let text = format!(
            "[store]\nurl = \"demo://{}\"\n[residency]\nregion = \"eu-west-1\"\n[files]\nprompts = \"{}\"\n{model}",
            store.display(),
            prompts(folder).display()
        );
        std::fs::write(folder.join(format!("{name}.toml")), text).unwrap();
        Site {
            folder,
            name: name.to_owned(),
        }
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

    fn triaged(&self, which: Which) -> Vec<Value> {
        self.run(&["triage", &which.folder(self.folder)])
    }

    /// How many cases there are so far.
    fn cases(&self) -> usize {
        self.run(&["cases", "list", "--all", "--limit", "100"])
            .len()
    }
}

impl Which {
    /// A folder with them.
    fn folder(self, folder: &Path) -> String {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/demo/alerts");
        if self == Self::All {
            return own.to_str().unwrap().to_owned();
        }
        let alerts = folder.join("alerts");
        for name in SOME {
            let copy = alerts.join(name);
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::copy(own.join(name), copy).unwrap();
        }
        alerts.to_str().unwrap().to_owned()
    }
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
    let mut models = models();
    let last = models.pop().unwrap();
    for file in models {
        one_model(folder.path(), &file, Which::Some);
    }
    one_model(folder.path(), &last, Which::All);
}

fn one_model(folder: &Path, file: &Path, which: Which) {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let without = Site::new(folder, &format!("without-{name}"), "").triaged(which);
    println!("\n### {which:?} of the demo's alerts, with {name}\n");
    let firing = fires(&without).len();
    println!(
        "without a model: {} alerts, {firing} would fire",
        without.len()
    );
    assert!(firing > 0, "nothing fires, so that nothing is shown");
    let (server, begun) = (Server::ready(file), Instant::now());
    let site = Site::new(folder, &name, &model(&server, &name, "always"));
    let drafted = site.triaged(which);
    println!(
        "drafts by {:?}, in {} s",
        drafters(&drafted),
        begun.elapsed().as_secs()
    );
    println!("{:?}", calls(&site, &drafted));
    harmless(&drafted, &without);
    drop(server);
    let half = stopped_half_way(folder, file, &name, which);
    println!(
        "the server stopped half-way: drafts by {:?}",
        drafters(&half)
    );
    harmless(&half, &without);
    asks_where_no_model_wrote(&half, &without);
    down(folder, file, &name, which, &without);
}

/// A server that is down: under `always` every case asks, under `when_asking` it is as without a model.
fn down(folder: &Path, file: &Path, name: &str, which: Which, without: &[Value]) {
    for second_key in ["always", "when_asking"] {
        let server = Server::start(file);
        let asked = model(&server, name, second_key);
        drop(server);
        let alone = Site::new(folder, &format!("{second_key}-{name}"), &asked).triaged(which);
        harmless(&alone, without);
        if second_key == "always" {
            asks_where_no_model_wrote(&alone, without);
        } else {
            assert_eq!(fires(&alone), fires(without));
        }
        println!(
            "down, under {second_key}: {} would fire",
            fires(&alone).len()
        );
    }
}

/// A draft that no model wrote is no key: what would fire without a model asks, and all else is as it was.
fn asks_where_no_model_wrote(objects: &[Value], without: &[Value]) {
    for (object, without) in objects.iter().zip(without) {
        let drafter = object["drafter"].as_str().unwrap_or("none");
        if drafter.starts_with("model:") {
            continue;
        }
        let expected = match without["would"].as_str().unwrap() {
            "fire" => "ask",
            other => other,
        };
        assert_eq!(object["would"], expected, "{object}");
    }
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

/// The server ends when half of the cases are there.
fn stopped_half_way(folder: &Path, file: &Path, name: &str, which: Which) -> Vec<Value> {
    let whole = Site::new(folder, name, "").cases();
    let mut server = Server::ready(file);
    let site = Site::new(
        folder,
        &format!("half-{name}"),
        &model(&server, name, "always"),
    );
    std::thread::scope(|scope| {
        let triaged = scope.spawn(|| site.triaged(which));
        while site.cases() < whole / 2 && !triaged.is_finished() {
            std::thread::sleep(Duration::from_secs(1));
        }
        server.kill();
        triaged.join().unwrap()
    })
}
