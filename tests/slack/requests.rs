//! Requests: asked in the intake channel or by `/tierone ask`, answered at once where the gate allows it, and with a person where whoever asked wants one.

use serde_json::{Value, json};
use tierone::{
    app::{demo, slack::Slack},
    config::{server::ServerConfig, slack::SlackConfig},
    domain::{
        case::{Case, Phase},
        event::Body,
        id::CaseId,
        precedent::PrecedentOrigin,
        release::Stage,
    },
    outbound::store::Store,
};

use super::{
    double::{Double, TEAM},
    workspace::{CHANNEL, Workspace, answers, buttons, slack_config},
};
use crate::{
    api::{
        receiver::Receiver,
        server::{STALE, TestServer, now},
    },
    support::attested::{AttestedSite, promote},
};

pub const INTAKE: &str = "C0HELP";
const MORE: &str = "shadow_cards_from = \"informational\"\nintake = \"C0HELP\"";
const ASKER: &str = "U0ADA";
/// One eligible case in fifty is held out even in full: so many services are tried until one answers alone.
const TRIES: usize = 6;

/// A service of an attested site that was promoted this far, and whose precedents were answered in this channel.
pub async fn answering(
    stage: Stage,
    channel: &str,
    slack: impl FnOnce(&std::path::Path) -> SlackConfig,
) -> TestServer {
    let receiver = Receiver::start().await;
    let site = AttestedSite::new(receiver.port);
    let store = Store::open(&site.url()).await.unwrap();
    let tenant = demo::tenant();
    let mut rows = demo::precedents(&tenant).unwrap();
    for row in &mut rows {
        row.origin = PrecedentOrigin::Lived;
        // In shadow what could be done alone would be asked blind; what is offered here is shown.
        if stage == Stage::Shadow {
            row.received_at -= STALE;
        }
        if let Some(own) = row.scope.facets.get_mut("channel") {
            channel.clone_into(own);
        }
    }
    store.add_precedents(&tenant, &rows).await.unwrap();
    store.close().await;
    site.attest(now());
    let app = Box::pin(site.open(now())).await;
    promote(&app, stage).await;
    let mut config = site.config();
    config.slack = Some(slack(site.folder.path()));
    let slack = Slack::from_config(&config).unwrap();
    let parts = (site.folder, receiver);
    Box::pin(TestServer::asked_in(
        app,
        parts,
        ServerConfig::default(),
        slack,
    ))
    .await
}

async fn workspace(stage: Stage) -> Workspace {
    let double = Double::start().await;
    let port = double.port;
    let server = answering(stage, INTAKE, |folder| slack_config(folder, port, MORE)).await;
    Workspace::over(server, double).await
}

/// Something that is written in a channel, as Slack tells of it.
fn written(text: &str, channel: &str, user: &str, at: &str) -> Value {
    json!({ "type": "event_callback", "team_id": TEAM, "event_id": format!("Ev-{channel}-{at}"), "event": {
        "type": "message", "user": user, "text": text, "channel": channel, "ts": at, "channel_type": "channel" } })
}

/// The press of a button of a message that is no card.
pub fn press(message: &Value, button: &str, user: &str) -> Value {
    let own = buttons(message);
    let own = own.iter().find(|own| own["action_id"] == button);
    let own = own.unwrap_or_else(|| panic!("no button {button}: {message:#}"));
    json!({
        "type": "block_actions", "team": { "id": TEAM }, "user": { "id": user, "team_id": TEAM },
        "trigger_id": format!("trigger-{}", super::double::rand()),
        "channel": { "id": message["channel"] }, "container": { "message_ts": "1700000000.999999" },
        "actions": [{ "type": "button", "action_id": button, "value": own["value"] }],
    })
}

/// The form of a request, filled in.
pub fn asked(topic: &str, matter: &str) -> Value {
    json!({
        "topic": { "pick": { "type": "static_select", "selected_option": { "value": topic } } },
        "matter": { "matter": { "type": "plain_text_input", "value": matter } },
    })
}

