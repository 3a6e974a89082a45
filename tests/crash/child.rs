//! The process that is killed: it takes one alert from its arrival to its end, and says aloud what it has acknowledged.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tierone::{
    app::{
        App, Submitted,
        answer::{Claimant, Ending, Wish},
        demo,
        denied::Denied,
        executors::Sending,
    },
    config::{Config, calls::WebhookConfig, secret::SecretSource},
    domain::{
        alert::Origin,
        case::{Case, Phase},
        draft::Disposition,
        id::SourceId,
        person::Proof,
    },
    outbound::store::{Store, Which},
    pipeline::normalise::{Asked, Intake},
};

const ALERT: &str = include_str!("../../eval/demo/alerts/guardduty/ssh-guessing-bastion.json");
/// Where the job is handed over.
pub const JOB: &str = "TIERONE_CRASH_JOB";
/// What the child says once an alert is stored.
pub const STORED: &str = "acknowledged: stored";
/// What the child says once an answer is stored and was acted on.
pub const ANSWERED: &str = "acknowledged: answered";

/// What a child is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    pub folder: PathBuf,
    pub receiver: String,
    pub repetition: Repetition,
    pub answer: Answer,
    pub now: Timestamp,
}

/// Whether the receiver can be told twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repetition {
    Idempotent,
    Unsafe,
}

/// What the person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Approve,
    Reject,
    ApproveAndUndo,
    /// Nobody is asked: the release is attested and promoted, and the agent does it alone.
    Nobody,
}

#[tokio::test]
#[ignore = "it is the child process of the crash test, which starts it"]
async fn child() {
    let Some(text) = std::env::var_os(JOB).and_then(|text| text.into_string().ok()) else {
        panic!("the crash test names a job in {JOB}");
    };
    let job: Job = serde_json::from_str(&text).unwrap();
    let app = job.open().await;
    let case = job.stored(&app).await;
    println!("{STORED}");
    let case = Box::pin(app.work(case, job.now)).await.unwrap();
    if job.answer != Answer::Nobody && case.phase == Phase::Asked && case.attempt.is_none() {
        job.answered(&app, &case).await;
    }
    if job.answer == Answer::ApproveAndUndo {
        job.undone(&app, &case).await;
    }
    println!("{ANSWERED}");
}

impl Job {
    pub fn store_url(&self) -> String {
        format!("sqlite://{}", self.folder.join("live.db").display())
    }

    async fn open(&self) -> App {
        let store = Store::open(&self.store_url()).await.unwrap();
        let (config, tenant) = (self.config(), demo::tenant());
        let app = App::over(store, &config, &tenant, None, Sending::Real);
        app.await.unwrap().with_clock(self.now)
    }

    /// The case of the alert: the sender sends it until it is acknowledged.
    async fn stored(&self, app: &App) -> Case {
        let store = Store::open(&self.store_url()).await.unwrap();
        let ids = store
            .case_ids(&demo::tenant(), Which::All, 1)
            .await
            .unwrap();
        if let Some(id) = ids.first() {
            return store.case(&demo::tenant(), *id).await.unwrap().unwrap();
        }
        let intake = Intake {
            tenant: demo::tenant(),
            name: "crash".into(),
            bytes: ALERT.as_bytes(),
            source: Asked::Source {
                id: SourceId::new("guardduty"),
                origin: self.origin(),
            },
            received_at: self.now,
        };
        match app.submit(&intake).await.unwrap().pop() {
            // What is handed back is what may be shown; what is worked on is what is stored.
            Some(Submitted::Alert(outcome)) => {
                let stored = store.case(&demo::tenant(), outcome.case.id).await;
                stored.unwrap().unwrap()
            }
            other => panic!("no alert: {other:?}"),
        }
    }

    /// Nothing is done alone about an alert that nobody vouches for.
    fn origin(&self) -> Origin {
        match self.answer {
            Answer::Approve | Answer::Reject | Answer::ApproveAndUndo => Origin::Named,
            Answer::Nobody => Origin::Route {
                key: "router".into(),
                sender: None,
            },
        }
    }

    /// A person answers once. Someone who was cut off looks again, and finds nothing to answer where the answer was kept.
    async fn answered(&self, app: &App, case: &Case) {
        let digest = case.ask.as_ref().unwrap().digest;
        let wish = match self.answer {
            Answer::Nobody => panic!("nobody answers"),
            Answer::Approve | Answer::ApproveAndUndo => Wish::Approve(digest),
            Answer::Reject => Wish::Reject(
                digest,
                Ending {
                    disposition: Disposition::BenignPositive,
                    reason: "a scan that we ordered".into(),
                    mattered: Vec::new(),
                },
            ),
        };
        let tenant = demo::tenant();
        let mira = mira();
        let answered = app.answer(&tenant, case.id, &mira, wish, self.now);
        if let Err(error) = Box::pin(answered).await {
            let denied = error.downcast_ref::<Denied>();
            assert!(
                matches!(denied, Some(Denied::NothingAsked { .. })),
                "{error:#}"
            );
        }
    }

    /// The same person takes back what was done, unless that was taken back already.
    async fn undone(&self, app: &App, case: &Case) {
        let tenant = demo::tenant();
        let case = app.case(&tenant, case.id).await.unwrap().unwrap();
        if case.executed.is_some() {
            let reason = "the address is a partner's".to_owned();
            let mira = mira();
            let undone = app.undo(&tenant, case.id, &mira, reason, self.now);
            Box::pin(undone).await.unwrap();
        }
    }

    fn config(&self) -> Config {
        if self.answer == Answer::Nobody {
            return Config::read(&self.folder.join("tierone.toml")).unwrap();
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let demo = |name: &str| Some(root.join("eval/demo").join(name));
        let mut config = Config::default();
        config.gate.policies = Some(root.join("policies"));
        config.files.people = demo("people.toml");
        config.files.inventory = demo("inventory.toml");
        config.files.never = demo("never.toml");
        config.webhook = Some(WebhookConfig {
            url: self.receiver.clone(),
            secret: SecretSource::File(self.folder.join("secret")),
            connect_timeout_ms: 3_000,
            total_timeout_ms: 10_000,
            allow_private: vec!["127.0.0.0/8".parse().unwrap()],
            idempotent: self.repetition == Repetition::Idempotent,
        });
        config
    }
}

fn mira() -> Claimant {
    Claimant {
        proof: Proof::OsUser,
        identity: "mira".into(),
    }
}
