//! The bot against a Slack server double of somebody else's, over both transports: what it does there, how soon, and what a browser shows.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tierone::{
    config::{Config, secret::SecretSource, server::ServerConfig, slack::SlackConfig},
    domain::{precedent::PrecedentOrigin, release::Stage},
};

use super::workspace::{
    BOT, CHANNEL, INTAKE, LEADS, LocalSlack, Over, SIGNING, TEAM, answers, buttons, free_port,
};
use crate::{
    api::server::{BLOCK, TestServer},
    slack::{requests::answering, workspace::values},
};

/// Alerts of which the time to a card is taken.
const ALERTS: usize = 200;
/// Presses of which the time to the receiver is taken.
const PRESSES: usize = 20;
/// Alerts of a storm.
const STORM: usize = 500;

struct Site {
    server: TestServer,
    slack: LocalSlack,
    key: String,
}

impl Site {
    async fn open(over: Over) -> Self {
        Self::with(over, |_| {}).await
    }

    async fn with(over: Over, change: impl FnOnce(&mut Config)) -> Self {
        let port = free_port();
        let server = TestServer::at(None, ServerConfig::default(), |config| {
            let folder = config.files.people.as_ref().unwrap().parent().unwrap();
            config.slack = Some(slack(folder, port, over));
            change(config);
        })
        .await;
        Self::over(server, port, over).await
    }

    /// The same where two must approve `block-ip`, and an ask runs out after a minute.
    async fn careful() -> Self {
        Self::with(Over::Socket, |config| {
            let own = config.files.people.as_ref().unwrap();
            let folder = own.parent().unwrap().join("policies");
            let shipped = config.gate.policies.clone().unwrap();
            std::fs::create_dir(&folder).unwrap();
            for entry in std::fs::read_dir(shipped).unwrap() {
                let path = entry.unwrap().path();
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text
                    .replace("low = 1440", "low = 1")
                    .replace("medium = 240", "medium = 1");
                let text = match text.split_once("id = \"block-ip\"") {
                    Some((before, after)) => {
                        let after = after.replacen("quorum = 1", "quorum = 2", 1);
                        format!("{before}id = \"block-ip\"{after}")
                    }
                    None => text,
                };
                std::fs::write(folder.join(path.file_name().unwrap()), text).unwrap();
            }
            config.gate.policies = Some(folder);
        })
        .await
    }

    /// The same that is attested and promoted, at a time of its own, with precedents of the intake channel.
    async fn promoted() -> Self {
        let port = free_port();
        let server = answering(Stage::Full, INTAKE, |folder| {
            slack(folder, port, Over::Socket)
        });
        Self::over(Box::pin(server).await, port, Over::Socket).await
    }

