//! `tierone release`: one changed character, or another program, and nothing is done alone until it is attested again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tierone::{domain::release::Release, eval::bundle::Verdict};

use crate::{
    cli::run::{Ran, execute},
    support::{
        attested::{AttestedSite, KEY},
        evidence::evidence,
    },
};

const ALERT: &str = "eval/demo/alerts/guardduty/ssh-guessing-bastion.json";
const PROGRAM: &str = env!("CARGO_BIN_EXE_tierone");

/// A site at the command line.
struct Commands {
    site: AttestedSite,
    program: PathBuf,
}

impl Commands {
    /// A site with one source of its own.
    fn new() -> Self {
        let site = AttestedSite::new(9);
        let source = fs::read("sources/guardduty.jq").unwrap();
        site.write("sources/guardduty.jq", source);
        let config = fs::read_to_string(site.at("tierone.toml")).unwrap();
        site.write(
            "tierone.toml",
            config.replace("[files]\n", "[files]\nsources = \"sources\"\n"),
        );
        let program = PROGRAM.into();
        Self { site, program }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let config = self.site.at("tierone.toml");
        let output = Command::new(&self.program)
            .args(arguments)
            .arg("--config")
            .arg(config)
            .env_remove("RUST_LOG")
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn object(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.out, ran.err);
        serde_json::from_str(&ran.out).unwrap()
    }

    fn show(&self) -> Value {
        self.object(&["release", "show"])
    }

    /// What the program at hand would run, component by component.
    fn release(&self) -> Release {
        let shown = self.show();
        let components = shown["components"].as_array().unwrap().iter();
        let components = components.filter(|component| !component["digest"].is_null());
        Release {
            components: components
                .map(|component| {
                    let text = |key: &str| component[key].as_str().unwrap();
                    (text("name").to_owned(), text("digest").parse().unwrap())
                })
                .collect(),
        }
    }

    /// Writes what a run of this release finds, and gives the folder.
    fn evidence(&self) -> String {
        let bundle = evidence(self.release());
        self.site
            .write("report/bundle.json", bundle.to_bytes().unwrap());
        self.site.at("report").display().to_string()
    }

    fn attest(&self) -> Ran {
        let (report, key) = (self.evidence(), self.site.at(KEY).display().to_string());
        self.run(&["release", "attest", "--bundle", &report, "--key", &key])
    }

    fn promote(&self, to: &str) -> Ran {
        self.run(&["release", "promote", to, "--reason", "it was tried"])
    }

    /// What the gate says of the attestation in the next decision.
    fn decided(&self) -> (bool, String) {
        let case = self.object(&["triage", ALERT]);
        let reasons = case["reasons"].as_array().unwrap();
        let reason = reasons
            .iter()
            .find(|reason| reason["code"] == "release.attestation")
            .unwrap();
        (
            reason["holds"].as_bool().unwrap(),
            reason["observed"].as_str().unwrap().to_owned(),
        )
    }

    /// That nothing is done alone because of `component`, until it is attested again.
    fn stopped_by(&self, component: &str) {
        let said = format!("attests another release, with other {component}");
        assert_eq!(self.decided(), (false, said.clone()));
        let shown = self.show();
        assert_eq!(
            (&shown["attestation"], &shown["stage"]),
            (&said.as_str().into(), &"shadow".into())
        );
        self.promote("full").ended(1).says(&said);
        self.attest().good();
        assert!(self.decided().0, "{component}");
        assert_eq!(
            self.show()["stage"],
            "shadow",
            "what is attested is not promoted"
        );
        self.promote("canary").good();
        assert_eq!(self.show()["missing"], serde_json::json!([]));
    }
}

#[test]
fn one_character_or_another_program_stops_it_until_it_is_attested_again() {
    let mut commands = Commands::new();
    commands.object(&["triage", ALERT]);
    commands.attest().good();
    commands.promote("canary").good();
    assert!(commands.decided().0);
    for (component, file) in [
        ("people", "people.toml"),
        ("policies/gate.cedar", "policies/gate.cedar"),
        ("policies/actions.toml", "policies/actions.toml"),
        ("sources/guardduty.jq", "sources/guardduty.jq"),
    ] {
        commands.site.change(file);
        commands.stopped_by(component);
    }
    let config = fs::read_to_string(commands.site.at("tierone.toml")).unwrap();
    commands.site.write(
        "tierone.toml",
        config.replace("127.0.0.1/32", "127.0.0.0/8"),
    );
    commands.stopped_by("config");
    commands.program = another(commands.site.folder.path());
    commands.stopped_by("binary");
}

