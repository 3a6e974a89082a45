//! The whole store at the command line: a copy is a copy, what is damaged is found, and nothing takes the place of a store that is not sound.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use serde_json::json;

use super::{
    run::{ALERTS, Folder, Ran, execute, tierone},
    site::Site,
};

fn check(store: &str) -> Ran {
    tierone(["store", "check", "--store", store])
}

fn backed_up(site: &Site) -> String {
    let backup = site.folder.at("backup.db");
    site.run(&["store", "backup", &backup]).good();
    backup
}

fn at(folder: &Folder, name: &str) -> String {
    format!("sqlite://{}", folder.at(name))
}

#[test]
fn a_backup_is_for_its_owner_alone_and_restores_to_what_was() {
    let site = Site::new();
    let id = site.blocked();
    let said = site.object(&["store", "check"]);
    assert_eq!(
        (&said["sound"], &said["damages"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(said["counted"]["cases"], 1);
    let backup = backed_up(&site);
    assert_eq!(
        fs::metadata(&backup).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(begun(&site), Vec::<String>::new());
    check(&format!("sqlite://{backup}")).good();
    let again = site.run(&["store", "backup", &backup]).ended(4);
    again
        .says("is there already")
        .says("a backup replaces none");

    let restored = at(&site.folder, "restored.db");
    let restore = ["store", "restore", &backup, "--store", &restored];
    let said = tierone(restore).good();
    assert!(said.contains("is now what"), "{said}");
    let show = ["cases", "show", &id, "--json"];
    let there = tierone(show.iter().chain(&["--store", restored.as_str()]));
    assert_eq!(there.good(), site.run(&show).good());
    let path = site.folder.at("restored.db");
    assert_eq!(
        fs::metadata(path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_store_that_is_there_is_replaced_only_on_demand_and_kept() {
    let site = Site::new();
    let id = site.alerted(super::site::ALERT);
    let backup = backed_up(&site);
    let claimed = site.object(&["cases", "claim", &id]);
    assert_eq!(claimed["claimed_by"], "me");
    let before = fs::metadata(site.folder.at("live.db")).unwrap().ino();
    let refused = site.run(&["store", "restore", &backup]).ended(4);
    refused.says("a store is there already").says("--replace");
    assert_eq!(
        fs::metadata(site.folder.at("live.db")).unwrap().ino(),
        before
    );
    let said = site.object(&["store", "restore", &backup, "--replace"]);
    let aside = said["moved_aside"].as_str().unwrap();
    let list = ["cases", "list", "--json"];
    assert_eq!(site.run(&list).objects()[0]["claimed_by"], json!(null));
    assert_eq!(begun(&site), Vec::<String>::new());
    let store = format!("sqlite://{aside}");
    let kept = tierone(list.iter().chain(&["--store", store.as_str()]));
    assert_eq!(kept.objects()[0]["claimed_by"], "me");
    let itself = site.run(&["store", "restore", &site.folder.at("live.db"), "--replace"]);
    itself.ended(4).says("it is the store itself");
}

/// Restores over a store that is there: nothing is changed, and the words say why.
fn refused(site: &Site, file: &str, cause: &str) {
    let list = ["cases", "list", "--all", "--json"];
    let before = site.run(&list).good();
    let ran = site.run(&["store", "restore", file, "--replace"]).ended(4);
    ran.says(cause);
    assert_eq!(site.run(&list).good(), before);
    assert_eq!(begun(site), Vec::<String>::new());
}

/// The files that a restore or a backup leaves if it does not clean up.
fn begun(site: &Site) -> Vec<String> {
    let names = fs::read_dir(site.folder.path()).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".restoring") || name.contains(".part"))
        .collect()
}

#[test]
fn what_is_damaged_newer_of_another_kind_or_no_store_is_not_restored() {
    let site = Site::new();
    site.blocked();
    let changed = |name: &str, statement: &'static str| {
        let path = site.folder.at(name);
        site.run(&["store", "backup", &path]).good();
        execute(&path, statement);
        path
    };
    let forged = changed(
        "forged.db",
        "update events set bytes = cast(replace(bytes, 'block-ip', 'block-it') as blob) where kind = 'started'",
    );
    refused(&site, &forged, "does not match its digest");
    let moved = changed("moved.db", "update cases set phase = 'closed', open = 0");
    refused(
        &site,
        &moved,
        "has a row that its events do not lead to: phase",
    );
    let cut = changed("cut.db", "delete from events where number = 3");
    refused(&site, &cut, "it does not follow");
    let newer = changed(
        "newer.db",
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (99, 'newer', true, x'00', 0)",
    );
    refused(&site, &newer, "has version 99");
    let whole = fs::read(backed_up(&site)).unwrap();
    let half = site.folder.write("half.db", &whole[..whole.len() / 2]);
    refused(&site, &half, "damaged");
    let letter = site.folder.write("letter.db", "dear aunt");
    refused(&site, &letter, "damaged");
    let empty = site.folder.write("empty.db", "");
    refused(&site, &empty, "there is no store in it");
    refused(
        &site,
        &site.folder.at("nowhere.db"),
        "there is no such file",
    );
    let demo = format!("demo://{}", site.folder.at("demo.db"));
    tierone(["triage", ALERTS, "--store", &demo]).good();
    refused(&site, &site.folder.at("demo.db"), "it was made as `demo`");
}

#[test]
fn a_store_that_somebody_has_open_is_not_moved_away_under_them() {
    let site = Site::new();
    site.alerted(super::site::ALERT);
    let backup = backed_up(&site);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let url = at(&site.folder, "live.db");
    let open =
        runtime.block_on(async { tierone::outbound::store::Store::open(&url).await.unwrap() });
    let ran = site
        .run(&["store", "restore", &backup, "--replace"])
        .ended(4);
    ran.says("end whatever has it open");
    runtime.block_on(open.close());
    site.run(&["store", "restore", &backup, "--replace"]).good();
}

#[test]
fn a_store_that_is_no_store_any_more_is_replaced_and_kept() {
    let site = Site::new();
    site.alerted(super::site::ALERT);
    let backup = backed_up(&site);
    site.folder.write("live.db", "dear aunt");
    site.folder.write("live.db-wal", "");
    check(&at(&site.folder, "live.db"))
        .ended(4)
        .says("is damaged");
    let said = site.object(&["store", "restore", &backup, "--replace"]);
    let aside = said["moved_aside"].as_str().unwrap();
    assert_eq!(fs::read_to_string(aside).unwrap(), "dear aunt");
    site.run(&["store", "check"]).good();
}

#[test]
fn a_backup_while_others_write_is_sound() {
    let site = Arc::new(Site::new());
    site.alerted(super::site::ALERT);
    let stop = Arc::new(AtomicBool::new(false));
    let writing = thread::spawn({
        let (site, stop) = (Arc::clone(&site), Arc::clone(&stop));
        move || {
            let mut times = 0;
            while !stop.load(Ordering::Relaxed) {
                site.run(&["triage", ALERTS, "--json"]).ended(0);
                times += 1;
            }
            times
        }
    });
    let mut counted = 0;
    for number in 0..4 {
        let name = format!("copy-{number}.db");
        let said = site.object(&["store", "backup", &site.folder.at(&name)]);
        assert_eq!(said["damages"], json!([]));
        let events = said["counted"]["events"].as_u64().unwrap();
        assert!(events >= counted);
        counted = events;
    }
    stop.store(true, Ordering::Relaxed);
    assert!(writing.join().unwrap() > 0);
    site.run(&["store", "check"]).good();
}

#[test]
fn what_is_damaged_is_named_with_what_to_do() {
    let site = Site::new();
    let id = site.blocked();
    site.run(&["kill", "on", "--action", "close"]).good();
    let path = site.folder.at("live.db");
    for (statement, what, cure) in [
        (
            "delete from kills",
            "was switched off by its chain, and nothing is switched off",
            "`tierone kill on`",
        ),
        (
            "insert into kills values ('default', '{\"action\":\"page\"}', 0)",
            "no operation of its chain says who did it",
            "on record",
        ),
        (
            "insert into precedents select tenant, 'planted', source, detection_id, origin, received_at, \
             json_set(document, '$.id', 'planted') from precedents",
            "precedent `planted` counts, and neither a case nor a confirmation",
            "into quarantine",
        ),
        (
            "update operations set at = at + 1",
            "the chain of operations of tenant `default` has rows that are not what they say",
            "from a backup",
        ),
        (
            "update occurrences set occurrence_id = 'another'",
            "has sightings that are not those of its alerts",
            "from a backup",
        ),
        (
            "update occurrences set case_id = 'nobody'",
            "name cases that are not there, 1 times",
            "from a backup",
        ),
        (
            "update cases set due_at = null, head = x'00'",
            "is damaged: its last events are missing",
            "from a backup",
        ),
    ] {
        execute(&path, statement);
        let ran = site.run(&["store", "check"]).ended(1);
        ran.says(what).says(cure).says("is damaged");
    }
    site.run(&["store", "check"]).ended(1).says(&id);
    let backup = site
        .run(&["store", "backup", &site.folder.at("b.db")])
        .ended(4);
    backup.says("the copy of store");
    assert!(!site.folder.path().join("b.db").exists());
    let missing = check(&at(&site.folder, "missing.db")).ended(4);
    missing.says("there is no such file").says("--store");
    assert!(!site.folder.path().join("missing.db").exists());
}
