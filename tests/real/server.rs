//! A llama.cpp server on loopback with one model, which ends with its owner.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Map;
use tierone::outbound::openai::{OpenAi, OpenAiSettings};

/// Tokens of prompt and reply together, of every model here.
const CONTEXT_TOKENS: &str = "4096";
/// With one thread it does not wait for another one that a busy machine has put off.
const THREADS: &str = "1";

/// A server that runs.
pub struct Server {
    child: Child,
    pub base_url: String,
}

impl Server {
    /// Starts it and does not wait until it is ready.
    pub fn start(model: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let child = Command::new(path("TIERONE_LLAMA_SERVER"))
            .arg("--model")
            .arg(model)
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                &port,
                "--ctx-size",
                CONTEXT_TOKENS,
            ])
            .args(["--threads", THREADS, "--parallel", "1"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            base_url: format!("http://127.0.0.1:{port}/v1"),
        }
    }

    /// Starts it, and waits until it answers that it is well.
    pub fn ready(model: &Path) -> Self {
        let server = Self::start(model);
        let address = server
            .base_url
            .trim_start_matches("http://")
            .trim_end_matches("/v1");
        for _ in 0..6_000 {
            if is_well(address).is_some_and(|said| said.starts_with("HTTP/1.1 200")) {
                return server;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it is never ready");
    }

    /// Ends it at once, whatever it is doing.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The adapter, with time for a slow machine.
    pub fn chat(&self, name: &str) -> OpenAi {
        OpenAi::new(OpenAiSettings {
            base_url: self.base_url.clone(),
            name: name.into(),
            api_key: None,
            api_version: None,
            allow_private: Vec::new(),
            connect_timeout_ms: 1_000,
            first_byte_timeout_ms: 120_000,
            total_timeout_ms: 120_000,
            parameters: Map::from_iter([("temperature".to_owned(), 0.into())]),
            limit_key: "max_completion_tokens",
        })
        .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn is_well(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!("GET /health HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let mut said = String::new();
    stream.read_to_string(&mut said).ok()?;
    Some(said)
}

/// The models to try: files whose names say what they are.
pub fn models() -> Vec<PathBuf> {
    let models = variable("TIERONE_MODELS");
    std::env::split_paths(&models).collect()
}

fn path(name: &str) -> PathBuf {
    variable(name).into()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the recipe names the real parts by the environment"
)]
pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("`{name}` is not set; run its recipe of the justfile, which sets it")
    })
}
