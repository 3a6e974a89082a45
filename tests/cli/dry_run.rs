//! `--dry-run`: exactly what would be sent, and no trace of it.

use serde_json::Value;

use super::{
    run::{ALERTS, tierone},
    site::{ADDRESS, ALERT, Site},
};

fn trace(site: &Site) -> String {
    site.run(&["cases", "list", "--all", "--json"]).good()
}

/// The body in a preview, which is what was sent but for times and signatures.
fn body(preview: &str) -> Value {
    let start = preview.find('{').unwrap();
    serde_json::from_str(preview.get(start..).unwrap()).unwrap()
}

#[test]
fn an_approval_shows_the_order_that_the_webhook_then_gets() {
    let site = Site::new();
    let id = site.proposed();
    let (digest, before) = (site.digest(&id), trace(&site));
    let approve = ["cases", "approve", &id, "--digest", &digest];
    let dry = site.object(&[&approve[..], &["--dry-run"]].concat());
    assert_eq!(trace(&site), before);
    assert_eq!(site.receiver.got().len(), 0);
    let kinds: Vec<&str> = dry["would_append"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["answered", "decided"]);
    let preview = dry["would_send"].as_str().unwrap().to_owned();
    let plain = site.run(&[&approve[..], &["--dry-run"]].concat()).good();
    assert!(
        plain.starts_with("dry run: nothing was appended, and nothing was sent\n"),
        "{plain}"
    );

    site.run(&approve).good();
    let sent = &site.receiver.got()[0];
    assert!(
        preview.contains(&format!("webhook-id: {}", sent.id)),
        "{preview}"
    );
    let (mut shown, mut got) = (body(&preview), sent.body.clone());
    for body in [&mut shown, &mut got] {
        body["timestamp"] = Value::Null;
        body["data"]["attempt"] = Value::Null;
    }
    assert_eq!(shown, got);

    let undo = ["cases", "undo", &id, "--reason", "our scanner"];
    let before = trace(&site);
    let dry = site.object(&[&undo[..], &["--dry-run"]].concat());
    assert_eq!(trace(&site), before);
    assert_eq!(site.receiver.got().len(), 2);
    let preview = dry["would_send"].as_str().unwrap().to_owned();
    site.run(&undo).good();
    let sent = &site.receiver.got()[2];
    assert!(
        preview.contains(&format!("webhook-id: {}", sent.id)),
        "{preview}"
    );
    assert_eq!(body(&preview)["data"]["undo"], sent.body["data"]["undo"]);
    assert_eq!(body(&preview)["type"], "tierone.undo");
}

#[test]
fn what_would_not_be_sent_is_said_with_its_reason() {
    let site = Site::new();
    let id = site.proposed();
    let digest = site.digest(&id);
    site.folder.write("stop", "");
    let approve = ["cases", "approve", &id, "--digest", &digest, "--dry-run"];
    let dry = site.object(&approve);
    assert_eq!(dry["would_send"], Value::Null, "{dry}");
    assert!(dry["would_send_nothing_because"].is_string(), "{dry}");
    site.run(&["cases", "undo", &id, "--reason", "x", "--dry-run"])
        .ended(1)
        .says("nothing in case");
    site.folder.write("people.toml", "");
    site.run(&approve)
        .ended(1)
        .says("is nobody in the people file");
}

#[test]
fn alerts_are_decided_on_and_leave_no_trace() {
    let site = Site::new();
    site.run(&["keys", "list"]).good();
    let path = format!("{ALERTS}/{ALERT}");
    let dry = site.object(&["triage", &path, "--dry-run"]);
    assert_eq!(dry["would"], "ask");
    assert!(
        dry["dry_run"]["would_send_nothing_because"].is_string(),
        "{dry}"
    );
    assert_eq!(trace(&site), "");
    let demo = tierone(["triage", &path, "--dry-run"]).good();
    assert!(
        demo.contains("would send, in an attested and promoted release:"),
        "{demo}"
    );
    assert!(demo.contains(ADDRESS), "{demo}");
    let table = |said: &str| said.split("\ndry run: ").next().unwrap().to_owned();
    let real = tierone(["triage", &path]).good();
    assert_eq!(table(&demo).trim_end(), real.trim_end());
}

#[test]
fn an_undo_that_broke_off_at_a_receiver_that_may_not_be_told_twice_is_not_rehearsed_as_if_it_could_be()
 {
    let site = Site::with("idempotent = false\n");
    let id = site.blocked();
    let path = site.folder.at("tierone.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = mute.local_addr().unwrap().port();
    let own = config.split_once("http://127.0.0.1:").unwrap().1;
    let own = own.split_once('/').unwrap().0.to_owned();
    std::fs::write(&path, config.replace(&own, &port.to_string())).unwrap();
    let hangs_up = std::thread::spawn(move || {
        use std::io::Read as _;
        let (mut stream, _) = mute.accept().unwrap();
        drop(stream.read(&mut [0; 64]));
    });
    let undo = ["cases", "undo", &id, "--reason", "our scanner"];
    let ran = site.run(&undo).ended(1);
    ran.says("in doubt");
    hangs_up.join().unwrap();
    for more in [&[][..], &["--dry-run"]] {
        let ran = site.run(&[&undo[..], more].concat()).ended(1);
        ran.says("was begun and left no receipt");
    }
}
