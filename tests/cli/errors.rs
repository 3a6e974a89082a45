//! What goes wrong, how it is said, and the exit code that it has.

use serde_json::Value;

use super::run::{ALERTS, Folder, execute, tierone};

const USAGE: i32 = 2;
const STORE: i32 = 4;

/// Runs it plain and with `--json`: the code is the same, standard output is clean, and the error has its three parts.
fn check(code: i32, arguments: &[&str], value: &str, cause: &str, cure: &str) {
    let plain = tierone(arguments);
    assert_eq!(
        (plain.code, plain.out.as_str()),
        (code, ""),
        "{}",
        plain.err
    );
    assert!(plain.err.contains(cause), "{}", plain.err);
    let json = tierone(arguments.iter().chain(&["--json"]));
    assert_eq!((json.code, json.out.as_str()), (code, ""), "{}", json.err);
    let error: Value = serde_json::from_str(&json.err).unwrap();
    let error = &error["error"];
    assert_eq!(error.as_object().unwrap().len(), 3, "{error}");
    assert_eq!(error["value"], value, "{error}");
    assert!(error["cause"].as_str().unwrap().contains(cause), "{error}");
    assert!(error["cure"].as_str().unwrap().contains(cure), "{error}");
}

#[test]
fn a_command_line_that_is_wrong_is_said_in_the_form_that_was_asked_for() {
    let help = "--help";
    check(
        USAGE,
        &["triage", ALERTS, "--bogus"],
        "--bogus",
        "unexpected argument",
        help,
    );
    check(USAGE, &["triage"], "<PATH>", "required arguments", help);
    let at = ["triage", ALERTS, "--at", "noon"];
    check(USAGE, &at, "noon", "invalid value 'noon'", help);
    check(
        USAGE,
        &["nonsense"],
        "nonsense",
        "unrecognized subcommand",
        help,
    );
    for arguments in [&["--help"][..], &["--version"], &["triage", "--help"]] {
        assert!(!tierone(arguments).good().is_empty());
    }
}

#[test]
fn a_path_without_alerts_is_a_usage_error() {
    let folder = Folder::new();
    let missing = folder.at("missing");
    let triage = ["triage", missing.as_str()];
    check(
        USAGE,
        &triage,
        &missing,
        "No such file",
        "give a file, a folder or -",
    );
    let empty = folder.path().to_str().unwrap();
    let give = "give a folder with alerts in it";
    check(USAGE, &["triage", empty], empty, "has no files", give);
}

#[test]
fn a_source_that_is_not_known_is_a_usage_error() {
    let triage = ["triage", ALERTS, "--source", "nope"];
    check(USAGE, &triage, "nope", "is not known", "alertmanager");
    let folder = Folder::new();
    let missing = folder.at("missing.jq");
    let triage = ["triage", ALERTS, "--source", &missing];
    check(
        USAGE,
        &triage,
        &missing,
        "No such file",
        "give the path of a jq file",
    );
    let wrong = folder.write("wrong.jq", "def recognises: (");
    let ran = tierone(["triage", ALERTS, "--source", &wrong]);
    assert_eq!((ran.code, ran.out.as_str()), (USAGE, ""));
    assert!(ran.err.contains("source `wrong:1:18`"), "{}", ran.err);
}

#[test]
fn a_config_that_is_wrong_is_a_usage_error() {
    let folder = Folder::new();
    let missing = folder.at("missing.toml");
    let triage = ["triage", ALERTS, "--config", &missing];
    let name_another = "name another with --config";
    check(USAGE, &triage, &missing, "cannot be read", name_another);
    for (content, cause) in [
        ("[store]\nurk = 1\n", "urk"),
        ("[sotre]\nurl = \"demo://x\"\n", "sotre"),
        ("[store\n", "line 1"),
        ("[store]\nurl = 7\n", "invalid type"),
    ] {
        let path = folder.write("wrong.toml", content);
        for command in [&["triage", ALERTS][..], &["policy", "test"]] {
            let ran = tierone(command.iter().chain(&["--config", path.as_str()]));
            assert_eq!((ran.code, ran.out.as_str()), (USAGE, ""));
            assert!(ran.err.contains(cause), "{}", ran.err);
        }
    }
    let named = folder.write("names.toml", "[files]\npeople = \"nobody.toml\"\n");
    let ran = tierone(["triage", ALERTS, "--config", &named]);
    assert_eq!((ran.code, ran.out.as_str()), (USAGE, ""));
    assert!(ran.err.contains("nobody.toml"), "{}", ran.err);
}

