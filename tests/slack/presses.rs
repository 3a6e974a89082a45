//! What people press, fill in and type, over signed requests: what is done, how often, and who may.

use serde_json::{Value, json};
use tierone::domain::case::Phase;

use super::{
    double::TEAM,
    workspace::{CHANNEL, Workspace, answers, buttons, press, values},
};

#[tokio::test]
async fn an_alert_has_a_card_and_the_right_press_does_it_once_and_is_seen_on_the_card() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    assert_eq!(card.body["channel"], CHANNEL);
    assert_eq!(
        (&card.body["unfurl_links"], &card.body["unfurl_media"]),
        (&json!(false), &json!(false))
    );
    let labels: Vec<Value> = buttons(&card.body)
        .iter()
        .map(|button| button["text"]["text"].clone())
        .collect();
    assert_eq!(
        labels,
        [
            "Approve",
            "Reject…",
            "Resolve…",
            "Edit…",
            "Escalate…",
            "Snooze…",
            "Claim"
        ]
    );
    it.press(&card, "approve", "U0MIRA").await.status_is(200);
    let seen = it.double.says("chat.update", "approved by *mira*").await;
    assert_eq!(seen["ts"], card.message);
    let seen = it.double.says("chat.update", "done:").await;
    assert_eq!(seen["ts"], card.message);
    assert!(answers(&seen).is_empty(), "{seen:#}");
    assert_eq!(it.server.receiver.got("tierone.action").len(), 1);
}

#[tokio::test]
async fn the_same_press_twice_and_two_presses_at_once_do_it_once() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    let one = press(&card, "approve", "U0MIRA");
    let (first, again, other) = tokio::join!(
        it.interact(&one),
        it.interact(&one),
        it.press(&card, "approve", "U0INES")
    );
    for said in [first, again, other] {
        said.status_is(200);
    }
    it.double.says("chat.update", "done:").await;
    it.interact(&one).await.status_is(200);
    assert_eq!(it.server.receiver.got("tierone.action").len(), 1);
}

#[tokio::test]
async fn nobody_who_may_not_is_granted_anything_and_they_alone_are_told() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    let to_own = |mut payload: Value| {
        payload["response_url"] = format!("http://127.0.0.1:{}/answer", it.double.port).into();
        payload
    };
    for (user, expected) in [
        ("U0TEO", "may not block-ip"),
        ("U0STRANGER", "nobody in the people file"),
        ("U0JONAS", "a bot, a guest or of another workspace"),
        ("U0KAI", "a bot, a guest or of another workspace"),
        ("U0LIN", "a bot, a guest or of another workspace"),
    ] {
        for button in ["approve", "claim"] {
            it.interact(&to_own(press(&card, button, user)))
                .await
                .status_is(200);
        }
        let told = it.told(expected).await;
        assert_eq!(told["response_type"], "ephemeral", "{told}");
    }
    for (team, home) in [("T0OTHER", TEAM), (TEAM, "T0OTHER")] {
        let mut payload = to_own(press(&card, "approve", "U0MIRA"));
        payload["team"]["id"] = team.into();
        payload["user"]["team_id"] = home.into();
        it.interact(&payload).await.status_is(200);
        it.told("is of another workspace").await;
    }
    let case = it.case(&card).await;
    assert_eq!((case.phase, case.claimed_by), (Phase::Asked, None));
    assert!(it.server.receiver.got("tierone.action").is_empty());
    assert!(
        it.double.calls("chat.postMessage").len() == 1,
        "nobody else saw anything"
    );
}

#[tokio::test]
async fn a_press_on_what_was_seen_before_is_told_so_and_its_message_is_brought_up_to_date() {
    let it = Workspace::open().await;
    let mut card = it.asked().await;
    let digest = card.token().split_once(' ').unwrap().1.to_owned();
    let text = card.body.to_string().replace(&digest, &"0".repeat(64));
    card.body = serde_json::from_str(&text).unwrap();
    card.message = "1600000000.000009".into();
    let mut payload = press(&card, "approve", "U0MIRA");
    payload["response_url"] = format!("http://127.0.0.1:{}/answer", it.double.port).into();
    it.interact(&payload).await.status_is(200);
    it.told("what is asked has changed since").await;
    let mended = it.double.says("chat.update", &digest).await;
    assert_eq!(mended["ts"], card.message);
    assert!(it.server.receiver.got("tierone.action").is_empty());
}

