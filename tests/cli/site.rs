//! A site of its own: a live store in a folder, a config whose people file has whoever runs the tests, and a receiver for its webhook.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
};

use serde_json::Value;

use super::run::{ALERTS, Folder, Ran, tierone};

/// The alert that most tests are about, and the address in it.
pub const ALERT: &str = "guardduty/ssh-guessing-bastion.json";
/// Nobody's address, that the alert names as its source.
pub const ADDRESS: &str = "198.51.100.77";

/// A site.
pub struct Site {
    pub folder: Folder,
    pub receiver: Receiver,
    pub config: String,
}

/// What the site's webhook was sent.
pub struct Receiver {
    port: u16,
    got: Arc<Mutex<Vec<Message>>>,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub body: Value,
}

impl Site {
    /// A site in which the tests' own user is `me`, of the SOC and its leads.
    pub fn new() -> Self {
        Self::with("")
    }

    /// The same with more in its config.
    pub fn with(more: &str) -> Self {
        let (folder, receiver) = (Folder::new(), Receiver::start());
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let user = nix::unistd::User::from_uid(nix::unistd::Uid::current());
        let user = user.unwrap().unwrap().name;
        let people = std::fs::read_to_string(root.join("eval/demo/people.toml")).unwrap();
        folder.write(
            "people.toml",
            format!(
                "{people}\n[[person]]\nid = \"me\"\ngroups = [\"soc\", \"soc-lead\"]\nidentities = {{ os_user = \"{user}\" }}\n"
            ),
        );
        folder.write("secret", "dGllcm9uZSB0ZXN0cyBzaWduIHdpdGggdGhpcw==\n");
        let demo = root.join("eval/demo");
        let config = format!(
            "[store]\nurl = \"sqlite://{store}\"\n\
             [gate]\npolicies = \"{policies}\"\nkill_file = \"stop\"\n\
             [files]\npeople = \"people.toml\"\ninventory = \"{demo}/inventory.toml\"\nnever = \"{demo}/never.toml\"\n\
             [webhook]\nurl = \"http://127.0.0.1:{port}/orders\"\nsecret = {{ file = \"secret\" }}\nallow_private = [\"127.0.0.1/32\"]\n{more}",
            store = folder.at("live.db"),
            policies = root.join("policies").display(),
            demo = demo.display(),
            port = receiver.port,
        );
        let config = folder.write("tierone.toml", config);
        Self {
            folder,
            receiver,
            config,
        }
    }

    /// Runs a command on it.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        tierone(arguments.iter().chain(&["--config", self.config.as_str()]))
    }

    /// The one object that a command prints.
    pub fn object(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.out, ran.err);
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Brings an alert of the demo in, and gives the id of its case.
    pub fn alerted(&self, file: &str) -> String {
        let path = format!("{ALERTS}/{file}");
        let object = self.object(&["triage", &path]);
        object["case_id"].as_str().unwrap().to_owned()
    }

    /// The digest of what is asked about a case.
    pub fn digest(&self, id: &str) -> String {
        let ran = self.run(&["cases", "list", "--all", "--json"]);
        let objects = ran.objects();
        let case = objects.iter().find(|case| case["case_id"] == id).unwrap();
        case["ask"]["digest"].as_str().unwrap().to_owned()
    }

    /// Has `block-ip` asked for in a case of [`ALERT`], and gives its id.
    pub fn proposed(&self) -> String {
        let id = self.alerted(ALERT);
        let digest = self.digest(&id);
        let set = format!("address={ADDRESS}");
        let proposed = self.object(&[
            "cases", "approve", &id, "--digest", &digest, "--action", "block-ip", "--set", &set,
        ]);
        assert_eq!(proposed["ask"]["action"]["id"], "block-ip", "{proposed}");
        id
    }

    /// Has `block-ip` done in a case of [`ALERT`], and gives its id.
    pub fn blocked(&self) -> String {
        let id = self.proposed();
        let digest = self.digest(&id);
        let done = self.object(&["cases", "approve", &id, "--digest", &digest]);
        assert_eq!(done["attempts"][0]["state"], "executed", "{done}");
        id
    }
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&got);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if let Some(message) = answer(stream) {
                    keep.lock().unwrap().push(message);
                }
            }
        });
        Self { port, got }
    }

    /// What it was sent.
    pub fn got(&self) -> Vec<Message> {
        self.got.lock().unwrap().clone()
    }

    /// The types of what it was sent, in order.
    pub fn types(&self) -> Vec<String> {
        let word = |message: Message| message.body["type"].as_str().unwrap().to_owned();
        self.got().into_iter().map(word).collect()
    }
}

/// Reads one request and says that it was done, and holds.
fn answer(mut stream: TcpStream) -> Option<Message> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        match name.to_lowercase().as_str() {
            "webhook-id" => value.clone_into(&mut id),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let said = r#"{"holds": true}"#;
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length";
    write!(stream, "{head}: {}\r\n\r\n{said}", said.len()).ok()?;
    let body = serde_json::from_slice(&body).ok()?;
    Some(Message { id, body })
}
