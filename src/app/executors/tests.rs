//! Which executor a configuration gives: nothing that is not configured, nothing real outside a live store.

use super::*;
use crate::{
    domain::event::Probe,
    outbound::tests::{
        authorized, clock, order,
        receiver::{Receiver, reply},
    },
};

fn config(text: &str) -> Config {
    toml::from_str(text).unwrap()
}

#[test]
fn what_is_not_configured_says_how_to_configure_it() {
    let config = Config::default();
    let executors = Executors::from_config(&config, StoreKind::Live, Sending::Real, clock).unwrap();
    assert!(executors.executor(ExecutorKind::Internal).is_ok());
    for (kind, says) in [
        (
            ExecutorKind::Webhook,
            "webhook is not configured; set [webhook] url and secret",
        ),
        (
            ExecutorKind::Pagerduty,
            "pagerduty is not configured; set [pagerduty] routing_key",
        ),
    ] {
        let fault = executors.executor(kind).map(|_| ()).unwrap_err();
        assert_eq!(fault, Fault::Permanent(says.into()));
    }
}

#[test]
fn what_is_configured_and_cannot_work_is_refused_at_the_start() {
    let table = [
        (
            "[webhook]\nurl = \"https://a.example\"\nsecret = { env = \"TIERONE_NO_SUCH\" }",
            "`webhook.secret`: environment variable",
        ),
        (
            "[webhook]\nurl = \"https://a.example\"\nsecret = \"hush\"",
            "never the secret itself",
        ),
        (
            "[pagerduty]\nrouting_key = { file = \"/no/such\" }",
            "`pagerduty.routing_key`: secret file",
        ),
    ];
    for (text, says) in table {
        let fault = Executors::from_config(&config(text), StoreKind::Live, Sending::Real, clock);
        let fault = fault.map(|_| ()).unwrap_err().to_string();
        println!("{fault}");
        assert!(fault.contains(says), "{fault}");
        assert!(!fault.contains("hush"));
    }
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "c2VjcmV0\n").unwrap();
    let text = format!("[webhook]\nurl = \"http://127.0.0.1/\"\nsecret = {{ file = {key:?} }}");
    let fault = Executors::from_config(&config(&text), StoreKind::Live, Sending::Real, clock);
    let fault = fault.map(|_| ()).unwrap_err().to_string();
    assert!(
        fault.contains("[webhook] cannot be used: address `127.0.0.1` is not public"),
        "{fault}"
    );
}

#[test]
fn unknown_keys_are_errors() {
    for text in [
        "[webhook]\nurl = \"https://a.example\"\nsecret = { env = \"A\" }\nretries = 3",
        "[pagerduty]\nrouting_key = { env = \"A\" }\nsecret = { env = \"A\" }",
        "[webhook]\nurl = \"https://a.example\"",
        "[webhook]\nurl = \"https://a.example\"\nsecret = { env = \"A\" }\nallow_private = [\"127.0.0.1/99\"]",
    ] {
        assert!(toml::from_str::<Config>(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn only_a_live_store_that_is_told_to_sends() {
    let receiver = Receiver::start(vec![reply("200 OK", "", "done")]).await;
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "c2VjcmV0\n").unwrap();
    let text = format!(
        "[webhook]\nurl = {:?}\nsecret = {{ file = {key:?} }}\nallow_private = [\"127.0.0.0/8\"]\nidempotent = false",
        receiver.url()
    );
    let (set, unset) = (config(&text), Config::default());
    let dry = [
        (&set, StoreKind::Live, Sending::DryRun),
        (&set, StoreKind::Demo, Sending::Real),
        (&set, StoreKind::Simulated, Sending::Real),
        (&unset, StoreKind::Demo, Sending::Real),
    ];
    for (config, kind, sending) in dry {
        let executors = Executors::from_config(config, kind, sending, clock).unwrap();
        for kind in [
            ExecutorKind::Internal,
            ExecutorKind::Webhook,
            ExecutorKind::Pagerduty,
        ] {
            let executor = executors.executor(kind).unwrap();
            let receipt = executor.execute(&authorized()).await.unwrap();
            let preview = executor.preview(&order()).unwrap();
            assert_eq!(receipt, format!("dry run: {preview}"));
            let undone = executor.undo(&authorized(), "unblock-ip").await.unwrap();
            assert!(undone.starts_with("dry run: unblock-ip"), "{undone}");
            assert_eq!(executor.verify(&order(), "any").await, Ok(Probe::Held));
        }
    }
    assert!(receiver.got().is_empty(), "a dry run sent something");
    let live = Executors::from_config(&set, StoreKind::Live, Sending::Real, clock).unwrap();
    let executor = live.executor(ExecutorKind::Webhook).unwrap();
    assert_eq!(executor.repetition(), Repetition::Unsafe);
    assert_eq!(executor.execute(&authorized()).await.unwrap(), "200 done");
    assert_eq!(receiver.got().len(), 1);
}
