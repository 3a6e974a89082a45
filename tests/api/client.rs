//! Requests byte by byte, so that a test can send what no well-behaved client would.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What a service answered.
#[derive(Clone, Debug)]
pub struct Said {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }

    /// Nothing but the status matters.
    pub fn status_is(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
    }

    /// The value of a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    /// The same, when it has this status; a problem is one in form too.
    pub fn with(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        let kind = self.header("content-type");
        if status >= 400 {
            assert_eq!(kind, Some("application/problem+json"), "{self:?}");
            let problem = self.json();
            assert_eq!(problem["status"], status, "{self:?}");
            for key in ["type", "title", "detail", "value", "cause", "cure"] {
                assert!(problem.get(key).is_some(), "no {key}: {self:?}");
            }
        } else {
            assert_eq!(kind, Some("application/json"), "{self:?}");
        }
        self
    }
}

/// Sends these bytes and reads to the end.
pub async fn send(address: SocketAddr, bytes: &[u8]) -> Said {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A service that refuses early may close before all is sent.
    drop(stream.write_all(bytes).await);
    let mut said = Vec::new();
    drop(stream.read_to_end(&mut said).await);
    let text = String::from_utf8(said).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Said {
        status: status.unwrap_or_else(|| panic!("no status: {text:?}")),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// A request with these headers, each line with its end.
pub fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}
