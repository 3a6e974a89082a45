//! Slack as it is on bad days: busy, down, refusing; and many alerts at once.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{
    double::Instead,
    workspace::{Workspace, answers, buttons},
};
use crate::api::server::{BLOCK, TestServer};

#[tokio::test]
async fn a_card_that_slack_does_not_take_at_once_is_taken_later_and_once() {
    let it = Workspace::open().await;
    it.double.instead([
        Instead::Busy(1),
        Instead::Status(503),
        Instead::Error("internal_error"),
    ]);
    let began = Instant::now();
    it.alert("guardduty", BLOCK).await;
    let cards = it.double.comes("chat.postMessage", 4).await;
    assert!(
        began.elapsed() > Duration::from_secs(1),
        "it was told to wait"
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(it.double.calls("chat.postMessage").len(), cards.len());
}

#[tokio::test]
async fn after_an_outage_cards_are_brought_up_to_date_and_not_replayed() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    it.double.is_down(true);
    // What happens meanwhile, happens elsewhere.
    let key = it.server.key("desk-mira", &["read", "approve"]).await;
    let (case, digest) = card
        .token()
        .split_once(' ')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let path = format!("/v1/cases/{case}");
    it.server
        .command(&format!("{path}/claim?wait=0"), &key, json!({}))
        .await
        .with(200);
    let approval = json!({ "digest": digest });
    it.server
        .command(&format!("{path}/approve"), &key, approval)
        .await
        .with(200);
    assert_eq!(it.server.receiver.got("tierone.action").len(), 1);
    it.double.is_down(false);
    let seen = it.double.says("chat.update", "done:").await;
    assert!(answers(&seen).is_empty());
    let updates = it.double.calls("chat.update");
    assert!(
        updates.len() <= 2,
        "{} updates for four events",
        updates.len()
    );
    assert_eq!(it.double.calls("chat.postMessage").len(), 1);
}

#[tokio::test]
async fn a_card_that_is_refused_is_shown_bare_and_one_that_is_gone_is_posted_anew() {
    let it = Workspace::open().await;
    it.double.instead([Instead::Error("invalid_blocks")]);
    it.alert("guardduty", BLOCK).await;
    let cards = it.double.comes("chat.postMessage", 2).await;
    assert!(
        cards[1]["text"]
            .as_str()
            .unwrap()
            .contains("cannot be shown"),
        "{:#}",
        cards[1]
    );
    it.double.instead([Instead::Error("message_not_found")]);
    it.alert("guardduty", BLOCK).await;
    let cards = it.double.comes("chat.postMessage", 3).await;
    assert!(!buttons(&cards[2]).is_empty());
}

#[tokio::test]
async fn a_storm_is_one_message_with_a_count_and_a_thread_of_ten() {
    let it = Workspace::open().await;
    for number in 0..60 {
        it.alert("guardduty", Workspace::like(number)).await;
    }
    let fold = it.double.says("chat.update", "more cases").await;
    let root = fold["ts"].clone();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let cards = it.double.calls("chat.postMessage");
    let in_thread = cards
        .iter()
        .filter(|card| card["thread_ts"] == root)
        .count();
    let alone = cards
        .iter()
        .filter(|card| card.get("thread_ts").is_none() && !buttons(card).is_empty())
        .count();
    assert_eq!((in_thread, alone), (10, 5), "of {}", cards.len());
    it.double.says("chat.update", "55 more cases").await;
}

#[tokio::test]
async fn in_shadow_what_is_mild_is_counted_by_the_hour() {
    let it = Workspace::with("").await;
    let mild = BLOCK.replace("\"severity\": 5", "\"severity\": 2");
    it.alert("guardduty", &mild).await;
    let fold = it.double.comes("chat.postMessage", 1).await.remove(0);
    assert!(
        fold["text"].as_str().unwrap().contains("In shadow"),
        "{fold:#}"
    );
    assert!(buttons(&fold).is_empty());
}

#[tokio::test]
async fn without_a_workspace_there_are_no_routes_for_it() {
    let server = TestServer::open().await;
    for path in ["events", "interactions", "commands"] {
        server
            .post(&format!("/v1/slack/{path}"), "", "{}")
            .await
            .with(404);
    }
}
