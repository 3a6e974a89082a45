//! A live store in a file with two apps on it, an executor that counts, and the invariants that no race may break.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tierone::{
    app::{
        App, Submitted,
        answer::{Claimant, Ending, Wish},
        demo,
        executors::{Executors, Sending},
    },
    config::Config,
    domain::{
        alert::Origin,
        answer::Answer,
        canonical::Digest,
        case::Case,
        decision::{Effect, Principal},
        draft::Disposition,
        event::{Body, Event, Probe},
        id::{CaseId, PrecedentId, SourceId, TenantId},
        order::{Authorized, Order},
        person::Proof,
        precedent::{Precedent, PrecedentOrigin},
    },
    outbound::store::{Store, Which},
    pipeline::normalise::{Asked, Intake},
    ports::{Executor, Fault, Repetition},
};

const INSTANCE: &str = "i-0a1b2c3d4e5f60001";
/// How many cases can be open at once.
const INSTANCES: usize = 4;
const ALERT: &str = include_str!("../../eval/demo/alerts/guardduty/ssh-guessing-bastion.json");

/// How often each race is run: a few times, to keep the tests quick. `just races` runs each a thousand times.
pub fn rounds() -> usize {
    let asked = std::env::var_os("TIERONE_RACES").and_then(|text| text.to_str()?.parse().ok());
    asked.unwrap_or(10)
}

/// Counts what it is told to do, by idempotency key.
#[derive(Clone, Default)]
pub struct Counting(Arc<Mutex<HashMap<String, Vec<Instant>>>>);

#[async_trait]
impl Executor for Counting {
    fn repetition(&self) -> Repetition {
        Repetition::Unsafe
    }

    fn preview(&self, _order: &Order) -> Result<String, Fault> {
        Ok(String::new())
    }

    fn preview_undo(&self, _order: &Order, _undo: &str) -> Result<String, Fault> {
        Ok(String::new())
    }

    async fn execute(&self, authorized: &Authorized) -> Result<String, Fault> {
        let key = authorized.order().idempotency_key.clone();
        self.0
            .lock()
            .unwrap()
            .entry(key)
            .or_default()
            .push(Instant::now());
        tokio::task::yield_now().await;
        Ok("done".into())
    }

    async fn undo(&self, authorized: &Authorized, _undo: &str) -> Result<String, Fault> {
        self.execute(authorized).await
    }

    async fn verify(&self, _order: &Order, _probe: &str) -> Result<Probe, Fault> {
        Ok(Probe::Held)
    }
}

impl Counting {
    /// When each call for `case` began.
    pub fn calls(&self, case: CaseId) -> Vec<Instant> {
        let prefix = format!("{case}-");
        let calls = self.0.lock().unwrap();
        let own = calls.iter().filter(|(key, _)| key.starts_with(&prefix));
        own.flat_map(|(_, begun)| begun.clone()).collect()
    }

    fn by_key(&self) -> HashMap<String, usize> {
        let calls = self.0.lock().unwrap();
        calls
            .iter()
            .map(|(key, begun)| (key.clone(), begun.len()))
            .collect()
    }
}

/// Two apps on one file.
pub struct Arena {
    folder: TempDir,
    config: Config,
    url: String,
    pub apps: [Arc<App>; 2],
    pub store: Store,
    pub executor: Counting,
    pub tenant: TenantId,
}

/// What was counted over all cases of an arena.
#[derive(Debug, Default)]
pub struct Tally {
    pub cases: usize,
    pub events: usize,
    pub starts: usize,
    pub effects: usize,
    pub twice: usize,
    pub unanswered: usize,
    pub late: usize,
}

