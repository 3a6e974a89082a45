//! A service that is asked about in a workspace, with what its people do there: presses, forms, commands, signed as Slack signs.

use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tierone::{
    config::{Config, secret::SecretSource, server::ServerConfig, slack::SlackConfig},
    domain::case::Case,
};

use super::double::{Double, TEAM, rand};
use crate::api::{
    client::{Said, request, send},
    server::{BLOCK, TestServer, now},
};

pub const SECRET: &str = "signing-secret-of-the-tests";
pub const CHANNEL: &str = "C0SOC";
pub const LEADS: &str = "C0LEADS";

/// A service with a workspace.
pub struct Workspace {
    pub server: TestServer,
    pub double: Double,
    key: String,
}

/// A card as it was posted.
pub struct Posted {
    pub body: Value,
    pub message: String,
}

impl Workspace {
    /// Asked by signed requests, with a card for each case.
    pub async fn open() -> Self {
        Self::with("shadow_cards_from = \"informational\"").await
    }

    /// The same where two people must approve `block-ip`.
    pub async fn with_two_approvers() -> Self {
        Self::changed("shadow_cards_from = \"informational\"", |config| {
            let own = config.files.people.as_ref().unwrap();
            let folder = own.parent().unwrap().join("policies");
            let shipped = config.gate.policies.clone().unwrap();
            std::fs::create_dir(&folder).unwrap();
            for entry in std::fs::read_dir(shipped).unwrap() {
                let path = entry.unwrap().path();
                let text = std::fs::read_to_string(&path).unwrap();
                let (before, after) = text.split_once("id = \"block-ip\"").unwrap_or((&text, ""));
                let after = after.replacen("quorum = 1", "quorum = 2", 1);
                let text = if after.is_empty() {
                    text
                } else {
                    format!("{before}id = \"block-ip\"{after}")
                };
                std::fs::write(folder.join(path.file_name().unwrap()), text).unwrap();
            }
            config.gate.policies = Some(folder);
        })
        .await
    }

    /// The same with more in its `[slack]`.
    pub async fn with(more: &str) -> Self {
        Self::changed(more, |_| {}).await
    }

    /// The same with a configuration that was changed.
    pub async fn changed(more: &str, change: impl FnOnce(&mut Config)) -> Self {
        let double = Double::start().await;
        let server = TestServer::configured(ServerConfig::default(), |config| {
            let folder = config.files.people.as_ref().unwrap().parent().unwrap();
            config.slack = Some(slack_config(folder, double.port, more));
            change(config);
        })
        .await;
        Self::over(server, double).await
    }

    /// The same over a service of its own.
    pub async fn over(server: TestServer, double: Double) -> Self {
        let key = server.key("desk", &["read", "ingest:*"]).await;
        Self {
            server,
            double,
            key,
        }
    }

    /// Sends an alert of which precedents say: block the address. Gives its card.
    pub async fn asked(&self) -> Posted {
        self.server.asked(&self.key).await;
        let body = self.double.comes("chat.postMessage", 1).await.remove(0);
        Posted {
            body,
            message: "1700000000.000001".into(),
        }
    }

    /// Sends an alert and does not wait for anything.
    pub async fn alert(&self, source: &str, body: impl AsRef<[u8]>) -> Said {
        let path = format!("/v1/alerts/{source}");
        self.server.post(&path, &self.key, body).await
    }

    /// An alert like [`BLOCK`], about another address.
    pub fn like(number: u32) -> String {
        BLOCK
            .replace(
                "i-0a1b2c3d4e5f60001",
                &format!("i-0a1b2c3d4e5f7{number:04}"),
            )
            .replace("198.51.100.77", &format!("198.51.100.{}", number % 250))
            .replace("\"id\": \"", &format!("\"id\": \"{number}-"))
    }

    /// The case of a card.
    pub async fn case(&self, card: &Posted) -> Case {
        let (id, _) = card
            .token()
            .split_once(' ')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let tenant = tierone::app::demo::tenant();
        self.server
            .app
            .case(&tenant, id.parse().unwrap())
            .await
            .unwrap()
            .unwrap()
    }

    /// Presses a button of a card.
    pub async fn press(&self, card: &Posted, button: &str, user: &str) -> Said {
        self.interact(&press(card, button, user)).await
    }

    /// Fills in a form.
    pub async fn fill(&self, form: &Value, user: &str, values: &Value) -> Said {
        self.interact(&filled(form, user, values)).await
    }

