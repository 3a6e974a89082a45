//! Kill switches at the command line: off at once whatever else is broken, on again only by somebody who has a name, and on record.

use std::fs;

use serde_json::{Value, json};

use super::{
    run::{Folder, tierone},
    site::Site,
};

const REASON: [&str; 2] = ["--reason", "look first"];

fn status(site: &Site) -> Value {
    site.object(&["kill", "status"])
}

fn broken() -> Site {
    let site = Site::new();
    site.folder
        .write("live.db", "this is a letter to my aunt, and no database");
    site
}

#[test]
fn what_is_switched_off_is_not_done_and_it_is_on_record_who_did_it() {
    let site = Site::new();
    let id = site.proposed();
    let on = site.run(&[&["kill", "on", "--action", "block-ip"][..], &REASON].concat());
    assert!(on.good().starts_with(
        "action block-ip of tenant default is switched off, on the word of me (operation 1"
    ));
    let off = &status(&site)["off"][0];
    assert_eq!(
        (&off["what"], &off["tenant"], &off["by"], &off["reason"]),
        (
            &json!("action block-ip"),
            &json!("default"),
            &json!("me"),
            &json!("look first")
        )
    );
    let digest = site.digest(&id);
    let approve = ["cases", "approve", &id, "--digest", &digest];
    assert_eq!(site.object(&approve)["phase"], "asked");
    assert_eq!(site.receiver.got().len(), 0);

    let unreasoned = site.run(&["kill", "off", "--action", "block-ip", "--reason", " "]);
    unreasoned.ended(2).says("the reason is empty");
    site.run(&[&["kill", "off"][..], &REASON].concat())
        .ended(1)
        .says("everything is not switched off");
    let off = [&["kill", "off", "--action", "block-ip"][..], &REASON].concat();
    assert_eq!(site.object(&off)["still_off"], json!([]));
    assert_eq!(status(&site)["off"], json!([]));
    let digest = site.digest(&id);
    let approve = ["cases", "approve", &id, "--digest", &digest];
    assert_eq!(site.object(&approve)["attempts"][0]["state"], "executed");
}

#[test]
fn everything_is_off_by_the_file_and_the_store_and_both_go_on_again() {
    let site = Site::new();
    site.run(&["keys", "list"]).good();
    let on = site.object(&[&["kill", "on"][..], &REASON].concat());
    assert_eq!(
        (&on["recorded"], &on["kill_file_state"]),
        (&json!(true), &json!("made"))
    );
    let stop = site.folder.path().join("stop");
    assert!(fs::read_to_string(&stop).unwrap().contains("look first"));
    let again = site.object(&["kill", "on"]);
    assert_eq!(again["kill_file_state"], "was_there");
    let said = site.run(&["kill", "status"]).good();
    assert!(
        said.contains("kill file: everything is switched off by"),
        "{said}"
    );
    assert!(said.contains("made by me at"), "{said}");
    let rows: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("everything "))
        .collect();
    assert_eq!(rows.len(), 1, "{said}");
    assert!(rows[0].contains("look first"), "{said}");
    let off = site.object(&[&["kill", "off"][..], &REASON].concat());
    assert_eq!(off["kill_file_state"], "removed");
    assert!(!stop.exists());
    assert_eq!(status(&site)["kill_file"]["state"], "absent");
}

#[test]
fn a_file_that_was_made_by_hand_is_seen_and_goes_with_its_reason_on_record() {
    let site = Site::new();
    site.run(&["keys", "list"]).good();
    site.folder.write("stop", "");
    let file = &status(&site)["kill_file"];
    assert_eq!(
        (&file["state"], &file["by"]),
        (&json!("present"), &Value::Null)
    );
    let off = site.object(&[&["kill", "off"][..], &REASON].concat());
    assert_eq!((&off["by"], &off["operation"]), (&json!("me"), &json!(1)));
}