#[tokio::test]
async fn a_reject_ends_the_case_and_becomes_a_precedent() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    it.press(&card, "reject", "U0MIRA").await.status_is(200);
    let form = it.double.comes("views.open", 1).await.remove(0);
    let missing = it
        .fill(
            &form,
            "U0MIRA",
            &values(&[("disposition", "false_positive")]),
        )
        .await;
    assert_eq!(missing.json()["response_action"], "errors");
    assert_eq!(missing.json()["errors"]["reason"], "say why in a few words");
    let given = values(&[
        ("disposition", "false_positive"),
        ("reason", "our own scanner"),
    ]);
    it.fill(&form, "U0MIRA", &given).await.status_is(200);
    let seen = it
        .double
        .says("chat.update", "a precedent was made of it")
        .await;
    assert!(
        seen.to_string()
            .contains("rejected by *mira*: false positive"),
        "{seen:#}"
    );
    assert!(answers(&seen).is_empty());
    let case = it.case(&card).await;
    let tenant = tierone::app::demo::tenant();
    let id = case.standing_precedent().unwrap().clone();
    let rows = it.server.app.precedents(&tenant, &[id]).await.unwrap();
    assert_eq!(rows[0].confirmed_by.as_str(), "mira");
    assert!(it.server.receiver.got("tierone.action").is_empty());
}

#[tokio::test]
async fn what_somebody_picks_instead_is_asked_anew_under_another_digest() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    it.press(&card, "edit", "U0MIRA").await.status_is(200);
    let form = it.double.comes("views.open", 1).await.remove(0);
    let options = form["view"]["blocks"][0]["element"]["options"]
        .as_array()
        .unwrap()
        .clone();
    let close = options
        .iter()
        .find(|option| option["text"]["text"] == "close")
        .unwrap();
    let given = values(&[("choice", close["value"].as_str().unwrap())]);
    it.fill(&form, "U0MIRA", &given).await.status_is(200);
    let seen = it
        .double
        .asks("chat.update", "*mira* proposed *close* instead")
        .await;
    let before = card.token();
    let after = buttons(&seen)[0]["value"].as_str().unwrap().to_owned();
    assert_ne!(before, after);
    it.press(&card, "approve", "U0INES").await.status_is(200);
    let case = it.case(&card).await;
    assert_eq!(case.phase, Phase::Asked, "the old button does nothing");
}

#[tokio::test]
async fn escalate_moves_the_card_to_the_other_groups_channel() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    it.press(&card, "escalate", "U0MIRA").await.status_is(200);
    let form = it.double.comes("views.open", 1).await.remove(0);
    let given = values(&[("group", "soc-lead"), ("reason", "yours to say")]);
    it.fill(&form, "U0MIRA", &given).await.status_is(200);
    let cards = it.double.comes("chat.postMessage", 2).await;
    assert_eq!(cards[1]["channel"], super::workspace::LEADS);
    assert!(!buttons(&cards[1]).is_empty());
    let seen = it
        .double
        .says("chat.update", "This was passed on to *soc-lead*")
        .await;
    assert_eq!(
        (&seen["channel"], buttons(&seen).len()),
        (&json!(CHANNEL), 0)
    );
}

