//! A service with everything real but the time: its router on a port of its own, its workers, a live store, a receiver.

use std::{net::SocketAddr, path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tierone::{
    app::{
        App, answer::Claimant, demo, executors::Sending, keys::NewKey, slack::Slack,
        worker::Stopped,
    },
    config::{Config, calls::WebhookConfig, secret::SecretSource, server::ServerConfig},
    domain::{id::TenantId, person::Proof, precedent::PrecedentOrigin},
    inbound::http::{Exposure, Reception, serve},
    outbound::store::Store,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{
    client::{Said, request, send},
    receiver::Receiver,
};

/// An alert of which the demo's precedents say: block the address.
pub const BLOCK: &str = include_str!("../../eval/demo/alerts/guardduty/ssh-guessing-bastion.json");
/// A post with two alerts.
pub const TWO: &str = include_str!("../fixtures/sources/alertmanager/firing-and-resolved.json");
const NOW: &str = "2026-10-15T03:00:00Z";

/// So long before the demo's that no precedent is fresh.
pub const STALE: SignedDuration = SignedDuration::from_hours(24 * 200);

/// When people settled the like of what is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// Lately: such a case is eligible, and in shadow every one is asked blind.
    Fresh,
    /// Long ago: a plan is made of it, and no case is eligible.
    Stale,
}

/// A service that is up.
pub struct TestServer {
    pub address: SocketAddr,
    pub app: Arc<App>,
    pub receiver: Receiver,
    pub folder: TempDir,
    stop: CancellationToken,
    served: JoinHandle<Stopped>,
}

impl TestServer {
    /// A service without any key yet.
    pub async fn open() -> Self {
        Self::with(ServerConfig::default()).await
    }

    /// The same with other bounds.
    pub async fn with(bounds: ServerConfig) -> Self {
        Box::pin(Self::configured(bounds, |_| {})).await
    }

    /// The same with a configuration that was changed.
    pub async fn configured(bounds: ServerConfig, change: impl FnOnce(&mut Config)) -> Self {
        Box::pin(Self::at(Some(now()), bounds, change)).await
    }

    /// The same at this time, or at the real one.
    pub async fn at(
        clock: Option<Timestamp>,
        bounds: ServerConfig,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        Box::pin(Self::remembering(Past::Stale, clock, bounds, change)).await
    }

    /// The same, where people settled the like of its alerts at this time.
    pub async fn remembering(
        past: Past,
        clock: Option<Timestamp>,
        bounds: ServerConfig,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start().await;
        let mut config = config(folder.path(), receiver.port);
        change(&mut config);
        let url = format!("sqlite://{}", folder.path().join("api.db").display());
        let (tenant, store) = (demo::tenant(), Store::open(&url).await.unwrap());
        let mut rows = demo::precedents(&tenant).unwrap();
        for row in &mut rows {
            row.origin = PrecedentOrigin::Lived;
            if past == Past::Stale {
                row.received_at -= STALE;
            }
        }
        store.add_precedents(&tenant, &rows).await.unwrap();
        let app = App::over(store, &config, &tenant, None, Sending::Real).await;
        let mut app = app.unwrap();
        if let Some(clock) = clock {
            app = app.with_clock(clock);
        }
        let slack = Slack::from_config(&config).unwrap();
        Box::pin(Self::asked_in(app, (folder, receiver), bounds, slack)).await
    }

    /// A service of this app, whose files are in `folder`.
    pub async fn over(app: App, folder: TempDir, receiver: Receiver, bounds: ServerConfig) -> Self {
        Box::pin(Self::asked_in(app, (folder, receiver), bounds, None)).await
    }

    /// The same, which is asked about in a workspace too.
    pub async fn asked_in(
        app: App,
        (folder, receiver): (TempDir, Receiver),
        bounds: ServerConfig,
        slack: Option<Slack>,
    ) -> Self {
        let app = Arc::new(app);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let reception = Reception::with_slack(Arc::clone(&app), bounds, Exposure::Loopback, slack);
        let served = tokio::spawn(serve(listener, reception, stop.clone()));
        Self {
            address,
            app,
            receiver,
            folder,
            stop,
            served,
        }
    }

    /// Makes a key of the tenant `default` with this id, and gives what its holder shows.
    pub async fn key(&self, id: &str, scopes: &[&str]) -> String {
        self.key_of("default", id, scopes).await
    }

    /// The same of any tenant.
    pub async fn key_of(&self, tenant: &str, id: &str, scopes: &[&str]) -> String {
        let new = NewKey {
            id: Some(id.parse().unwrap()),
            tenant: TenantId::new(tenant),
            scopes: scopes.iter().map(|scope| scope.parse().unwrap()).collect(),
            sender: None,
        };
        self.app.make_key(new, &root(), now()).await.unwrap().token
    }

    pub async fn get(&self, path: &str, key: &str) -> Said {
        self.send("GET", path, key, b"").await
    }

    pub async fn post(&self, path: &str, key: &str, body: impl AsRef<[u8]>) -> Said {
        self.send("POST", path, key, body.as_ref()).await
    }

    pub async fn command(&self, path: &str, key: &str, body: Value) -> Said {
        self.post(path, key, body.to_string()).await
    }

    /// One request. An empty key is none.
    pub async fn send(&self, method: &str, path: &str, key: &str, body: &[u8]) -> Said {
        let headers = if key.is_empty() {
            String::new()
        } else {
            format!("authorization: Bearer {key}\r\n")
        };
        send(self.address, &request(method, path, &headers, body)).await
    }

    /// Sends [`BLOCK`] and gives its case as it is when it is asked about.
    pub async fn asked(&self, key: &str) -> Value {
        let said = self.post("/v1/alerts/guardduty?wait=60", key, BLOCK).await;
        let case = said.with(200).json()["alerts"][0].clone();
        assert_eq!(case["phase"], "asked", "{case}");
        assert_eq!(case["ask"]["action"]["id"], "block-ip", "{case}");
        case
    }

    /// Tells it to end, waits until it has, and gives what it leaves.
    pub async fn left(self) -> (TempDir, Receiver) {
        self.stop.cancel();
        self.served.await.unwrap();
        (self.folder, self.receiver)
    }

    /// Tells it to end, and waits until it has.
    pub async fn end(self) -> Stopped {
        self.stop.cancel();
        self.served.await.unwrap()
    }

    /// Tells it to end.
    pub fn tell_to_end(&self) {
        self.stop.cancel();
    }

    /// Whether nobody can connect any more.
    pub async fn is_closed(&self) -> bool {
        tokio::net::TcpStream::connect(self.address).await.is_err()
    }
}

/// The path of something about a case.
pub fn of(case: &Value, what: &str) -> String {
    format!("/v1/cases/{}{what}", case["case_id"].as_str().unwrap())
}

/// An approval of what is asked.
pub fn approval(case: &Value) -> Value {
    json!({ "digest": case["ask"]["digest"] })
}

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub fn root() -> Claimant {
    Claimant {
        proof: Proof::OsUser,
        identity: "root".into(),
    }
}

fn config(folder: &Path, port: u16) -> Config {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let demo = |name: &str| root.join("eval/demo").join(name);
    let people = std::fs::read_to_string(demo("people.toml")).unwrap();
    let mira = r#"os_user = "mira","#;
    let spoken_for = people.replace(mira, &format!("{mira} api_key = \"desk-mira\","));
    assert_ne!(people, spoken_for);
    std::fs::write(folder.join("people.toml"), spoken_for).unwrap();
    std::fs::write(folder.join("secret"), "c2VjcmV0LW9mLXRoZS10ZXN0cw==").unwrap();
    let mut config = Config::default();
    config.gate.policies = Some(root.join("policies"));
    config.gate.kill_file = Some(folder.join("kill"));
    config.files.people = Some(folder.join("people.toml"));
    config.files.inventory = Some(demo("inventory.toml"));
    config.files.never = Some(demo("never.toml"));
    config.webhook = Some(WebhookConfig {
        url: format!("http://127.0.0.1:{port}/orders"),
        secret: SecretSource::File(folder.join("secret")),
        connect_timeout_ms: 3_000,
        total_timeout_ms: 10_000,
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        idempotent: true,
    });
    config
}