impl Arena {
    /// An arena whose catalogue is changed so.
    pub async fn new(change: impl Fn(String) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), change);
        let url = format!("sqlite://{}", folder.path().join("races.db").display());
        let (tenant, executor) = (demo::tenant(), Counting::default());
        let store = Store::open(&url).await.unwrap();
        let mut rows = demo::precedents(&tenant).unwrap();
        for row in &mut rows {
            row.origin = PrecedentOrigin::Lived;
        }
        rows.extend(
            (1..INSTANCES)
                .flat_map(|place| elsewhere(&rows, place))
                .collect::<Vec<_>>(),
        );
        store.add_precedents(&tenant, &rows).await.unwrap();
        let app = async || {
            let own = Store::open(&url).await.unwrap();
            let app = App::over(own, &config, &tenant, None, Sending::DryRun).await;
            let executors = Executors::of(Box::new(executor.clone()));
            Arc::new(app.unwrap().with_executors(executors))
        };
        let apps = [app().await, app().await];
        Self {
            folder,
            config,
            url,
            apps,
            store,
            executor,
            tenant,
        }
    }

    /// One more app, whose orders go to `executor`.
    pub async fn app(&self, executor: impl Executor + 'static) -> App {
        let own = Store::open(&self.url).await.unwrap();
        let app = App::over(own, &self.config, &self.tenant, None, Sending::DryRun).await;
        app.unwrap()
            .with_executors(Executors::of(Box::new(executor)))
    }

    /// The case of an alert of its own, asked about at `now`.
    pub async fn asked(&self, number: usize, now: Timestamp) -> Case {
        let [app, _] = &self.apps;
        let text = ALERT
            .replace(INSTANCE, &instance(number))
            .replace("198.51.100.77", &address(number))
            .replace(
                "8ddf878039b70767c4a5bcf4f0c4f65e",
                &format!("{number:032x}"),
            );
        let intake = Intake {
            tenant: self.tenant.clone(),
            name: "races".into(),
            bytes: text.as_bytes(),
            source: Asked::Source {
                id: SourceId::new("guardduty"),
                origin: Origin::Named,
            },
            received_at: now,
        };
        let Some(Submitted::Alert(outcome)) = app.submit(&intake).await.unwrap().pop() else {
            panic!("no alert")
        };
        let offered = outcome
            .case
            .ask
            .as_ref()
            .and_then(|ask| ask.offered.as_ref());
        assert_eq!(
            offered.map(|offered| offered.action.as_str()),
            Some("block-ip")
        );
        outcome.case
    }

    /// The same case with an approval appended that nobody has driven on.
    pub async fn approved(&self, case: &Case, now: Timestamp) -> Case {
        let body = Body::Answered {
            digest: digest(case),
            by: tierone::domain::id::PersonId::new("mira"),
            proof: Proof::OsUser,
            answer: Answer::Approve,
        };
        let mut after = case.clone();
        let event = after.record(case.event(body, now)).unwrap();
        self.store
            .append(&self.tenant, Some(case), &after, &[event])
            .await
            .unwrap();
        after
    }

    /// Ends a case that a round left open, so that the next round's alert opens its own.
    pub async fn end(&self, case: &Case, now: Timestamp) {
        let stored = self
            .store
            .case(&self.tenant, case.id)
            .await
            .unwrap()
            .unwrap();
        if stored.is_open() {
            let ending = Ending {
                disposition: Disposition::Undetermined,
                reason: "the round is over".into(),
                mattered: Vec::new(),
            };
            let ended = self.answer(0, case, "ines", Wish::Resolve(ending), now);
            ended.await.unwrap().unwrap();
        }
    }

    /// A person answers through one of the apps, in a task of its own.
    pub fn answer(
        &self,
        app: usize,
        case: &Case,
        who: &str,
        wish: Wish,
        now: Timestamp,
    ) -> Answering {
        let (app, tenant, id) = (Arc::clone(&self.apps[app]), self.tenant.clone(), case.id);
        let claimant = claimant(who);
        tokio::spawn(async move { Box::pin(app.answer(&tenant, id, &claimant, wish, now)).await })
    }

    /// Reads every case again, which verifies its chain, and counts what no race may bring about.
    pub async fn tally(&self) -> Tally {
        let ids = self
            .store
            .case_ids(&self.tenant, Which::All, u32::MAX)
            .await
            .unwrap();
        let keys = self.executor.by_key();
        let mut tally = Tally {
            cases: ids.len(),
            effects: keys.values().sum(),
            ..Tally::default()
        };
        tally.twice = keys.values().filter(|times| **times > 1).count();
        let mut by_case: BTreeMap<CaseId, usize> = BTreeMap::new();
        for id in ids {
            let events = self.store.events(&self.tenant, id).await.unwrap();
            tally.events += events.len();
            tally.look_at(&events);
            by_case.insert(id, self.executor.calls(id).len());
        }
        tally.twice += by_case.values().filter(|calls| **calls > 1).count();
        self.store.operations(&self.tenant).await.unwrap();
        assert!(self.folder.path().join("races.db").exists());
        tally
    }
}

