//! What was done alone is seen and can be taken back; cases that name the same thing are one thread; people are known by a verified address; routes.

use serde_json::{Value, json};
use tierone::domain::{case::Phase, release::Stage};

use super::{
    double::Double,
    requests::answering,
    workspace::{CHANNEL, LEADS, Workspace, answers, buttons, press, slack_config, values},
};
use crate::api::server::BLOCK;

const MORE: &str = "shadow_cards_from = \"informational\"";
const TRIES: usize = 6;

#[tokio::test]
async fn what_was_done_alone_has_a_card_and_its_undo_is_the_same_as_everywhere() {
    for _ in 0..TRIES {
        let double = Double::start().await;
        let port = double.port;
        let server = answering(Stage::Full, "help-desk", |folder| {
            slack_config(folder, port, MORE)
        });
        let it = Workspace::over(Box::pin(server).await, double).await;
        it.alert("guardduty", BLOCK).await;
        let card = it.double.comes("chat.postMessage", 1).await.remove(0);
        if !answers(&card).is_empty() {
            continue;
        }
        let card = it.double.calls("chat.update").pop().unwrap_or(card);
        assert!(card.to_string().contains("Done alone"), "{card:#}");
        undone(&it).await;
        return;
    }
    panic!("{TRIES} cases were held out, of which each is with a chance of one in fifty");
}

/// Undoes what the last card shows.
async fn undone(it: &Workspace) {
    let card = loop {
        let posts = it.double.calls("chat.postMessage");
        let updates = it.double.calls("chat.update");
        let mut cards = posts.into_iter().chain(updates).rev();
        if let Some(card) = cards.find(|card| !buttons(card).is_empty()) {
            break card;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    let own = buttons(&card).remove(0);
    assert_eq!(own["text"]["text"], "Undo (unblock-ip)…");
    let pressed = super::requests::press(&card, "undo", "U0TEO");
    it.interact(&pressed).await.status_is(200);
    let form = it.double.comes("views.open", 1).await.remove(0);
    let reason = values(&[("reason", "it is the partner's scanner")]);
    it.fill(&form, "U0TEO", &reason).await.status_is(200);
    it.double.says("chat.postEphemeral", "may not undo").await;
    assert!(it.server.receiver.got("tierone.undo").is_empty());
    it.fill(&form, "U0MIRA", &reason).await.status_is(200);
    let seen = it.double.says("chat.update", "undone by *mira*").await;
    assert!(!seen.to_string().contains("Undo ("), "{seen:#}");
    assert_eq!(it.server.receiver.got("tierone.undo").len(), 1);
    it.fill(&form, "U0MIRA", &reason).await.status_is(200);
    it.double.says("chat.postEphemeral", "can be undone").await;
    assert_eq!(it.server.receiver.got("tierone.undo").len(), 1);
}

#[tokio::test]
async fn cases_that_name_the_same_thing_are_one_thread_with_their_number() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    let other = |rule: &str, place: u32| {
        BLOCK
            .replace("UnauthorizedAccess:EC2/SSHBruteForce", rule)
            .replace("\"id\": \"", &format!("\"id\": \"{place}-"))
    };
    it.alert("guardduty", other("Recon:EC2/Portscan", 1)).await;
    let fold = it
        .double
        .says("chat.postMessage", "1 more cases* within a day")
        .await;
    assert_eq!(fold["channel"], CHANNEL);
    assert!(buttons(&fold).is_empty());
    let first = it.case(&card).await.id.to_string();
    assert!(fold.to_string().contains(&first), "{fold:#}");
    let second = it
        .double
        .says("chat.postMessage", "Recon:EC2/Portscan")
        .await;
    assert!(second["thread_ts"].is_string(), "{second:#}");
    assert!(!buttons(&second).is_empty());
    it.alert("guardduty", other("Backdoor:EC2/Spambot", 2))
        .await;
    it.double
        .says("chat.update", "2 more cases* within a day")
        .await;
}

#[tokio::test]
async fn somebody_is_known_by_an_address_only_where_it_is_verified_and_the_config_says_so() {
    let by_email = |config: &mut tierone::config::Config| {
        let path = config.files.people.clone().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let named = text
            .replace("slack = \"U0INES\"", "slack = \"ines@example.com\"")
            .replace("slack = \"U0OMAR\"", "slack = \"omar@example.com\"");
        assert_ne!(text, named);
        std::fs::write(path, named).unwrap();
    };
    let mut expected = [
        (format!("{MORE}\nverified_emails = true"), true),
        (MORE.to_owned(), false),
    ];
    for (more, known) in &mut expected {
        let it = Workspace::changed(more, by_email).await;
        let card = it.asked().await;
        let own = |mut payload: Value| {
            payload["response_url"] = format!("http://127.0.0.1:{}/answer", it.double.port).into();
            payload
        };
        // The address of this one was never confirmed.
        it.interact(&own(press(&card, "approve", "U0OMAR")))
            .await
            .status_is(200);
        it.told("'U0OMAR' is nobody in the people file").await;
        it.interact(&own(press(&card, "approve", "U0INES")))
            .await
            .status_is(200);
        if *known {
            it.double.says("chat.update", "approved by *ines*").await;
        } else {
            it.told("'U0INES' is nobody in the people file").await;
            assert_eq!(it.case(&card).await.phase, Phase::Asked);
        }
    }
}

#[tokio::test]
async fn a_route_moves_where_a_case_is_first_asked_about_and_an_escalation_moves_it_on() {
    let more = format!(
        "{MORE}\n[[route]]\nowner = \"facilities\"\nchannel = \"C0DOORS\"\n\
         [[route]]\nsource = \"guardduty\"\nseverity_from = \"low\"\nchannel = \"C0CLOUD\""
    );
    let it = Workspace::with(&more).await;
    let card = it.asked().await;
    assert_eq!(card.body["channel"], "C0CLOUD");
    it.press(&card, "escalate", "U0MIRA").await.status_is(200);
    let form = it.double.comes("views.open", 1).await.remove(0);
    let given = values(&[("group", "soc-lead"), ("reason", "yours to say")]);
    it.fill(&form, "U0MIRA", &given).await.status_is(200);
    let cards = it.double.comes("chat.postMessage", 2).await;
    assert_eq!(cards[1]["channel"], json!(LEADS));
}

#[tokio::test]
async fn a_reject_shows_what_a_looser_scope_would_have_matched() {
    let it = Workspace::open().await;
    let card = it.asked().await;
    let before = it.case(&card).await;
    let keys: Vec<String> = before
        .alert
        .content()
        .unwrap()
        .facets
        .iter()
        .map(|facet| facet.key.clone())
        .collect();
    it.alert("guardduty", Workspace::like(7)).await;
    it.double.comes("chat.postMessage", 2).await;
    it.press(&card, "reject", "U0MIRA").await.status_is(200);
    let form = it.double.comes("views.open", 1).await.remove(0);
    let facets = &form["view"]["blocks"][2];
    let options = facets["element"]["options"].as_array().unwrap();
    assert_eq!(options.len(), keys.len(), "{facets:#}");
    let hint = facets["hint"]["text"].as_str().unwrap();
    assert!(hint.contains("of the last 1 cases"), "{hint}");
    for option in options {
        let note = option["description"]["text"].as_str().unwrap();
        assert!(
            note.starts_with("if it did not matter: ") || note.starts_with("the only one"),
            "{note}"
        );
    }
}
