//! The whole API of the product: submit alerts, drive cases, find them. The only place that knows what is outbound.

pub mod accept;
mod act;
pub mod answer;
pub mod attempt;
pub mod backlog;
pub mod calibrate;
pub mod chance;
mod confirm;
pub mod demo;
pub mod denied;
pub mod drafting;
mod drive;
mod ending;
pub mod evaluate;
pub mod executors;
mod facts;
pub mod failure;
pub mod find;
pub mod import;
pub mod inspect;
mod intake;
pub mod keys;
pub mod kill;
pub mod models;
pub mod operate;
mod permit;
pub mod precedents;
mod propose;
pub mod reading;
pub mod rehearse;
pub mod release;
pub mod requests;
pub mod rules;
pub mod seen;
pub mod slack;
mod tend;
mod undo;
pub mod upkeep;
mod withdraw;
pub mod worker;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::Timestamp;

use self::{
    accept::Doors,
    chance::Chance,
    drafting::Models,
    drive::Pen,
    executors::{Executors, Sending},
    reading::Reading,
    release::Running,
};
use crate::{
    config::Config,
    domain::{
        alert::Alert,
        case::{Case, replay},
        decision::{Code, Decision, Verdict},
        event::Event,
        facts::StoreKind,
        id::{CaseId, PrecedentId, SourceId, TenantId},
        precedent::Precedent,
    },
    outbound::{embedded_index::EmbeddedIndex, lexical::Lexical, store::Store},
    pipeline::{retrieve::text_of_precedent, rules::Rules},
    ports::{Embedder, VectorStore},
};

/// How often a step is tried again because another worker was first.
const CONFLICTS_MAX: usize = 5;

/// Everything that is open while tierone runs.
pub struct App {
    store: Store,
    reading: Reading,
    rules: Arc<Rules>,
    running: Arc<Running>,
    config: Config,
    executors: Executors,
    models: Option<Models>,
    /// Names this process in the starts that it appends.
    process: String,
    kill_file: Option<PathBuf>,
    embedder: Lexical,
    index: EmbeddedIndex,
    chance: Chance,
    clock: Option<Timestamp>,
    doors: Doors,
    /// The place of the last precedent that is known for look-alikes.
    indexed: AtomicI64,
}

/// Which store to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreChoice {
    /// A demo store in memory, filled from the demo.
    Throwaway,
    /// The store at this URL; it is made where there is none.
    At(String),
    /// The store at this URL, which must be there.
    There(String),
}

/// What came of one item of a payload.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are alerts")]
pub enum Submitted {
    /// An alert.
    Alert(Outcome),
    /// A message about the sending itself.
    Control {
        /// The source that knows it.
        source: SourceId,
        /// Its name.
        control: String,
    },
}

/// What came of an alert.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its case, after it.
    pub case: Case,
    /// The alert.
    pub alert: Alert,
    /// Whether it opened the case.
    pub place: Place,
    /// What was said of it.
    pub ruling: Ruling,
}

/// An alert's place in its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It opened the case.
    First,
    /// It joined one.
    Joined,
}

/// What was said of an alert.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are decisions")]
pub enum Ruling {
    /// The gate decided.
    Decided(Decision),
    /// There was nothing to decide; the conditions' words are shown all the same.
    NotDecided {
        /// Their words.
        verdict: Verdict,
        /// The codes that would hold it back.
        held_by: Vec<Code>,
    },
}

/// A case with its whole story.
#[derive(Clone, Debug)]
pub struct Story {
    /// The case.
    pub case: Case,
    /// Its events, oldest first.
    pub events: Vec<Event>,
}

impl App {
    /// Opens the store and loads everything that shapes a decision.
    ///
    /// `own_source` is a source of the caller's, by name and jq text, beside the configured ones or in place of the one of its name.
    pub async fn open(
        config: &Config,
        choice: &StoreChoice,
        tenant: &TenantId,
        own_source: Option<(String, String)>,
        sending: Sending,
    ) -> anyhow::Result<Self> {
        let store = match choice {
            StoreChoice::Throwaway => Store::throwaway().await?,
            StoreChoice::At(url) => Store::open(url).await?,
            StoreChoice::There(url) => Store::open_existing(url).await?,
        };
        Self::over(store, config, tenant, own_source, sending).await
    }

