//! An ask that nobody answers: each group is asked in turn, then whoever is on call is paged, once, and the case stays open.

use jiff::SignedDuration;
use serde_json::Value;
use tierone::{
    app::{
        answer::{Claimant, Wish},
        demo,
    },
    config::{calls::PagerdutyConfig, secret::SecretSource, server::ServerConfig},
    domain::{
        case::{Case, Lateness},
        event::Body,
        paged::Paged,
        person::Proof,
    },
};

use super::{
    receiver::Receiver,
    server::{TestServer, approval, now, of},
};

const TAKEN: &str = r#"{"status": "success", "message": "taken"}"#;

async fn server(pager: Option<&Receiver>) -> TestServer {
    TestServer::configured(ServerConfig::default(), |config| {
        let Some(SecretSource::File(secret)) = config.webhook.as_ref().map(|it| &it.secret) else {
            panic!("the secret is in a file");
        };
        config.pagerduty = pager.map(|pager| PagerdutyConfig {
            url: format!("http://127.0.0.1:{}", pager.port),
            routing_key: SecretSource::File(secret.clone()),
            connect_timeout_ms: 900,
            total_timeout_ms: 10_000,
            allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        });
    })
    .await
}

/// The case some hours later, and the groups that let it run out by then.
async fn later(server: &TestServer, case: &Value, hours: i64) -> (Case, Vec<Option<Paged>>) {
    let at = now() + SignedDuration::from_hours(hours);
    let tenant = demo::tenant();
    let id = case["case_id"].as_str().unwrap().parse().unwrap();
    let stored = server.app.case(&tenant, id).await.unwrap().unwrap();
    let after = Box::pin(server.app.work(stored, at)).await.unwrap();
    let story = server.app.find(&tenant, id).await.unwrap().unwrap();
    let expired = story.events.iter().filter_map(|event| match &event.body {
        Body::Expired { paged, .. } => Some(paged.clone()),
        _ => None,
    });
    (after, expired.collect())
}

#[tokio::test]
async fn the_last_group_pages_once_and_may_still_answer() {
    let pager = Receiver::saying("202 Accepted", TAKEN).await;
    let server = server(Some(&pager)).await;
    let key = server
        .key("desk-mira", &["ingest:*", "read", "approve"])
        .await;
    let case = server.asked(&key).await;
    let mut hours = 0;
    let after = loop {
        hours += 12;
        let (after, expired) = later(&server, &case, hours).await;
        let ask = after.ask.as_ref().unwrap();
        if ask.lateness == Lateness::Overdue {
            assert!(expired.len() > 1, "groups are asked before: {expired:?}");
            let (last, before) = expired.split_last().unwrap();
            assert!(before.iter().all(Option::is_none), "{before:?}");
            let receipt = "202 success: taken".to_owned();
            assert_eq!(*last, Some(Paged::Sent { receipt }));
            break after;
        }
        assert!(pager.everything().is_empty());
        assert!(hours < 24 * 30);
    };
    later(&server, &case, hours * 2).await;
    let calls = pager.everything();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(calls[0]["event_action"], "trigger");
    let decided = after.ask.as_ref().unwrap().decided;
    let dedup = format!("overdue/{}/{decided}", after.id);
    assert_eq!(calls[0]["dedup_key"], dedup);
    assert_eq!(calls[0]["payload"]["severity"], "info");
    assert!(!calls[0].to_string().contains("198.51.100.77"), "{calls:?}");
    let path = of(&case, "/approve");
    let approved = server.command(&path, &key, approval(&case)).await;
    approved.with(200);
    // Whoever is on call need not come any more.
    for _ in 0..2_000 {
        if pager.everything().len() > 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let calls = pager.everything();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!(calls[1]["event_action"], "resolve");
    assert_eq!(calls[1]["dedup_key"], dedup);
}

#[tokio::test]
async fn what_was_put_off_is_overdue_from_the_end_of_that() {
    let pager = Receiver::saying("202 Accepted", TAKEN).await;
    let server = server(Some(&pager)).await;
    let key = server.key("desk-mira", &["ingest:*", "read"]).await;
    let case = server.asked(&key).await;
    // The second group, which is the last one.
    let (after, expired) = later(&server, &case, 25).await;
    assert!(after.ask.as_ref().unwrap().later.is_empty(), "{expired:?}");
    let (at, until) = (
        now() + SignedDuration::from_hours(26),
        now() + SignedDuration::from_hours(96),
    );
    let mira = Claimant {
        proof: Proof::OsUser,
        identity: "mira".into(),
    };
    let wish = Wish::Snooze(until, "the owner is back on Thursday".into());
    let tenant = demo::tenant();
    let snoozed = server.app.answer(&tenant, after.id, &mira, wish, at);
    Box::pin(snoozed).await.unwrap();
    later(&server, &case, 72).await;
    assert!(pager.everything().is_empty());
    later(&server, &case, 97).await;
    let calls = pager.everything();
    let since = &calls[0]["payload"]["custom_details"]["since"];
    assert_eq!(since, &until.to_string(), "{calls:?}");
}

#[tokio::test]
async fn a_pager_that_cannot_be_had_is_named_in_the_case() {
    let refusing = Receiver::saying("400 Bad Request", "{}").await;
    for (pager, expected) in [(None, "not configured"), (Some(&refusing), "400")] {
        let server = server(pager).await;
        let key = server.key("desk-mira", &["ingest:*", "read"]).await;
        let case = server.asked(&key).await;
        let mut seen = Vec::new();
        for hours in [48, 96, 144, 192] {
            seen = later(&server, &case, hours).await.1;
        }
        let Some(Some(Paged::Unsent { cause })) = seen.last() else {
            panic!("{seen:?}");
        };
        assert!(cause.contains(expected), "{cause}");
    }
    assert_eq!(refusing.everything().len(), 1, "it is not asked again");
}
