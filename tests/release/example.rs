//! The example of a configuration repository is run: each command of its jobs, in order, in a folder that is such a repository.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use crate::support::attested::{ATTESTATION, AttestedSite, KEY};

const EXAMPLE: &str = include_str!("../../docs/config-repository/release.yml");
const PROGRAM: &str = env!("CARGO_BIN_EXE_tierone");
/// What fetches the program is the site's own; here it is there already.
const FETCHED: &str = "#!/bin/sh\nexec test -x tierone\n";

/// The commands of a workflow: what stands behind `run:`, on its line or indented below.
fn commands(workflow: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut lines = workflow.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((before, command)) = line.split_once("run: ") else {
            continue;
        };
        let mut block = Vec::new();
        if command == "|" {
            let deeper = " ".repeat(before.len() + 2);
            while let Some(line) = lines.next_if(|line| line.starts_with(&deeper)) {
                block.push(line.trim());
            }
        } else {
            block.push(command);
        }
        commands.push(block.join("\n"));
    }
    commands
}

fn bash(folder: &Path, key: &str, command: &str) -> (bool, String) {
    let done = Command::new("bash")
        .args(["-euc", command])
        .current_dir(folder)
        .env("KEY", key)
        .env("RUNNER_TEMP", folder.join("runner"))
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn the_commands_of_the_example_prove_sign_and_are_believed() {
    let site = AttestedSite::new(9);
    let folder = site.folder.path();
    let key = fs::read_to_string(site.at(KEY)).unwrap();
    fs::remove_file(site.at(KEY)).unwrap();
    fs::create_dir(folder.join("runner")).unwrap();
    symlink(PROGRAM, folder.join("tierone")).unwrap();
    site.write("fetch-tierone", FETCHED);
    let good = |command: &str| {
        let (done, said) = bash(folder, &key, command);
        assert!(done, "{command}: {said}");
        said
    };
    good("chmod +x fetch-tierone && sha256sum tierone > tierone.sha256");
    let commands = commands(EXAMPLE);
    assert_eq!(commands.len(), 6, "{commands:?}");
    for command in &commands {
        good(command);
    }
    let summary = fs::read_to_string(folder.join("summary.md")).unwrap();
    assert!(summary.starts_with("# Evaluation: PASS"), "{summary}");
    assert!(site.at(ATTESTATION).is_file());
    assert!(!folder.join("runner/release.pem").exists());
    let shown = good("./tierone release show --config tierone.toml --json");
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["attested"], true, "{shown}");
}