#[test]
fn a_config_can_name_the_store() {
    let folder = Folder::new();
    let store = folder.store("demo");
    let config = folder.write("tierone.toml", format!("[store]\nurl = \"{store}\"\n"));
    tierone(["triage", ALERTS, "--config", &config]).good();
    assert!(folder.path().join("store.db").exists());
}

#[test]
fn a_store_keeps_its_kind_for_life() {
    let folder = Folder::new();
    tierone(["triage", ALERTS, "--store", &folder.store("demo")]).good();
    for scheme in ["sqlite", "simulated"] {
        let other = folder.store(scheme);
        let path = folder.at("store.db");
        let triage = ["triage", ALERTS, "--store", other.as_str()];
        let open_with = folder.store("demo");
        check(STORE, &triage, &path, "was made as `demo`", &open_with);
    }
}

#[test]
fn a_store_that_no_build_of_this_kind_reads_is_refused() {
    for (store, value, cause) in [
        ("foo://x", "foo://…", "its scheme is not known"),
        ("x.db", "x.db", "it has no scheme"),
        ("demo://", "demo://", "it has no path"),
        (
            "postgres://u:secret@h/d",
            "postgres://…",
            "not in this build",
        ),
    ] {
        let triage = ["triage", ALERTS, "--store", store];
        check(STORE, &triage, value, cause, "sqlite://PATH");
    }
}

#[test]
fn what_is_not_a_store_is_left_alone() {
    let folder = Folder::new();
    let path = folder.write(
        "store.db",
        "this is a letter to my aunt, and no database at all",
    );
    let store = folder.store("sqlite");
    let triage = ["triage", ALERTS, "--store", store.as_str()];
    let restore = "restore the store from a backup";
    check(STORE, &triage, &path, "is damaged", restore);
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .starts_with("this is a letter")
    );
    let nowhere = format!("demo://{}", folder.at("no/such/folder.db"));
    let ran = tierone(["triage", ALERTS, "--store", &nowhere]);
    assert_eq!((ran.code, ran.out.as_str()), (STORE, ""));
    assert!(
        ran.err.contains("check that its folder exists"),
        "{}",
        ran.err
    );
}

#[test]
fn a_store_of_a_newer_build_is_left_alone() {
    let folder = Folder::new();
    let store = folder.store("demo");
    tierone(["triage", ALERTS, "--store", &store]).good();
    let path = folder.at("store.db");
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (99, 'newer', true, x'00', 0)";
    execute(&path, newer);
    let triage = ["triage", ALERTS, "--store", store.as_str()];
    check(STORE, &triage, &path, "has version 99", "upgrade tierone");
}

#[test]
fn a_database_of_somebody_else_is_left_alone() {
    let folder = Folder::new();
    let path = folder.write("store.db", "");
    execute(&path, "create table letters (text)");
    let store = folder.store("sqlite");
    let triage = ["triage", ALERTS, "--store", store.as_str()];
    let another = "name another path";
    check(STORE, &triage, &store, "tierone did not make", another);
}

#[test]
fn a_case_that_is_not_there_is_a_usage_error() {
    let folder = Folder::new();
    let store = folder.store("demo");
    let id = "00000000-0000-8000-8000-000000000000";
    for command in ["cases show", "policy explain"] {
        let (noun, verb) = command.split_once(' ').unwrap();
        let show = [noun, verb, id, "--store", &store];
        check(USAGE, &show, id, "no case", "check the id and the tenant");
        check(
            USAGE,
            &[noun, verb, id],
            id,
            "in a throw-away store",
            "--store",
        );
        let wrong = [noun, verb, "seven", "--store", &store];
        check(USAGE, &wrong, "seven", "is no case id", "take one from");
    }
}