#[test]
fn nobody_may_switch_off_and_not_on() {
    let site = Site::new();
    site.run(&["keys", "list"]).good();
    site.folder.write("people.toml", "");
    let on = site.object(&["kill", "on", "--tenant-wide", "--tenant", "annex"]);
    assert!(on["by"].as_str().unwrap().starts_with("os_user:"), "{on}");
    assert_eq!(status(&site)["off"][0]["what"], "tenant annex");
    let off = ["kill", "off", "--tenant-wide", "--tenant", "annex"];
    let off = site.run(&[&off[..], &REASON].concat());
    off.ended(1).says("is nobody in the people file");
    assert_eq!(status(&site)["off"][0]["tenant"], "annex");
}

#[test]
fn files_of_the_site_that_are_wrong_keep_nothing_from_being_switched_off() {
    let site = Site::with("[files2]\nx = 1\n");
    site.folder.write("people.toml", "[[person]\n");
    Site::run(&site, &["keys", "list"]).ended(2);
    let store = format!("sqlite://{}", site.folder.at("live.db"));
    tierone(["keys", "list", "--store", &store]).good();
    let on = site.run(&["kill", "on"]).ended(0);
    on.says("passed over: config")
        .says("everything is switched off, on the word of os_user:")
        .says("was made");
}

#[test]
fn a_store_that_does_not_work_leaves_the_kill_file_and_that_is_said() {
    let site = broken();
    let on = site.run(&["kill", "on"]).ended(1);
    on.says(
        "everything is switched off by the kill file alone: it is NOT on record, because store",
    )
    .says("run `tierone kill on` once more");
    assert!(site.folder.path().join("stop").exists());
    let said = site.run(&["kill", "status"]).ended(4);
    said.says("everything counts as switched off, because the store cannot be read")
        .says("everything is switched off by");

    let site = broken();
    let on = site.run(&["kill", "on", "--action", "block-ip", "--json"]);
    let on = &on.ended(1).objects()[0];
    assert_eq!(
        (&on["off"], &on["recorded"], &on["kill_file_state"]),
        (&json!("everything"), &json!(false), &json!("made"))
    );
    let on = broken();
    on.run(&["kill", "on", "--action", "block-ip"])
        .ended(1)
        .says("which is more than you asked for");
}

#[test]
fn where_neither_way_works_nothing_is_off_and_the_code_says_so() {
    let folder = Folder::new();
    let store = format!("sqlite://{}", folder.at("nothing.db"));
    let none = tierone(["kill", "on", "--store", &store, "--json"]).ended(4);
    let error: Value = serde_json::from_str(&none.err).unwrap();
    let error = &error["error"];
    let cause = error["cause"].as_str().unwrap();
    assert!(cause.contains("nothing is switched off: store"), "{cause}");
    assert!(
        cause.contains("there is no such file, and the config names no kill file"),
        "{cause}"
    );
    assert!(
        error["cure"].as_str().unwrap().contains("[gate] kill_file"),
        "{error}"
    );
    assert!(
        !folder.path().join("nothing.db").exists(),
        "a mistaken name makes no store"
    );
    let gate = format!("[gate]\nkill_file = \"no/such/folder/stop\"\n[store]\nurl = \"{store}\"\n");
    let config = folder.write("tierone.toml", gate);
    let none = tierone(["kill", "on", "--config", &config]).ended(4);
    none.says("cannot be made").says("mend one of the two");
}

#[test]
fn what_could_be_meant_otherwise_is_refused() {
    let site = Site::new();
    site.run(&["keys", "list"]).good();
    let misspelt = site.run(&["kill", "on", "--action", "blok-ip"]).ended(2);
    misspelt.says("no action `blok-ip`").says("block-ip");
    site.run(&["kill", "on", "--tenant", "annex"]).ended(2);
    let both = ["kill", "on", "--tenant-wide", "--action", "block-ip"];
    site.run(&both).ended(2);
    assert_eq!(status(&site)["off"], json!([]));
}
