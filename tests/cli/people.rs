//! People at the command line: from an alert in a live store to an order that the site's webhook received, and every other answer.

use serde_json::Value;

use super::site::{ADDRESS, ALERT, Site};

/// What is different every time, named instead.
macro_rules! settled {
    ($site:expr, $body:block) => {{
        let mut settings = insta::Settings::clone_current();
        settings.add_filter(
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "<case>",
        );
        settings.add_filter(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>");
        settings.add_filter(r"\b[0-9a-f]{64}\b", "<digest>");
        settings.add_filter(r"--digest [0-9a-f]{12}\b", "--digest <start>");
        settings.add_filter(r"digest [0-9a-f]{8}\b", "digest <start>");
        settings.add_filter(
            &regex::escape($site.folder.path().to_str().unwrap()),
            "<folder>",
        );
        settings.add_filter(r"draw \d+\.\d+ %", "draw <draw> %");
        settings.add_filter(r"completeness\.times: \d+ h", "completeness.times: <age> h");
        settings.bind(|| $body);
    }};
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn an_alert_becomes_an_order_that_the_webhook_received() {
    let site = Site::new();
    let id = site.proposed();
    let list = site.run(&["cases", "list"]).good();
    let show = site.run(&["cases", "show", &id]).good();
    let unseen = site.run(&["cases", "approve", &id]);
    assert_eq!(unseen.code, 2);
    assert!(
        unseen.err.contains("nothing was approved"),
        "{}",
        unseen.err
    );
    assert!(
        unseen.out.contains("to approve:  tierone cases approve"),
        "{}",
        unseen.out
    );
    assert_eq!(site.receiver.got().len(), 0);

    let command = show
        .lines()
        .find_map(|line| line.strip_prefix("to approve:  tierone "));
    let command: Vec<&str> = command.unwrap().split(' ').collect();
    let done = super::run::tierone(&command).good();
    assert_eq!(site.receiver.types(), ["tierone.action", "tierone.verify"]);
    let order = &site.receiver.got()[0];
    assert_eq!(order.body["data"]["parameters"]["address"], ADDRESS);
    assert_eq!(order.id, format!("{id}-12"));
    assert!(
        done.contains(&format!("precedent {id} made of it")),
        "{done}"
    );
    let list_json = site.object(&["cases", "list", "--all"]);
    let after = site.run(&["cases", "show", &id]).good();
    settled!(site, {
        insta::assert_snapshot!("list", list);
        insta::assert_snapshot!("show", show);
        insta::assert_snapshot!("approve", done);
        insta::assert_snapshot!("list_json", pretty(&list_json));
        insta::assert_snapshot!("show_after", after);
    });
}

/// Runs it: nothing is changed, and the code and the words say why.
fn refused(site: &Site, code: i32, arguments: &[&str], cause: &str) {
    let before = site.run(&["cases", "list", "--all", "--json"]).good();
    let ran = site.run(arguments);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (code, ""),
        "{arguments:?}: {}",
        ran.err
    );
    assert!(ran.err.contains(cause), "{arguments:?}: {}", ran.err);
    assert_eq!(
        site.run(&["cases", "list", "--all", "--json"]).good(),
        before
    );
}

#[test]
fn what_may_not_be_is_denied_and_changes_nothing() {
    let site = Site::new();
    let id = site.proposed();
    let digest = site.digest(&id);
    let other = "f".repeat(12);
    let ending = ["--disposition", "false_positive", "--reason", "a drill"];
    refused(
        &site,
        1,
        &["cases", "approve", &id, "--digest", &other],
        "has changed since",
    );
    refused(
        &site,
        2,
        &[
            "cases",
            "approve",
            &id,
            "--digest",
            digest.get(..8).unwrap(),
        ],
        "too short for a digest",
    );
    let set = [
        "cases",
        "approve",
        &id,
        "--digest",
        &digest,
        "--set",
        "address=203.0.113.77",
    ];
    refused(&site, 1, &set, "nor the catalogue names it");
    let facet = [
        &["cases", "resolve", &id, "--mattered", "colour"][..],
        &ending,
    ]
    .concat();
    refused(&site, 1, &facet, "no facet `colour`");
    let reopen = ["cases", "reopen", &id, "--reason", "why not"];
    refused(&site, 1, &reopen, "a case that is asked cannot be reopened");
    let silent = [
        "cases", "escalate", &id, "--to", "soc-lead", "--reason", " ",
    ];
    refused(&site, 2, &silent, "the reason is empty");
    let past = [
        "cases",
        "snooze",
        &id,
        "--until",
        "2020-01-01T00:00:00Z",
        "--reason",
        "later",
    ];
    refused(&site, 1, &past, "name a time to come");
    let ever = past.map(|word| word.replace("2020", "2999"));
    let ever = ever.each_ref().map(String::as_str);
    refused(&site, 1, &ever, "name a time to come, at the latest");
    let word = [
        "cases",
        "resolve",
        &id,
        "--disposition",
        "maybe",
        "--reason",
        "x",
    ];
    refused(&site, 2, &word, "true_positive, benign_positive");
    assert_eq!(site.receiver.got().len(), 0);
}

#[test]
fn nobody_in_the_people_file_may_answer() {
    let site = Site::new();
    let id = site.proposed();
    site.folder.write("people.toml", "");
    let digest = site.digest(&id);
    let approve = ["cases", "approve", &id, "--digest", &digest];
    refused(&site, 1, &approve, "is nobody in the people file");
    refused(
        &site,
        1,
        &["cases", "claim", &id],
        "is nobody in the people file",
    );
    assert_eq!(site.receiver.got().len(), 0);
}

#[test]
fn what_was_answered_is_not_asked_any_more() {
    let site = Site::new();
    let id = site.blocked();
    let approve = ["cases", "approve", &id, "--digest", "ffffffffffff"];
    refused(&site, 1, &approve, "nothing is asked about case");
    assert_eq!(site.receiver.types().len(), 2);
}

/// A time to come, to the second.
#[expect(clippy::disallowed_methods, reason = "the program has the real time")]
fn in_days(days: i64) -> String {
    let second = jiff::Timestamp::now().as_second() + days * 86_400;
    jiff::Timestamp::from_second(second).unwrap().to_string()
}

#[test]
fn a_case_is_claimed_put_off_handed_on_rejected_and_opened_again() {
    let site = Site::new();
    let id = site.alerted(ALERT);
    let claimed = site.object(&["cases", "claim", &id]);
    assert_eq!(claimed["claimed_by"], "me");
    let until = in_days(3);
    let snooze = [
        "cases", "snooze", &id, "--until", &until, "--reason", "on leave",
    ];
    assert_eq!(site.object(&snooze)["snoozed_until"], until);
    let escalate = [
        "cases", "escalate", &id, "--to", "soc-lead", "--reason", "not mine",
    ];
    assert_eq!(site.object(&escalate)["ask"]["group"], "soc-lead");
    let digest = site.digest(&id);
    let start = digest.get(..12).unwrap();
    let reject = [
        "cases",
        "reject",
        &id,
        "--digest",
        start,
        "--disposition",
        "benign_positive",
        "--reason",
        "a drill",
    ];
    let rejected = site.object(&reject);
    assert_eq!(
        rejected["closed"],
        serde_json::json!({"by": "me", "disposition": "benign_positive"})
    );
    assert_eq!(rejected["precedent"], id.as_str());
    let reopened = site.object(&["cases", "reopen", &id, "--reason", "it was none"]);
    assert_eq!(reopened["phase"], "asked");
    let resolve = [
        "cases",
        "resolve",
        &id,
        "--disposition",
        "true_positive",
        "--reason",
        "it was real",
        "--mattered",
        "instance",
    ];
    let resolved = site.run(&resolve).good();
    settled!(site, {
        insta::assert_snapshot!("claim", pretty(&claimed));
        insta::assert_snapshot!("reject", pretty(&rejected));
        insta::assert_snapshot!("resolve", resolved);
    });
}

#[test]
fn what_was_done_is_taken_back_whatever_is_switched_off_and_its_precedent_falls() {
    let site = Site::new();
    let id = site.blocked();
    site.folder.write("stop", "");
    let undone = site.object(&["cases", "undo", &id, "--reason", "it was our scanner"]);
    assert_eq!(undone["attempts"][0]["undo"]["state"], "undone");
    assert_eq!(undone["phase"], "asked");
    assert_eq!(undone["precedent"], Value::Null);
    let types = ["tierone.action", "tierone.verify", "tierone.undo"];
    assert_eq!(site.receiver.types(), types);
    let order = &site.receiver.got()[2];
    assert_eq!(order.id, format!("{id}-12-undo"));
    assert_eq!(order.body["data"]["undo"], "unblock-ip");
    refused(
        &site,
        1,
        &["cases", "undo", &id, "--reason", "again"],
        "nothing in case",
    );
    let resolve = [
        "cases",
        "resolve",
        &id,
        "--disposition",
        "benign_positive",
        "--reason",
        "our own scanner",
    ];
    let resolved = site.object(&resolve);
    assert_eq!(resolved["precedent"], format!("{id}-2"));
    settled!(site, {
        insta::assert_snapshot!("undo", pretty(&undone));
    });
}
