//! The bot against a Slack server double of somebody else's, over both transports: what it does there, how soon, and what a browser shows.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tierone::{
    config::{secret::SecretSource, server::ServerConfig, slack::SlackConfig},
    domain::precedent::PrecedentOrigin,
};

use super::workspace::{BOT, CHANNEL, LEADS, LocalSlack, Over, SIGNING, TEAM, buttons, free_port};
use crate::{
    api::server::{BLOCK, TestServer},
    slack::workspace::values,
};

/// Alerts of which the time to a card is taken.
const ALERTS: usize = 200;
/// Presses of which the time to the receiver is taken.
const PRESSES: usize = 20;

struct Site {
    server: TestServer,
    slack: LocalSlack,
    key: String,
}

impl Site {
    async fn open(over: Over) -> Self {
        let port = free_port();
        let token = match over {
            Over::Socket => "app_token = { file = \"app\" }",
            Over::Requests => "signing_secret = { file = \"signing\" }",
        };
        let text = format!(
            "team = \"{TEAM}\"\nchannel = \"{CHANNEL}\"\nchannels = {{ soc-lead = \"{LEADS}\" }}\nurl = \"http://127.0.0.1:{port}/api/\"\n\
             allow_private = [\"127.0.0.1/32\"]\nshadow_cards_from = \"informational\"\noperators = [\"soc-lead\"]\nbot_token = {{ file = \"bot\" }}\n{token}\n"
        );
        let server = TestServer::at(None, ServerConfig::default(), |config| {
            let folder = config.files.people.as_ref().unwrap().parent().unwrap();
            for (name, secret) in [("bot", "xoxb-1"), ("signing", SIGNING), ("app", "xapp-1")] {
                std::fs::write(folder.join(name), secret).unwrap();
            }
            let mut slack: SlackConfig = toml::from_str(&text).unwrap();
            let secrets = [
                Some(&mut slack.bot_token),
                slack.signing_secret.as_mut(),
                slack.app_token.as_mut(),
            ];
            for secret in secrets.into_iter().flatten() {
                if let SecretSource::File(path) = secret {
                    *path = folder.join(&*path);
                }
            }
            config.slack = Some(slack);
        })
        .await;
        let slack =
            LocalSlack::start(server.folder.path(), port, over, server.address.port()).await;
        let key = server.key("desk", &["read", "ingest:*"]).await;
        Self { server, slack, key }
    }

    async fn alert(&self, source: &str, body: &str) {
        let said = self
            .server
            .post(&format!("/v1/alerts/{source}"), &self.key, body)
            .await;
        said.status_is(202);
    }

    /// Sends an alert like [`BLOCK`] about another machine, and waits for its card.
    async fn asked(&self, number: usize) -> Value {
        self.alert("guardduty", &like(number)).await;
        let host = format!("eu-{number}.");
        self.slack
            .shows(CHANNEL, &host, |message| {
                message.to_string().contains(&host) && !buttons(message).is_empty()
            })
            .await
    }

    /// The card as it is by now.
    async fn card(&self, card: &Value, what: &str) -> Value {
        let ts = card["ts"].clone();
        self.slack
            .shows(CHANNEL, what, |message| {
                message["ts"] == ts && message.to_string().contains(what)
            })
            .await
    }

    fn orders(&self) -> usize {
        self.server.receiver.got("tierone.action").len()
    }