/// The program with one byte more at its end.
fn another(folder: &Path) -> PathBuf {
    let path = folder.join("tierone");
    fs::copy(PROGRAM, &path).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    std::io::Write::write_all(&mut file, b"x").unwrap();
    path
}

#[test]
fn what_did_not_pass_or_is_something_else_is_not_attested() {
    let commands = Commands::new();
    let key = commands.site.at(KEY).display().to_string();
    let report = commands.site.at("report").display().to_string();
    let attest =
        |more: &[&str]| commands.run(&[&["release", "attest", "--bundle", &report], more].concat());
    let write = |change: &dyn Fn(&mut tierone::eval::bundle::Bundle)| {
        let mut bundle = evidence(commands.release());
        change(&mut bundle);
        commands
            .site
            .write("report/bundle.json", bundle.to_bytes().unwrap());
    };
    write(&|bundle| bundle.verdict = Verdict::Inconclusive);
    attest(&["--key", &key]).ended(1).says("INCONCLUSIVE");
    write(&|bundle| drop(bundle.suites.remove(0)));
    attest(&["--key", &key]).ended(1).says("hijacked-model");
    write(&|bundle| {
        bundle.release.components.remove("people");
    });
    attest(&["--key", &key])
        .ended(1)
        .says("what was tried has other people");
    write(&|_| ());
    attest(&[]).ended(2).says("--key");
    let public = commands.site.at("release.pub").display().to_string();
    attest(&["--key", &public])
        .ended(2)
        .says("is no Ed25519 private key");
    attest(&["--key", &key, "--store", "demo://x.db"])
        .ended(2)
        .says("leave --key out");
    assert!(!commands.site.at("attestation.json").exists());
    commands.promote("full").ended(4);
    commands.object(&["triage", ALERT]);
    commands.promote("full").ended(1).says("no attestation");
    commands
        .run(&["release", "promote", "full", "--reason", " "])
        .ended(2)
        .says("the reason is empty");
    attest(&["--key", &key]).good();
    commands.promote("full").good();
    assert_eq!(commands.show()["missing"], serde_json::json!([]));
}

#[test]
fn a_demo_store_has_a_key_of_its_own_and_nothing_signed_there_is_believed_in_a_live_one() {
    let commands = Commands::new();
    let report = commands.evidence();
    let store = format!("demo://{}", commands.site.at("demo.db").display());
    commands.object(&["triage", ALERT, "--store", &store]);
    let demo = ["release", "attest", "--bundle", &report, "--store", &store];
    commands.run(&demo).good();
    let shown = commands.object(&["release", "show", "--store", &store]);
    assert_eq!(shown["store"], "demo");
    let (holds, observed) = commands.decided();
    assert!(
        !holds && observed.contains("signed by none of the trusted keys"),
        "{observed}"
    );
}

#[test]
fn a_halt_takes_every_release_back_and_a_stage_that_was_changed_by_hand_is_found() {
    let commands = Commands::new();
    commands.object(&["triage", ALERT]);
    commands.attest().good();
    let promoted = commands.object(&["release", "promote", "full", "--reason", "it was tried"]);
    assert_eq!(
        (&promoted["stage"], &promoted["by"]),
        (&"full".into(), &"me".into())
    );
    assert_eq!(commands.show()["stage"], "full");
    let store = commands.site.at("live.db").display().to_string();
    execute(&store, "update stages set stage = 'half'");
    let shown = commands.show();
    assert_eq!(shown["stage"], Value::Null);
    assert!(
        shown["missing"][0]
            .as_str()
            .unwrap()
            .contains("it is `half`"),
        "{shown}"
    );
    commands
        .run(&["store", "check"])
        .ended(1)
        .says("the stage of release");
    let halted = commands.object(&["release", "halt", "--reason", "look first"]);
    assert_eq!(halted["by"], "me");
    assert_eq!(commands.show()["stage"], "shadow");
    commands.run(&["store", "check"]).good();
}