impl Workspace {
    /// Writes into the intake channel, takes the button and fills in the form.
    async fn asks_there(&self, at: &str) {
        let text = "my tunnel hangs at the hotel";
        let event = written(text, INTAKE, ASKER, at);
        self.event(&event).await.status_is(200);
        let offer = self.double.says("chat.postMessage", "Pick a topic").await;
        assert_eq!(
            (&offer["channel"], &offer["thread_ts"]),
            (&json!(INTAKE), &json!(at))
        );
        self.interact(&press(&offer, "request", ASKER))
            .await
            .status_is(200);
        let form = self.double.comes("views.open", 1).await.remove(0);
        let matter = &form["view"]["blocks"][1]["element"];
        assert_eq!(matter["initial_value"], text, "{form:#}");
        let empty = self.fill(&form, ASKER, &json!({})).await;
        assert_eq!(
            empty.json()["response_action"],
            "errors",
            "{}",
            empty.json()
        );
        let given = asked("vpn-not-connecting", text);
        self.fill(&form, ASKER, &given).await.status_is(200);
    }

    async fn case_of(&self, message: &Value) -> Case {
        let value = buttons(message)[0]["value"].as_str().unwrap().to_owned();
        let id: CaseId = value.split(' ').next().unwrap().parse().unwrap();
        let case = self.server.app.case(&demo::tenant(), id).await.unwrap();
        case.unwrap()
    }
}