    async fn ordered(&self, count: usize) {
        for _ in 0..2_000 {
            if self.orders() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("{} orders came, not {count}", self.orders());
    }
}

/// An alert like [`BLOCK`] of its own rule and machine, from an address of its own, that happened just now.
fn like(number: usize) -> String {
    let now = tierone_now();
    BLOCK
        .replace(
            "i-0a1b2c3d4e5f60001",
            &format!("i-0a1b2c3d4e5f6{number:04}"),
        )
        .replace("198.51.100.77", &format!("198.51.100.{}", number % 180 + 1))
        .replace("8ddf878039b70767", &format!("8ddf8780{number:08}"))
        .replace("2026-10-15T01:12:44", &now)
        .replace("2026-10-15T00:40:02", &now)
        .replace("is performing", &format!("(eu-{number}.) is performing"))
}

#[expect(clippy::disallowed_methods, reason = "a real server has a real clock")]
fn tierone_now() -> String {
    let now = jiff::Timestamp::now();
    now.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn pictures() -> Option<PathBuf> {
    let folder = super::server::variable("TIERONE_PICTURES");
    (!folder.is_empty()).then(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Slack server double: just real-slack"]
async fn over_a_socket() {
    story(Over::Socket).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Slack server double: just real-slack"]
async fn by_signed_requests() {
    story(Over::Requests).await;
}

async fn story(over: Over) {
    println!("### {over:?}");
    let site = Site::open(over).await;
    let card = site.asked(1).await;
    println!("alert in, card out: {} buttons", buttons(&card).len());
    wrong_person(&site, &card).await;
    twice(&site, &card, over).await;
    rejected(&site, over).await;
    edited(&site).await;
    killed(&site).await;
    questioned(&site, &card).await;
    requested(&site).await;
    let log = site.slack.log().await;
    let failed = log
        .iter()
        .filter(|entry| {
            entry.to_string().contains("\"HTTP 4") || entry.to_string().contains("\"HTTP 5")
        })
        .count();
    println!(
        "what the double sent that was not taken: {failed} of {}",
        log.len()
    );
    assert_eq!(failed, 0);
}

async fn wrong_person(site: &Site, card: &Value) {
    site.slack.press(card, "approve", "U0TEO").await;
    let told = site.slack.says(CHANNEL, "may not block-ip").await;
    assert_eq!(told["ephemeral_to"], "U0TEO");
    assert_eq!(site.orders(), 0);
    println!("wrong person: told alone, nothing was done");
}

async fn twice(site: &Site, card: &Value, over: Over) {
    if over == Over::Requests
        && let Some(folder) = pictures()
    {
        site.slack.seen(card, Some(&folder.join("card-asked.png")));
    }
    let before = site.orders();
    tokio::join!(
        site.slack.press(card, "approve", "U0MIRA"),
        site.slack.press(card, "approve", "U0JONAS")
    );
    let seen = site.card(card, "done:").await;
    assert!(buttons(&seen).is_empty(), "{seen:#}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(site.orders() - before, 1);
    if over == Over::Requests
        && let Some(folder) = pictures()
    {
        site.slack.seen(&seen, Some(&folder.join("card-done.png")));
    }
    println!("pressed by two at once: one order, card without buttons");
}

async fn rejected(site: &Site, over: Over) {
    let card = site.asked(2).await;
    site.slack.press(&card, "reject", "U0MIRA").await;
    let form = site.slack.form().await;
    assert_eq!(form["callback_id"], "reject");
    if over == Over::Requests
        && let Some(folder) = pictures()
    {
        site.slack
            .seen(&card, Some(&folder.join("form-reject.png")));
    }
    site.slack
        .fill(&values(&[("disposition", "false_positive")]), "U0MIRA")
        .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        site.slack.form().await["id"],
        form["id"],
        "it stays open without a reason"
    );
    let given = values(&[
        ("disposition", "false_positive"),
        ("reason", "our own scanner"),
    ]);
    site.slack.fill(&given, "U0MIRA").await;
    let seen = site.card(&card, "a precedent was made of it").await;
    assert!(buttons(&seen).is_empty());
    let tenant = tierone::app::demo::tenant();
    let case = buttons(&card)[0]["value"]
        .as_str()
        .unwrap()
        .split_once(' ')
        .unwrap()
        .0
        .parse()
        .unwrap();
    let case = site.server.app.case(&tenant, case).await.unwrap().unwrap();
    let id = case.standing_precedent().unwrap().clone();
    let rows = site.server.app.precedents(&tenant, &[id]).await.unwrap();
    assert_eq!(
        (rows[0].origin, rows[0].confirmed_by.as_str()),
        (PrecedentOrigin::Lived, "mira")
    );
    println!(
        "rejected in a form: a lived precedent, confirmed by {} by {:?}",
        rows[0].confirmed_by, rows[0].proof
    );
}

async fn edited(site: &Site) {
    let card = site.asked(3).await;
    site.slack.press(&card, "edit", "U0MIRA").await;
    let form = site.slack.form().await;
    let options = form["blocks"][0]["element"]["options"]
        .as_array()
        .unwrap()
        .clone();
    let close = options
        .iter()
        .find(|option| option["text"]["text"] == "close")
        .unwrap();
    let before = buttons(&card)[0]["value"].clone();
    site.slack
        .fill(
            &values(&[("choice", close["value"].as_str().unwrap())]),
            "U0MIRA",
        )
        .await;
    let ts = card["ts"].clone();
    let seen = site
        .slack
        .shows(CHANNEL, "asked anew", |message| {
            message["ts"] == ts
                && buttons(message)
                    .first()
                    .is_some_and(|button| button["value"] != before)
        })
        .await;
    assert!(seen.to_string().contains("*mira* proposed *close* instead"));
    println!("edited: {} choices, another digest", options.len());
}

async fn killed(site: &Site) {
    let card = site.asked(4).await;
    site.slack
        .types("kill block-ip it blocks the wrong ones", "U0MIRA")
        .await;
    site.slack.says(CHANNEL, "`action block-ip`").await;
    let before = site.orders();
    site.slack.press(&card, "approve", "U0MIRA").await;
    site.card(&card, "this action is switched off").await;
    assert_eq!(site.orders(), before);
    site.slack.types("unkill block-ip mended", "U0MIRA").await;
    site.slack.says(CHANNEL, "may not switch on again").await;
    site.slack.types("unkill block-ip mended", "U0INES").await;
    site.slack.says(CHANNEL, "Nothing is switched off.").await;
    println!("killed: an approval did nothing; switched on again by an operator only");
}

async fn questioned(site: &Site, card: &Value) {
    site.slack
        .writes(
            &format!("<@{BOT}> why was it not automatic?"),
            &card["ts"],
            "U0MIRA",
        )
        .await;
    let said = site.slack.says(CHANNEL, "rests on").await;
    assert_eq!(said["thread_ts"], card["ts"]);
    println!("asked in the thread: answered from the record, in the thread");
}

async fn requested(site: &Site) {
    site.slack
        .types(
            "ask vpn-not-connecting it hangs since this morning",
            "U0KAI",
        )
        .await;
    site.slack.says(CHANNEL, "A team has it").await;
    site.slack
        .shows(CHANNEL, "a request's card", |message| {
            message.to_string().contains("vpn-not-connecting") && !buttons(message).is_empty()
        })
        .await;
    println!("asked for something: a case with a card");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Slack server double: just real-slack"]
async fn figures() {
    let site = Site::open(Over::Socket).await;
    site.asked(1).await;
    let mut cards = Vec::new();
    for number in 0..ALERTS {
        let rule = format!("Rule{number}X");
        let alert = json!({ "receiver": "r", "status": "firing", "alerts": [{ "status": "firing",
            "labels": { "alertname": rule, "severity": "warning", "namespace": "shop", "pod": format!("pod-{number}") },
            "annotations": { "summary": format!("summary of {rule}") }, "startsAt": format!("{}Z", tierone_now()) }] });
        let began = Instant::now();
        site.alert("alertmanager", &alert.to_string()).await;
        site.slack.says(CHANNEL, &rule).await;
        cards.push(began.elapsed());
    }
    let mut presses = Vec::new();
    for number in 0..PRESSES {
        // Four at once are no storm.
        let card = site.asked(100 + number).await;
        let before = site.orders();
        let began = Instant::now();
        site.slack.press(&card, "approve", "U0MIRA").await;
        site.ordered(before + 1).await;
        presses.push(began.elapsed());
    }
    println!("### figures");
    said("alert posted to card on the double", &mut cards);
    said("press to the receiver of the order", &mut presses);
    assert!(cards.iter().all(|time| *time <= Duration::from_secs(2)));
    assert!(presses.iter().all(|time| *time <= Duration::from_secs(1)));
}

fn said(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_millis();
    println!(
        "{what}, {} times: p50 {} ms, p95 {} ms, longest {} ms",
        times.len(),
        at(50),
        at(95),
        at(100)
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Slack server double and a browser: just real-slack"]
async fn in_a_browser() {
    let site = Site::open(Over::Socket).await;
    let mut looked = 0;
    for (number, attack) in crate::slack::hostile::LIVE.iter().enumerate() {
        let rule = format!("Rule{number}X");
        let alert = json!({ "receiver": "r", "status": "firing", "alerts": [{ "status": "firing",
            "labels": { "alertname": rule, "severity": attack, "namespace": attack, "pod": attack, "instance": attack },
            "annotations": { "summary": attack, "description": attack }, "startsAt": format!("{}Z", tierone_now()), "generatorURL": attack }] });
        site.alert("alertmanager", &alert.to_string()).await;
        site.slack.says(CHANNEL, &rule).await;
        looked += 1;
    }
    let last = site
        .slack
        .says(CHANNEL, &format!("Rule{}X", looked - 1))
        .await;
    let page = site.slack.seen(&last, None);
    println!("### browser");
    assert!(
        page.contains("Rule0X"),
        "the page is empty: {} bytes",
        page.len()
    );
    let (_, shown) = page.split_once("class=\"blocks\"").unwrap();
    for live in ["<a ", "class=\"mention", "<img", "evil.example"] {
        assert!(!shown.contains(live), "{live} is on the page");
    }
    println!("{looked} alerts full of markup: no link, mention or image on the page");
    // A storm, and what it looks like.
    for number in 0..60 {
        site.alert("guardduty", &like(500 + number)).await;
    }
    let fold = site.slack.says(CHANNEL, "55 more cases").await;
    let ts = fold["ts"].clone();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let thread = site.slack.messages(CHANNEL).await;
    let thread = thread
        .iter()
        .filter(|message| message["thread_ts"] == ts)
        .count();
    println!("a storm of 60: one message with a count, {thread} cards in its thread");
    assert_eq!(thread, 10);
    if let Some(folder) = pictures() {
        site.slack.seen(&fold, Some(&folder.join("storm.png")));
    }
}
