//! Runs the binary, at the root of the repository, where `eval/demo/alerts` is.

use std::{
    ffi::OsStr,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use assert_cmd::Command;
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use tempfile::TempDir;

/// The demo's alerts.
pub const ALERTS: &str = "eval/demo/alerts";

/// How long a command may take. What never ends, such as a service that should not have started, is killed, and the test fails.
const PATIENCE: Duration = Duration::from_mins(5);

/// What the program did.
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

/// Runs it with these arguments.
pub fn tierone<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Ran {
    tierone_reading("", arguments)
}

/// The same, with this on standard input.
pub fn tierone_reading<I: AsRef<OsStr>>(
    input: impl Into<Vec<u8>>,
    arguments: impl IntoIterator<Item = I>,
) -> Ran {
    let output = command().args(arguments).write_stdin(input).output();
    let output = output.unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tierone"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RUST_LOG")
        .timeout(PATIENCE);
    command
}

/// Starts a service with the config at this path. It says only what is an error.
pub fn serve(config: &str) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tierone"));
    let command = command.args(["serve", "--config", config]);
    let command = command.env("RUST_LOG", "error").stdout(Stdio::null());
    command.stderr(Stdio::inherit()).spawn().unwrap()
}

/// An address of this machine on which nothing listens yet.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

impl Ran {
    /// What it printed, when it ended well and complained of nothing.
    pub fn good(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// What it said, when it ended with this code.
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }

    /// Whether it wrote this, to either side.
    pub fn says(&self, text: &str) -> &Self {
        let said = self.out.contains(text) || self.err.contains(text);
        assert!(said, "no `{text}` in: {}{}", self.out, self.err);
        self
    }

    /// The objects that it printed, one a line.
    pub fn objects(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// A folder that is removed in the end.
pub struct Folder(TempDir);

impl Folder {
    /// A new one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of `name` in it.
    pub fn at(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file, with the folders above it, and gives its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The URL of a store in it.
    pub fn store(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.at("store.db"))
    }
}

/// The texts of a list.
pub fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|text| text.as_str().unwrap()).collect()
}

/// Changes a database behind tierone's back.
pub fn execute(path: &str, statement: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut connection = SqliteConnection::connect(&format!("sqlite://{path}"))
            .await
            .unwrap();
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    });
}
