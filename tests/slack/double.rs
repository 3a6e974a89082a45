//! A double of Slack's Web API, and of its sockets: it keeps what it is told, answers as it is told to, and knows a few users.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::tungstenite::Message;

pub const TEAM: &str = "T0TEAM";

/// What the next call is answered instead.
#[derive(Clone, Debug)]
pub enum Instead {
    /// Come back after seconds.
    Busy(u64),
    /// A status.
    Status(u16),
    /// A word of Slack's.
    Error(&'static str),
}

/// A double that runs.
#[derive(Clone)]
pub struct Double {
    pub port: u16,
    kept: Arc<Mutex<Kept>>,
    socket: Arc<Mutex<Option<mpsc::UnboundedSender<String>>>>,
}

#[derive(Default)]
struct Kept {
    calls: Vec<(String, Value)>,
    instead: VecDeque<Instead>,
    down: bool,
    posted: u32,
    acknowledged: Vec<Value>,
    sockets: u32,
    socket_port: u16,
}

impl Double {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sockets = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let double = Self {
            port: listener.local_addr().unwrap().port(),
            kept: Arc::default(),
            socket: Arc::default(),
        };
        double.kept.lock().unwrap().socket_port = sockets.local_addr().unwrap().port();
        let own = double.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.serve(stream).await });
            }
        });
        let own = double.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = sockets.accept().await {
                own.clone().talk(stream).await;
            }
        });
        double
    }

    /// The bodies of the calls of a method.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let kept = self.kept.lock().unwrap();
        let own = kept.calls.iter().filter(|(own, _)| own == method);
        own.map(|(_, body)| body.clone()).collect()
    }

    /// How often anything was called.
    pub fn count(&self) -> usize {
        self.kept.lock().unwrap().calls.len()
    }

    pub fn instead(&self, answers: impl IntoIterator<Item = Instead>) {
        self.kept.lock().unwrap().instead.extend(answers);
    }

    /// Whether it answers at all.
    pub fn is_down(&self, down: bool) {
        self.kept.lock().unwrap().down = down;
    }

    /// Returns the calls of a method when there are this many.
    pub async fn comes(&self, method: &str, count: usize) -> Vec<Value> {
        for _ in 0..2_000 {
            let calls = self.calls(method);
            if calls.len() >= count {
                return calls;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!(
            "{method} was called {} times, not {count}",
            self.calls(method).len()
        );
    }

    /// Returns a call of a method whose body has this text.
    pub async fn says(&self, method: &str, text: &str) -> Value {
        self.meets(method, |call| call.to_string().contains(text))
            .await
    }

    /// Returns a call of a method that is as it is wanted.
    pub async fn meets(&self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..2_000 {
            let calls = self.calls(method);
            if let Some(call) = calls.iter().rev().find(|call| wanted(call)) {
                return call.clone();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no {method} is as wanted: {:#?}", self.calls(method).last());
    }

    /// Returns the last call of a method once it has buttons.
    pub async fn asks(&self, method: &str, text: &str) -> Value {
        for _ in 0..2_000 {
            let last = self.calls(method).pop();
            if let Some(call) = last.filter(|call| call.to_string().contains(text))
                && !super::workspace::buttons(&call).is_empty()
            {
                return call;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no {method} asks anew: {:#?}", self.calls(method).last());
    }

    /// Sends an envelope over the socket that is open, and gives the id that it is to be acknowledged by.
    pub async fn sends(&self, kind: &str, payload: &Value) -> String {
        let id = uuid::Uuid::from_u128(u128::from(self.count() as u64) << 32 | rand()).to_string();
        let envelope = json!({ "envelope_id": id, "type": kind, "payload": payload });
        self.raw(envelope.to_string()).await;
        id
    }

    pub async fn raw(&self, text: String) {
        for _ in 0..2_000 {
            if let Some(socket) = &*self.socket.lock().unwrap()
                && socket.send(text.clone()).is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no socket is open");
    }

    pub async fn acknowledged(&self, id: &str) -> Value {
        for _ in 0..2_000 {
            let kept = self.kept.lock().unwrap().acknowledged.clone();
            if let Some(said) = kept.iter().find(|said| said["envelope_id"] == id) {
                return said.clone();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{id} is never acknowledged");
    }

    /// How many sockets were opened.
    pub fn sockets(&self) -> u32 {
        self.kept.lock().unwrap().sockets
    }

    async fn talk(self, stream: TcpStream) {
        let Ok(mut stream) = tokio_tungstenite::accept_async(stream).await else {
            return;
        };
        self.kept.lock().unwrap().sockets += 1;
        let (send, mut receive) = mpsc::unbounded_channel();
        let hello = Message::text(json!({ "type": "hello" }).to_string());
        drop(stream.send(hello).await);
        *self.socket.lock().unwrap() = Some(send);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    text = receive.recv() => {
                        let Some(text) = text else { return };
                        if text == "close" || stream.send(Message::text(text)).await.is_err() {
                            return;
                        }
                    }
                    said = stream.next() => {
                        let Some(Ok(said)) = said else { return };
                        if let Ok(said) = serde_json::from_str(said.to_text().unwrap_or("")) {
                            self.kept.lock().unwrap().acknowledged.push(said);
                        }
                    }
                }
            }
        });
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some((path, body)) = read(&mut stream).await else {
            return;
        };
        let method = path.trim_start_matches("/api/").to_owned();
        let (status, headers, said) = {
            let mut kept = self.kept.lock().unwrap();
            if kept.down {
                return;
            }
            kept.calls.push((method.clone(), body.clone()));
            answer(&mut kept, &method, &body)
        };
        let said = said.to_string();
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{said}",
            said.len()
        );
        drop(stream.write_all(answer.as_bytes()).await);
    }
}

fn answer(kept: &mut Kept, method: &str, body: &Value) -> (u16, String, Value) {
    let fine = |said| (200, String::new(), said);
    let scripted = (method != "users.info").then(|| kept.instead.pop_front());
    match scripted.flatten() {
        Some(Instead::Busy(seconds)) => {
            return (429, format!("retry-after: {seconds}\r\n"), json!({}));
        }
        Some(Instead::Status(status)) => return (status, String::new(), json!({})),
        Some(Instead::Error(word)) => return fine(json!({ "ok": false, "error": word })),
        None => {}
    }
    fine(match method {
        "users.info" => user(body["user"].as_str().unwrap()),
        "chat.postMessage" => {
            kept.posted += 1;
            json!({ "ok": true, "ts": format!("1700000000.{:06}", kept.posted), "channel": body["channel"] })
        }
        "apps.connections.open" => {
            let port = kept.socket_port;
            json!({ "ok": true, "url": format!("ws://127.0.0.1:{port}/link?ticket=hush") })
        }
        _ => json!({ "ok": true }),
    })
}

fn user(id: &str) -> Value {
    let mut user = json!({ "id": id, "team_id": TEAM, "deleted": false, "is_bot": false });
    match id {
        "U0JONAS" => user["is_restricted"] = true.into(),
        "U0KAI" => user["is_bot"] = true.into(),
        "U0LIN" => user["team_id"] = "T0OTHER".into(),
        "U0INES" => {
            user["is_email_confirmed"] = true.into();
            user["profile"] = json!({ "email": "Ines@example.com" });
        }
        "U0OMAR" => {
            user["is_email_confirmed"] = false.into();
            user["profile"] = json!({ "email": "omar@example.com" });
        }
        _ => {}
    }
    json!({ "ok": true, "user": user })
}

/// A number that no two calls in this process share.
pub fn rand() -> u128 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    u128::from(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

async fn read(stream: &mut TcpStream) -> Option<(String, Value)> {
    let mut bytes = Vec::new();
    let head = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let mut length = 0;
    for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
    }
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    let path = text.split(' ').nth(1)?.to_owned();
    Some((path, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}