/// An answer that is being given.
pub type Answering = tokio::task::JoinHandle<anyhow::Result<Case>>;

impl Tally {
    fn look_at(&mut self, events: &[Event]) {
        let mut case = Case::open(&events[0]).unwrap();
        let mut approved: Option<Case> = None;
        for event in &events[1..] {
            if let Body::Answered { answer, .. } = &event.body {
                self.late += usize::from(case.passed_on(event.at).is_some());
                approved = matches!(answer, Answer::Approve).then(|| case.clone());
            }
            if let Body::Started { .. } = &event.body {
                self.starts += 1;
                self.unanswered += usize::from(!is_answered(&case, approved.as_ref()));
            }
            case.apply(event).unwrap();
        }
    }

    /// Prints the counts under `name`, and fails where one that must be nought is not.
    pub fn must_hold(&self, name: &str, rounds: usize, seen: &str) {
        println!("{name}: {rounds} rounds, {seen}; {self:?}");
        assert!(self.cases >= rounds, "{name}: rounds shared a case");
        assert_eq!(
            (self.twice, self.unanswered, self.late),
            (0, 0, 0),
            "{name}"
        );
        assert_eq!(self.starts, self.effects, "{name}");
    }
}

/// Whether what starts is what a person was shown and approved, decided as firing on that person's word.
fn is_answered(case: &Case, approved: Option<&Case>) -> bool {
    let (Some((_, decision)), Some(ask)) =
        (&case.decided, approved.and_then(|case| case.ask.as_ref()))
    else {
        return false;
    };
    decision.verdict.effect == Effect::Fire
        && matches!(decision.principal, Principal::Person(_))
        && decision.proposal == ask.offered
        && decision.targets == ask.targets
}

/// The digest of what is asked.
pub fn digest(case: &Case) -> Digest {
    case.ask.as_ref().unwrap().digest
}

/// A person of the demo.
pub fn claimant(who: &str) -> Claimant {
    Claimant {
        proof: Proof::OsUser,
        identity: who.into(),
    }
}

/// Rounds are two hours apart, so that no round's budget is another's.
pub fn at(round: usize) -> Timestamp {
    let start: Timestamp = "2026-10-15T03:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(2 * i64::try_from(round).unwrap())
}

/// The same precedents of another instance: cases of one instance are one case while it is open.
fn elsewhere(rows: &[Precedent], place: usize) -> Vec<Precedent> {
    let mut rows = rows.to_vec();
    rows.retain(|row| row.scope.facets.values().any(|value| value == INSTANCE));
    for row in &mut rows {
        row.id = PrecedentId::new(format!("{}-{place}", row.id));
        for value in row.scope.facets.values_mut() {
            *value = value.replace(INSTANCE, &instance(place));
        }
    }
    rows
}

fn instance(number: usize) -> String {
    match number % INSTANCES {
        0 => INSTANCE.into(),
        place => format!("i-0a1b2c3d4e5f7000{place}"),
    }
}

/// An address that is nobody's here.
fn address(number: usize) -> String {
    format!("45.{}.{}.7", number / 250 + 1, number % 250 + 1)
}

fn config(folder: &Path, change: impl Fn(String) -> String) -> Config {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policies = folder.join("policies");
    std::fs::create_dir(&policies).unwrap();
    for name in [
        "actions.toml",
        "gate.cedar",
        "gate.cedarschema",
        "injection.toml",
    ] {
        let text = std::fs::read_to_string(root.join("policies").join(name)).unwrap();
        let text = if name == "actions.toml" {
            change(text)
        } else {
            text
        };
        std::fs::write(policies.join(name), text).unwrap();
    }
    let demo = |name: &str| Some(root.join("eval/demo").join(name));
    let mut config = Config::default();
    config.gate.policies = Some(policies);
    config.files.people = demo("people.toml");
    config.files.inventory = demo("inventory.toml");
    config.files.never = demo("never.toml");
    config
}