/// A workspace in which a request was answered alone, and the answer.
async fn answered_alone() -> (Workspace, Value) {
    for _ in 0..TRIES {
        let it = workspace(Stage::Full).await;
        it.asks_there("1700000001.000100").await;
        for _ in 0..2_000 {
            let posts = it.double.calls("chat.postMessage");
            let said = |text: &str| {
                let mut posts = posts.iter();
                posts.find(|post| post["channel"] == INTAKE && post.to_string().contains(text))
            };
            if let Some(answer) = said("This solved it") {
                return (it, answer.clone());
            }
            if said("A team has your request").is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    panic!("{TRIES} requests were held out, of which each is with a chance of one in fifty");
}

#[tokio::test]
async fn where_the_gate_allows_it_the_answer_is_in_the_askers_thread_and_nobody_is_asked() {
    let (it, answer) = answered_alone().await;
    assert_eq!(answer["thread_ts"], "1700000001.000100");
    let text = answer["text"].as_str().unwrap();
    let expected = "<@U0ADA>: please see <https://help.example.com/vpn>";
    assert!(text.starts_with(expected), "{text}");
    let card = it.double.says("chat.postMessage", "Done alone").await;
    assert!(answers(&card).is_empty(), "{card:#}");
    // It helped: that is counted, and no more.
    it.interact(&press(&answer, "helped", "U0MIRA"))
        .await
        .status_is(200);
    it.double
        .says("chat.postEphemeral", "only whoever asked")
        .await;
    it.interact(&press(&answer, "helped", ASKER))
        .await
        .status_is(200);
    let seen = it.double.says("chat.update", "this solved it").await;
    assert!(buttons(&seen).is_empty());
    let case = it.case_of(&answer).await;
    assert_eq!((case.phase, case.learned.len()), (Phase::Closed, 0));
    it.types("stats 7d", "U0MIRA").await.status_is(200);
    it.told("1 requests; 1 times").await;
}

#[tokio::test]
async fn whoever_wants_a_person_after_an_answer_gets_one_and_the_answer_counts_as_a_bad_one() {
    let (it, answer) = answered_alone().await;
    it.double.says("chat.postMessage", "Done alone").await;
    it.interact(&press(&answer, "person", "U0KAI"))
        .await
        .status_is(200);
    it.interact(&press(&answer, "person", ASKER))
        .await
        .status_is(200);
    let handed = it
        .double
        .says("chat.postMessage", "A person has your request")
        .await;
    assert_eq!(
        (&handed["channel"], &handed["thread_ts"]),
        (&json!(INTAKE), &json!("1700000001.000100"))
    );
    let past = it
        .double
        .says("chat.update", "A person looks at this")
        .await;
    assert!(buttons(&past).is_empty());
    // Its card shows first that it is open again, and a moment later whom it is put to.
    let asks_anew =
        |card: &Value| card.to_string().contains("reopened by *asker") && !answers(card).is_empty();
    it.double.meets("chat.update", asks_anew).await;
    let case = it.case_of(&answer).await;
    assert_eq!(case.phase, Phase::Asked);
    let story = it.server.app.find(&demo::tenant(), case.id).await;
    let events = story.unwrap().unwrap().events;
    let reopened = events.iter().filter_map(|event| match &event.body {
        Body::Reopened { by, .. } => Some(by.to_string()),
        _ => None,
    });
    assert_eq!(reopened.collect::<Vec<_>>(), ["asker:U0ADA"]);
    // A second press changes nothing.
    it.interact(&press(&answer, "person", ASKER))
        .await
        .status_is(200);
    it.interact(&press(&answer, "helped", ASKER))
        .await
        .status_is(200);
    let again = it.case_of(&answer).await;
    assert_eq!(again.phase, Phase::Asked);
}

#[tokio::test]
async fn where_it_does_not_a_team_has_it_and_their_answer_is_told_in_the_thread() {
    let it = workspace(Stage::Shadow).await;
    it.asks_there("1700000001.000200").await;
    let waiting = it
        .double
        .says("chat.postMessage", "A team has your request")
        .await;
    assert_eq!(waiting["thread_ts"], "1700000001.000200");
    let card = it
        .double
        .says("chat.postMessage", "*Proposed*: *answer*")
        .await;
    assert_eq!(card["channel"], CHANNEL);
    it.interact(&press(&card, "approve", "U0MIRA"))
        .await
        .status_is(200);
    let answer = it.double.says("chat.postMessage", "This solved it").await;
    assert_eq!(answer["thread_ts"], "1700000001.000200");
    // A precedent was made of it, and falls with it.
    it.double
        .says("chat.update", "a precedent was made of it")
        .await;
    it.interact(&press(&answer, "person", ASKER))
        .await
        .status_is(200);
    it.double
        .says("chat.postMessage", "A person has your request")
        .await;
    let case = it.case_of(&answer).await;
    assert_eq!(case.standing_precedent(), None);
}

#[tokio::test]
async fn what_is_written_elsewhere_or_by_nobody_is_not_answered() {
    let it = workspace(Stage::Shadow).await;
    let mut bot = written("hello", INTAKE, "U0BOTTY", "1700000001.000301");
    bot["event"]["bot_id"] = "B1".into();
    let mut thread = written("more", INTAKE, ASKER, "1700000001.000302");
    thread["event"]["thread_ts"] = "1700000001.000300".into();
    let mut edited = written("hello", INTAKE, ASKER, "1700000001.000303");
    edited["event"]["subtype"] = "message_changed".into();
    let elsewhere = written("hello", CHANNEL, ASKER, "1700000001.000304");
    let guest = written("hello", INTAKE, "U0JONAS", "1700000001.000305");
    for event in [bot, thread, edited, elsewhere, guest] {
        it.event(&event).await.status_is(200);
    }
    // Naming the bot there is two events and one answer, and only its author may use it.
    let mut named = written("<@U0BOT> help", INTAKE, ASKER, "1700000001.000306");
    it.event(&named).await.status_is(200);
    named["event"]["type"] = "app_mention".into();
    named["event_id"] = "Ev-other".into();
    it.event(&named).await.status_is(200);
    let offer = it.double.says("chat.postMessage", "Pick a topic").await;
    assert_eq!(offer["thread_ts"], "1700000001.000306");
    it.interact(&press(&offer, "request", "U0MIRA"))
        .await
        .status_is(200);
    it.double
        .says("chat.postEphemeral", "somebody else's request")
        .await;
    assert_eq!(it.double.calls("chat.postMessage").len(), 1);
    assert!(it.double.calls("views.open").is_empty());
}

#[tokio::test]
async fn a_command_without_words_opens_the_form_and_the_asker_is_told_directly() {
    let it = workspace(Stage::Shadow).await;
    let long = format!(
        "ask badge-lost it is red\nand was last seen at {}",
        "the gate ".repeat(20)
    );
    it.types(&long, ASKER).await.status_is(200);
    let card = it.double.says("chat.postMessage", "it is red").await;
    assert!(card.to_string().contains("last seen at"), "{card:#}");
    it.types("ask", ASKER).await.status_is(200);
    let form = it.double.comes("views.open", 1).await.remove(0);
    super::cards::within_limits(&form["view"]);
    let given = asked("badge-lost", "I left it on the train");
    it.fill(&form, ASKER, &given).await.status_is(200);
    let told = it
        .double
        .says("chat.postMessage", "A team has your request")
        .await;
    assert_eq!(
        (&told["channel"], &told["thread_ts"]),
        (&json!(ASKER), &Value::Null)
    );
    // What nobody curates is no topic.
    let given = asked("drop-all-tables", "now");
    let refused = it.fill(&form, ASKER, &given).await;
    assert_eq!(refused.json()["response_action"], "errors");
}