    async fn over(server: TestServer, port: u16, over: Over) -> Self {
        let slack =
            LocalSlack::start(server.folder.path(), port, over, server.address.port()).await;
        if over == Over::Socket {
            slack.connects().await;
        }
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
        let holds = |message: &Value| message["ts"] == ts && message.to_string().contains(what);
        self.slack
            .waits(CHANNEL, what, Duration::from_secs(100), holds)
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

/// The `[slack]` of a site whose workspace is at this port.
fn slack(folder: &Path, port: u16, over: Over) -> SlackConfig {
    let token = match over {
        Over::Socket => "app_token = { file = \"app\" }",
        Over::Requests => "signing_secret = { file = \"signing\" }",
    };
    let text = format!(
        "team = \"{TEAM}\"\nchannel = \"{CHANNEL}\"\nchannels = {{ soc-lead = \"{LEADS}\" }}\nurl = \"http://127.0.0.1:{port}/api/\"\n\
         allow_private = [\"127.0.0.1/32\"]\nshadow_cards_from = \"informational\"\noperators = [\"soc-lead\"]\nintake = \"{INTAKE}\"\n\
         bot_token = {{ file = \"bot\" }}\n{token}\n"
    );
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
    slack
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
    assert!(answers(&seen).is_empty(), "{seen:#}");
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
    let facets = form["blocks"][2]["element"]["options"].as_array().unwrap();
    println!(
        "the form of a reject: beside the first of {} facets: {}",
        facets.len(),
        facets[0]["description"]["text"].as_str().unwrap()
    );
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
    assert!(answers(&seen).is_empty());
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
            (CHANNEL, &card["ts"]),
            &format!("<@{BOT}> why was it not automatic?"),
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
    site.slack.says(CHANNEL, "It is case").await;
    site.slack
        .shows(CHANNEL, "a request's card", |message| {
            message.to_string().contains("vpn-not-connecting") && !buttons(message).is_empty()
        })
        .await;
    println!("asked by a command: a case with a card, and whoever asked is told directly");
}

/// Two must approve, and nobody is waited for longer than a minute.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Slack server double: just real-slack"]
async fn two_and_in_time() {
    println!("### two, and in time");
    let site = Site::careful().await;
    let card = site.asked(1).await;
    site.slack.press(&card, "approve", "U0MIRA").await;
    site.card(&card, "*1 of 2*: mira").await;
    site.slack.press(&card, "approve", "U0MIRA").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(site.orders(), 0);
    site.slack.press(&card, "approve", "U0INES").await;
    let seen = site.card(&card, "done:").await;
    assert!(answers(&seen).is_empty());
    assert_eq!(site.orders(), 1);
    println!(
        "a quorum of two: the first approval is counted, the same person's second is not, the other's does it once"
    );
    let card = site.asked(2).await;
    let began = Instant::now();
    let seen = site.card(&card, "This was passed on to *soc-lead*").await;
    assert!(answers(&seen).is_empty());
    let host = "eu-2.";
    let passed = site.slack.shows(LEADS, host, |message| {
        message.to_string().contains(host) && !buttons(message).is_empty()
    });
    let passed = passed.await;
    println!(
        "an ask of a minute ran out after {} s: without buttons there, with them in the leads' channel",
        began.elapsed().as_secs()
    );
    site.slack.press(&passed, "approve", "U0INES").await;
    site.slack.says(LEADS, "*1 of 2*: ines").await;
    site.slack.press(&passed, "approve", "U0OMAR").await;
    site.slack.says(LEADS, "done:").await;
    assert_eq!(site.orders(), 2);
    println!("answered there by two: done once");
}

/// A site that is promoted, so that it answers alone.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Slack server double: just real-slack"]
async fn requests() {
    println!("### requests");
    for _ in 0..6 {
        let site = Site::promoted().await;
        let Some(answer) = answered(&site, "my tunnel hangs at the hotel").await else {
            // One in fifty is held out: then a person is asked.
            continue;
        };
        println!("a request in the intake channel: answered alone in its thread, nobody was asked");
        picture(&site, &answer, "request-answered.png");
        site.slack.press(&answer, "helped", "U0ADA").await;
        site.slack
            .says(INTAKE, "You said that this solved it")
            .await;
        println!("this solved it: counted, no precedent");
        let Some(answer) = answered(&site, "and now it asks for a certificate").await else {
            continue;
        };
        site.slack.press(&answer, "person", "U0ADA").await;
        let handed = site.slack.says(INTAKE, "A person has your request").await;
        picture(&site, &handed, "request-handed.png");
        let card = site.slack.shows(CHANNEL, "reopened", |message| {
            message.to_string().contains("reopened by *asker") && !answers(message).is_empty()
        });
        picture(&site, &card.await, "request-card.png");
        println!(
            "no, a person please: the case is open again, its card asks, and whoever asked is told so"
        );
        return;
    }
    panic!("every request was held out");
}

/// Writes a request into the intake channel, and gives its answer, or nothing where a person was asked.
async fn answered(site: &Site, text: &str) -> Option<Value> {
    site.slack
        .writes((INTAKE, &Value::Null), text, "U0ADA")
        .await;
    let wrote = site
        .slack
        .shows(INTAKE, text, |message| message["text"] == text)
        .await;
    let below = |message: &Value, what: &str| {
        message["thread_ts"] == wrote["ts"] && message.to_string().contains(what)
    };
    let offer = site
        .slack
        .shows(INTAKE, "a button", |message| below(message, "Pick a topic"));
    site.slack.press(&offer.await, "request", "U0ADA").await;
    site.slack.form().await;
    let given = crate::slack::requests::asked("vpn-not-connecting", text);
    site.slack.fill(&given, "U0ADA").await;
    let told = site.slack.shows(INTAKE, "what comes of it", |message| {
        below(message, "This solved it") || below(message, "A team has your request")
    });
    let told = told.await;
    told.to_string().contains("This solved it").then_some(told)
}

fn picture(site: &Site, message: &Value, name: &str) {
    if let Some(folder) = pictures() {
        site.slack.seen(message, Some(&folder.join(name)));
    }
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
    storm(&site).await;
}

/// A storm, and what it looks like.
async fn storm(site: &Site) {
    let began = Instant::now();
    for number in 0..STORM {
        site.alert("guardduty", &like(500 + number)).await;
    }
    let sent = began.elapsed().as_secs();
    let last = format!("*{} more cases*", STORM - 5);
    let fold = site
        .slack
        .shows_within(CHANNEL, &last, Duration::from_mins(3));
    let fold = fold.await;
    let counted = began.elapsed().as_secs();
    let ts = fold["ts"].clone();
    let thread = async || {
        let thread = site.slack.messages(CHANNEL).await;
        let thread = thread.iter();
        thread.filter(|message| message["thread_ts"] == ts).count()
    };
    while thread().await < 10 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    let shown = thread().await;
    println!(
        "a storm of {STORM}, sent within {sent} s: one message with a count that is right after {counted} s, {shown} cards in its thread"
    );
    assert_eq!(shown, 10);
    if let Some(folder) = pictures() {
        site.slack.seen(&fold, Some(&folder.join("storm.png")));
    }
}