#[tokio::test]
async fn commands_show_what_waits_and_switch_off_but_on_only_for_operators() {
    let it =
        Workspace::with("shadow_cards_from = \"informational\"\noperators = [\"soc-lead\"]").await;
    let card = it.asked().await;
    it.types("queue", "U0MIRA").await.status_is(200);
    it.told("*1 cases wait for a person*").await;
    it.types("case 1", "U0MIRA").await.status_is(200);
    it.told("is no case id").await;
    it.types("queue", "U0STRANGER").await.status_is(200);
    it.told("nobody in the people file").await;
    it.types("kill block-ip it blocks the wrong ones", "U0MIRA")
        .await
        .status_is(200);
    it.told("`action block-ip`").await;
    it.press(&card, "approve", "U0MIRA").await.status_is(200);
    it.double
        .says("chat.update", "this action is switched off")
        .await;
    assert!(it.server.receiver.got("tierone.action").is_empty());
    it.types("unkill block-ip mended", "U0MIRA")
        .await
        .status_is(200);
    it.told("may not switch on again from Slack").await;
    it.types("unkill block-ip mended", "U0INES")
        .await
        .status_is(200);
    it.told("Nothing is switched off.").await;
    for (text, expected) in [
        ("help", "/tierone queue"),
        ("release", "in *shadow*"),
        ("stats 7d", "1 cases; 1 wait"),
        ("shift", "1 cases came in"),
        ("search nothing-like-it", "*0 of 1 cases have*"),
        ("kill it blocks the wrong ones", "'it' is no action"),
        ("kill", "is no action, so nothing was switched"),
        ("dance", "is no command"),
    ] {
        it.types(text, "U0MIRA").await.status_is(200);
        it.told(expected).await;
    }
}

#[tokio::test]
async fn a_request_is_a_case_and_a_sixth_within_ten_minutes_is_not() {
    let it = Workspace::open().await;
    for number in 0..6 {
        let text = format!("ask vpn-not-connecting it hangs, try {number}");
        it.types(&text, "U0GUEST-NO").await.status_is(200);
    }
    it.told("It is case").await;
    it.told("several things within ten minutes").await;
    let card = it
        .double
        .says("chat.postMessage", "vpn-not-connecting")
        .await;
    assert_eq!(card["channel"], CHANNEL);
}

#[tokio::test]
async fn a_question_in_a_thread_is_answered_from_the_record_and_changes_nothing() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    let mention = |text: &str, id: &str| {
        json!({ "type": "event_callback", "team_id": TEAM, "event_id": id, "event": {
            "type": "app_mention", "user": "U0MIRA", "text": text, "channel": CHANNEL,
            "ts": "1700000009.000001", "thread_ts": card.message } })
    };
    let why = mention("<@U0BOT> approve it now! why not automatic?", "Ev1");
    it.event(&why).await.status_is(200);
    it.event(&why).await.status_is(200);
    let said = it.double.says("chat.postMessage", "rests on").await;
    assert_eq!(said["thread_ts"], card.message);
    let text = said.to_string();
    assert!(
        text.contains("held by") && text.contains("record"),
        "{said:#}"
    );
    it.event(&mention("<@U0BOT>", "Ev2")).await.status_is(200);
    it.double
        .says("chat.postEphemeral", "nothing was asked")
        .await;
    assert_eq!(it.double.calls("chat.postMessage").len(), 2);
    assert_eq!(it.case(&card).await.phase, Phase::Asked);
}

#[tokio::test]
async fn where_two_must_approve_the_first_is_counted_and_the_same_person_is_not_counted_twice() {
    let it = Workspace::with_two_approvers().await;
    let card = it.asked().await;
    assert!(
        card.body.to_string().contains("*2 people* must approve"),
        "{:#}",
        card.body
    );
    it.press(&card, "approve", "U0MIRA").await.status_is(200);
    let seen = it.double.asks("chat.update", "*1 of 2*: mira").await;
    it.press(&card, "approve", "U0MIRA").await.status_is(200);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(it.server.receiver.got("tierone.action").is_empty());
    assert_eq!(buttons(&seen)[0]["value"], card.token());
    it.press(&card, "approve", "U0INES").await.status_is(200);
    it.double.says("chat.update", "done:").await;
    assert_eq!(it.server.receiver.got("tierone.action").len(), 1);
}

#[tokio::test]
async fn two_who_approve_at_once_both_count() {
    let it = Workspace::with_two_approvers().await;
    let card = it.asked().await;
    let (one, other) = tokio::join!(
        it.press(&card, "approve", "U0MIRA"),
        it.press(&card, "approve", "U0INES")
    );
    one.status_is(200);
    other.status_is(200);
    it.double.says("chat.update", "done:").await;
    assert_eq!(it.server.receiver.got("tierone.action").len(), 1);
}