    /// Types a command.
    pub async fn types(&self, text: &str, user: &str) -> Said {
        let fields = command(self.double.port, text, user);
        let fields = fields.as_object().unwrap().iter();
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.map(|(name, value)| (name, value.as_str().unwrap())))
            .finish();
        self.signed("commands", FORM, &body).await
    }

    pub async fn interact(&self, payload: &Value) -> Said {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &payload.to_string())
            .finish();
        self.signed("interactions", FORM, &body).await
    }

    pub async fn event(&self, payload: &Value) -> Said {
        self.signed("events", "application/json", &payload.to_string())
            .await
    }

    pub async fn signed(&self, path: &str, kind: &str, body: &str) -> Said {
        let stamp = now().as_second().to_string();
        let signature = sign(SECRET, &stamp, body.as_bytes());
        let headers = format!(
            "content-type: {kind}\r\nx-slack-request-timestamp: {stamp}\r\nx-slack-signature: {signature}\r\n"
        );
        let path = format!("/v1/slack/{path}");
        send(
            self.server.address,
            &request("POST", &path, &headers, body.as_bytes()),
        )
        .await
    }

    /// What was said to one person, whose answer went to its own address.
    pub async fn told(&self, text: &str) -> Value {
        self.double.says("/answer", text).await
    }
}

/// The `[slack]` of a site whose workspace is at this port of loopback. Its secrets are files in `folder`.
pub fn slack_config(folder: &Path, port: u16, more: &str) -> SlackConfig {
    let text = format!(
        "team = \"{TEAM}\"\nchannel = \"{CHANNEL}\"\nchannels = {{ soc-lead = \"{LEADS}\" }}\nurl = \"http://127.0.0.1:{port}/api/\"\n\
         allow_private = [\"127.0.0.1/32\"]\nbot_token = {{ file = \"bot\" }}\nsigning_secret = {{ file = \"signing\" }}\n{more}\n"
    );
    for (name, secret) in [("bot", "xoxb-1"), ("signing", SECRET), ("app", "xapp-1")] {
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

pub const FORM: &str = "application/x-www-form-urlencoded";

impl Posted {
    /// What the buttons carry.
    pub fn token(&self) -> String {
        let buttons = buttons(&self.body);
        buttons[0]["value"].as_str().unwrap().to_owned()
    }
}

/// The buttons of a message.
pub fn buttons(body: &Value) -> Vec<Value> {
    let blocks = body["blocks"].as_array().unwrap().iter();
    let actions = blocks.filter(|block| block["type"] == "actions");
    actions
        .flat_map(|block| block["elements"].as_array().unwrap().clone())
        .collect()
}

/// The buttons that answer an ask: what was done and can be undone has another.
pub fn answers(body: &Value) -> Vec<Value> {
    let mut answers = buttons(body);
    answers.retain(|button| button["action_id"] != "undo");
    answers
}

/// A press as Slack tells of it.
pub fn press(card: &Posted, button: &str, user: &str) -> Value {
    json!({
        "type": "block_actions", "team": { "id": TEAM }, "user": { "id": user, "team_id": TEAM },
        "trigger_id": format!("trigger-{}", rand()),
        "channel": { "id": card.body["channel"] }, "container": { "message_ts": card.message },
        "actions": [{ "type": "button", "action_id": button, "value": card.token() }],
    })
}

/// A form that was filled in, as Slack tells of it.
pub fn filled(form: &Value, user: &str, values: &Value) -> Value {
    let mut view = form["view"].clone();
    view["state"] = json!({ "values": values });
    json!({
        "type": "view_submission", "team": { "id": TEAM }, "user": { "id": user, "team_id": TEAM },
        "trigger_id": format!("trigger-{}", rand()), "view": view,
    })
}

/// A command as Slack tells of it.
pub fn command(port: u16, text: &str, user: &str) -> Value {
    json!({
        "team_id": TEAM, "user_id": user, "channel_id": CHANNEL, "command": "/tierone", "text": text,
        "trigger_id": format!("trigger-{}", rand()), "response_url": format!("http://127.0.0.1:{port}/answer"),
    })
}

/// The signature of a body.
pub fn sign(secret: &str, stamp: &str, body: &[u8]) -> String {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    code.update(format!("v0:{stamp}:").as_bytes());
    code.update(body);
    format!("v0={}", hex::encode(code.finalize().into_bytes()))
}

/// One picked option, and a reason.
pub fn values(picks: &[(&str, &str)]) -> Value {
    let mut values = json!({});
    for (block, value) in picks {
        values[*block] = match *block {
            "reason" => json!({ "reason": { "type": "plain_text_input", "value": value } }),
            "mattered" => {
                json!({ "mattered": { "type": "checkboxes", "selected_options": [{ "value": value }] } })
            }
            _ => {
                json!({ "pick": { "type": "static_select", "selected_option": { "value": value } } })
            }
        };
    }
    values
}
