//! A receiver of orders on loopback: it does what it is told and says that it held, and keeps what it was sent. It can be held up.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    got: Arc<Mutex<Vec<(String, Value)>>>,
    gate: Arc<Semaphore>,
    says: (&'static str, &'static str),
}

impl Receiver {
    pub async fn start() -> Self {
        Self::saying("200 OK", r#"{"holds": true}"#).await
    }

    /// One that says this to everything.
    pub async fn saying(status: &'static str, body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            got: Arc::default(),
            gate: Arc::new(Semaphore::new(1)),
            says: (status, body),
        };
        let own = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.serve(stream).await });
            }
        });
        receiver
    }

    /// Until this is dropped, orders are taken and not answered.
    pub async fn held_up(&self) -> tokio::sync::OwnedSemaphorePermit {
        Arc::clone(&self.gate).acquire_owned().await.unwrap()
    }

    /// Every message.
    pub fn everything(&self) -> Vec<Value> {
        let got = self.got.lock().unwrap();
        got.iter().map(|(_, message)| message.clone()).collect()
    }

    /// The id and the message of each order of this type.
    pub fn got(&self, kind: &str) -> Vec<(String, Value)> {
        let got = self.got.lock().unwrap();
        let own = got.iter().filter(|(_, message)| message["type"] == kind);
        own.cloned().collect()
    }

    /// Returns when an order of this type has come.
    pub async fn comes(&self, kind: &str) {
        while self.got(kind).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some((id, message)) = read(&mut stream).await else {
            return;
        };
        self.got.lock().unwrap().push((id, message));
        let place = self.gate.acquire().await.unwrap();
        let (status, body) = self.says;
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        drop(stream.write_all(answer.as_bytes()).await);
        drop(place);
    }
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
    let header = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(": "));
        let mut own = lines.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        own.next().map(|(_, value)| value.to_owned())
    };
    let length: usize = header("content-length")?.parse().ok()?;
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    let id = header("webhook-id").unwrap_or_default();
    Some((id, serde_json::from_slice(&body).ok()?))
}