    /// The same over a store that is open already.
    pub async fn over(
        store: Store,
        config: &Config,
        tenant: &TenantId,
        own_source: Option<(String, String)>,
        sending: Sending,
    ) -> anyhow::Result<Self> {
        let texts = rules::Texts::read(config)?;
        let (rules, watch) = rules::load_watched(config, store.kind(), &texts)?;
        let running = Running::open(config, store.kind(), &rules, watch)?;
        let chance = Chance::of(store.kind());
        let reading = Reading::open(config, texts.sources, own_source)?;
        if store.kind() == StoreKind::Demo {
            demo::fill(&store).await?;
        }
        let app = Self {
            executors: Executors::from_config(config, store.kind(), sending, wall_clock)?,
            process: chance.process()?,
            kill_file: config.gate.kill_file.clone(),
            models: Models::from_config(config, texts.prompts)?,
            chance,
            clock: demo::clock(store.kind())?,
            doors: Doors::new(),
            indexed: AtomicI64::new(0),
            embedder: Lexical,
            index: EmbeddedIndex::default(),
            store,
            reading,
            rules: Arc::new(rules),
            running: Arc::new(running),
            config: config.clone(),
        };
        app.index_all(tenant).await?;
        app.take_up_spending(app.now()).await?;
        Ok(app)
    }

    /// The same with other executors than the configured ones.
    #[must_use]
    pub fn with_executors(mut self, executors: Executors) -> Self {
        self.executors = executors;
        self
    }

    /// The same with models that write its drafts.
    pub async fn with_models(mut self, models: Models) -> anyhow::Result<Self> {
        self.models = Some(models);
        self.take_up_spending(self.now()).await?;
        Ok(self)
    }

    /// The same with these rules.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = Arc::new(rules);
        self
    }

    /// The same at a time of its own, at which it then stands.
    #[must_use]
    pub const fn with_clock(mut self, at: Timestamp) -> Self {
        self.clock = Some(at);
        self
    }

    /// What shapes a decision.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The sources that this build or this site has.
    pub const fn sources(&self) -> &Reading {
        &self.reading
    }

    /// The time of a store with its own clock; `None` in a live one.
    pub const fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// The time now: the store's own, else the real one.
    pub fn now(&self) -> Timestamp {
        self.clock.unwrap_or_else(wall_clock)
    }

    /// At most `limit` cases of any tenant that need tierone itself by `now`, the longest due first.
    pub async fn due(&self, now: Timestamp, limit: u32) -> anyhow::Result<Vec<(TenantId, CaseId)>> {
        Ok(self.store.due(now, limit).await?)
    }

    /// Changes with each append of this process: what is shown of cases may then be out of date.
    pub fn news(&self) -> tokio::sync::watch::Receiver<u64> {
        self.store.news()
    }

    /// The kind of store that is open.
    pub const fn kind(&self) -> StoreKind {
        self.store.kind()
    }

    /// A case of `tenant` with its events, as people see them: secrets masked, and of one that is asked blind nothing that the agent thought.
    pub async fn find(&self, tenant: &TenantId, id: CaseId) -> anyhow::Result<Option<Story>> {
        let events = self.store.events(tenant, id).await?;
        if events.is_empty() {
            return Ok(None);
        }
        let case = replay(&events)?;
        Ok(Some(Story { case, events }.seen(self.kind())?))
    }

    /// A case of `tenant`.
    pub async fn case(&self, tenant: &TenantId, id: CaseId) -> anyhow::Result<Option<Case>> {
        Ok(self.store.case(tenant, id).await?)
    }

    /// The precedents of `tenant` with these ids, in their order and as people see them; those that are gone are left out.
    pub async fn precedents(
        &self,
        tenant: &TenantId,
        ids: &[PrecedentId],
    ) -> anyhow::Result<Vec<Precedent>> {
        seen::precedents(&self.store.precedents_named(tenant, ids).await?)
    }

    /// Makes the precedents of every tenant known for look-alikes.
    pub async fn index_everyone(&self) -> anyhow::Result<()> {
        let last = self.store.last_precedent().await?;
        for tenant in self.store.tenants().await? {
            self.index_all(&tenant).await?;
        }
        self.indexed.store(last, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) async fn index_all(&self, tenant: &TenantId) -> anyhow::Result<()> {
        self.index_rows(self.store.precedents(tenant).await?).await
    }

    async fn index_rows(&self, rows: Vec<Precedent>) -> anyhow::Result<()> {
        let texts: Vec<String> = rows.iter().map(text_of_precedent).collect();
        let embeddings = self.embedder.embed(&texts).await?;
        let pairs = rows.into_iter().zip(embeddings).collect();
        Ok(self.index.upsert(pairs).await?)
    }
}

/// The time of calls. Everything that is decided takes its time as an argument.
#[expect(
    clippy::disallowed_methods,
    reason = "a signature carries the time at which it leaves"
)]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}
