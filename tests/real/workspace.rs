//! A Slack server double of somebody else's on loopback, with what its people do there; it ends with its owner.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_tungstenite::{client_async, tungstenite::Message};

use super::server::variable;

pub const TEAM: &str = "T01TEST";
pub const CHANNEL: &str = "C0SOC";
pub const LEADS: &str = "C0LEADS";
pub const INTAKE: &str = "C0HELP";
pub const BOT: &str = "U0BOT";
pub const SIGNING: &str = "test-signing-secret";

/// How it reaches the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Socket,
    Requests,
}

/// A server that runs.
pub struct LocalSlack {
    child: Child,
    pub port: u16,
}

/// A port that is free.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

impl LocalSlack {
    /// Starts it on `port`, with the bot at `bot`.
    pub async fn start(folder: &Path, port: u16, over: Over, bot: u16) -> Self {
        let mode = match over {
            Over::Socket => "socket",
            Over::Requests => "events",
        };
        let users = ["mira", "jonas", "ines", "omar", "teo", "kai", "ada"];
        let listed: Vec<Value> = users
            .iter()
            .map(|name| json!({ "id": format!("U0{}", name.to_uppercase()), "name": name }))
            .collect();
        let mut members: Vec<String> = users
            .iter()
            .map(|name| format!("U0{}", name.to_uppercase()))
            .collect();
        members.push(BOT.into());
        let config = json!({
            "workspace": { "name": "Tests", "domain": "tests", "teamId": TEAM },
            "app": { "appId": "A01APP", "botUserId": BOT, "botName": "tierone", "botToken": "xoxb-1", "appToken": "xapp-1",
                "signingSecret": SIGNING, "mode": mode, "requestUrl": format!("http://127.0.0.1:{bot}/v1/slack/events") },
            "users": listed,
            "channels": [
                { "id": CHANNEL, "name": "soc", "members": members },
                { "id": LEADS, "name": "soc-leads", "members": members },
                { "id": INTAKE, "name": "help-desk", "members": members },
            ],
        });
        let path = folder.join("workspace.yaml");
        std::fs::write(&path, config.to_string()).unwrap();
        let child = Command::new(variable("TIERONE_BUN"))
            .arg("src/cli.ts")
            .arg("--config")
            .arg(&path)
            .args(["--port", &port.to_string(), "--base-host", "127.0.0.1"])
            .current_dir(Path::new(&variable("TIERONE_LOCAL_SLACK")).join("server"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let slack = Self { child, port };
        for _ in 0..1_000 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return slack;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the double does not start");
    }

    /// Returns when the bot has opened its connection: what is done before that, the double sends to nobody.
    pub async fn connects(&self) {
        for _ in 0..600 {
            let state = self.page(None).await;
            if state["apps"][0]["connected"] == true {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the bot opens no connection");
    }

    /// The messages of a channel.
    pub async fn messages(&self, channel: &str) -> Vec<Value> {
        let said = self
            .control("GET", &format!("messages/{channel}"), &Value::Null)
            .await;
        said["messages"].as_array().cloned().unwrap_or_default()
    }

    /// Returns a message when there is one for which `holds`.
    pub async fn shows(&self, channel: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        self.waits(channel, what, Duration::from_secs(30), holds)
            .await
    }

    /// The same that says `text`, within this time.
    pub async fn shows_within(&self, channel: &str, text: &str, within: Duration) -> Value {
        let holds = |message: &Value| message.to_string().contains(text);
        self.waits(channel, text, within, holds).await
    }

    /// Returns a message when there is one for which `holds`, within this time.
    pub async fn waits(
        &self,
        channel: &str,
        what: &str,
        within: Duration,
        holds: impl Fn(&Value) -> bool,
    ) -> Value {
        let began = Instant::now();
        while began.elapsed() < within {
            let messages = self.messages(channel).await;
            if let Some(message) = messages.into_iter().rev().find(|message| holds(message)) {
                return message;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "no message {what}: {:#?}",
            self.messages(channel).await.last()
        );
    }

    /// Returns a message that says `text`.
    pub async fn says(&self, channel: &str, text: &str) -> Value {
        self.shows(channel, text, |message| message.to_string().contains(text))
            .await
    }

    /// Presses a button of a message.
    pub async fn press(&self, message: &Value, button: &str, user: &str) {
        let buttons = buttons(message);
        let own = buttons.iter().find(|own| own["action_id"] == button);
        let own = own.unwrap_or_else(|| panic!("no button {button}: {message:#}"));
        let action = json!({ "type": "button", "action_id": button, "value": own["value"], "block_id": "tierone" });
        let body = json!({ "channel": message["channel"], "messageTs": message["ts"], "user": user, "action": action });
        self.control("POST", "interact", &body).await;
    }

    /// Types a command.
    pub async fn types(&self, text: &str, user: &str) {
        let body = json!({ "channel": CHANNEL, "user": user, "command": "/tierone", "text": text });
        self.control("POST", "command", &body).await;
    }

    /// Says something, in a thread where there is one.
    pub async fn writes(&self, (channel, thread): (&str, &Value), text: &str, user: &str) {
        let body = json!({ "channel": channel, "user": user, "text": text, "thread_ts": thread });
        self.control("POST", "message", &body).await;
    }

    /// Waits for the form that is open, and gives it.
    pub async fn form(&self) -> Value {
        for _ in 0..500 {
            let state = self.page(None).await;
            if let Some(form) = state["modalStack"]
                .as_array()
                .and_then(|stack| stack.last())
            {
                return form.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no form opens");
    }

    /// Fills in the form that is open.
    pub async fn fill(&self, values: &Value, user: &str) {
        let message = json!({ "t": "view_submit", "user": user, "values": values });
        self.page(Some(message)).await;
    }

    /// The state that the page is shown, after it has sent `message`.
    async fn page(&self, message: Option<Value>) -> Value {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let url = format!("ws://127.0.0.1:{}/ui", self.port);
        let (mut socket, _) = client_async(url, stream).await.unwrap();
        let first = socket.next().await.unwrap().unwrap();
        if let Some(message) = message {
            socket
                .send(Message::text(message.to_string()))
                .await
                .unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let first: Value = serde_json::from_str(first.to_text().unwrap()).unwrap();
        first["state"].clone()
    }

    /// Everything that the bot was sent and sent.
    pub async fn log(&self) -> Vec<Value> {
        let said = self.control("GET", "log", &Value::Null).await;
        said["log"].as_array().cloned().unwrap_or_default()
    }

    async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = format!(
            "{method} /_control/{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        let text = String::from_utf8_lossy(&said);
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or(Value::Null)
    }

    /// What a browser shows of a message: its picture where a name is given, and its page.
    pub fn seen(&self, message: &Value, picture: Option<&Path>) -> String {
        let stamp = message["ts"].as_str().unwrap().replace('.', "");
        let channel = message["channel"].as_str().unwrap();
        let thread = message["thread_ts"].as_str();
        let thread = thread.map(|root| format!("?thread_ts={root}&cid={channel}"));
        let url = format!(
            "http://127.0.0.1:{}/archives/{channel}/p{stamp}{}",
            self.port,
            thread.unwrap_or_default()
        );
        let mut browser = Command::new(variable("TIERONE_CHROMIUM"));
        browser.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--window-size=1000,800",
            "--virtual-time-budget=4000",
        ]);
        match picture {
            Some(path) => browser.arg(format!("--screenshot={}", path.display())),
            None => browser.arg("--dump-dom"),
        };
        let ran = browser.arg(url).stderr(Stdio::null()).output().unwrap();
        assert!(ran.status.success());
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }
}

impl Drop for LocalSlack {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The buttons of a message.
pub fn buttons(message: &Value) -> Vec<Value> {
    let blocks = message["blocks"].as_array().cloned().unwrap_or_default();
    let actions = blocks
        .into_iter()
        .filter(|block| block["type"] == "actions");
    actions
        .flat_map(|block| block["elements"].as_array().unwrap().clone())
        .collect()
}

/// The buttons that answer an ask: what was done and can be undone has another.
pub fn answers(message: &Value) -> Vec<Value> {
    let mut answers = buttons(message);
    answers.retain(|button| button["action_id"] != "undo");
    answers
}
