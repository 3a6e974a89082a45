//! Drives one trial: the same `advance` that alerts are driven by, with facts from the case instead of a store.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    drafters::Model,
    seen::Seen,
    trial::{Drafter, Retrieval, Scene, Trial},
};
use crate::{
    domain::{
        canonical::{Digest, NotCanonical},
        case::{Case, Illegal, Phase},
        event::{Body, EVENT_VERSION, Event},
        id::{CaseId, PrecedentId, TenantId},
        precedent::Precedent,
        sealed::Sealed,
    },
    pipeline::{Ports, Stuck, advance, retrieve::text_of_precedent},
    ports::{Drafting, Embedder, Embedding, Fault, Hit, VectorStore},
};

/// The most steps that a case takes until a person is asked.
const STEPS_MAX: usize = 8;
/// Every salt: nothing here is kept, and a run must be the same each time.
const SALT: [u8; 32] = [0; 32];

/// What a case calls, as this build ships it.
#[derive(Clone, Copy)]
pub struct Shipped<'a> {
    /// Turns text into vectors.
    pub embedder: &'a dyn Embedder,
    /// Makes an empty index.
    pub index: fn() -> Box<dyn VectorStore>,
}

/// Why a case came to no result. That is neither a pass nor a failure.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The pipeline stopped.
    #[error(transparent)]
    Stuck(#[from] Stuck),
    /// An event does not follow.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// Something cannot be hashed.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// Something that ships fails although it was not told to.
    #[error("retrieval failed: {0}")]
    Retrieval(Fault),
    /// A case waited for something, though there is nothing to wait for.
    #[error("a step waited for something outside")]
    Waited,
    /// It never got to a decision.
    #[error("no decision after {STEPS_MAX} steps")]
    Undecided,
    /// It panicked.
    #[error("a step panicked; run the case under a debugger")]
    Panicked,
    /// The case cannot be made.
    #[error("the case cannot be made: {0}")]
    Unmade(String),
}

/// What is seen of `trial` once it is decided and, where that follows, asked.
pub fn drive(trial: &Trial, shipped: Shipped<'_>) -> Result<Seen, Broken> {
    catch_unwind(AssertUnwindSafe(|| driven(trial, shipped))).unwrap_or(Err(Broken::Panicked))
}

fn driven(trial: &Trial, shipped: Shipped<'_>) -> Result<Seen, Broken> {
    let scene = &trial.scene;
    let model = Model::of(&trial.drafter);
    let (embedder, index) = retrieval(trial, shipped)?;
    let ports = Ports {
        embedder: embedder
            .as_ref()
            .map_or(shipped.embedder, |own| own as &dyn Embedder),
        index: index.as_ref(),
        model: match trial.drafter {
            Drafter::Own => None,
            _ => Some(&model as &dyn Drafting),
        },
    };
    let (case, events) = stepped(scene, ports)?;
    Seen::of(&case, &events, scene.now).ok_or(Broken::Undecided)
}

/// The precedents that are found for `trial`, best first, each with whether it counts.
pub fn found(trial: &Trial, shipped: Shipped<'_>) -> Result<Vec<(Precedent, bool)>, Broken> {
    let (embedder, index) = retrieval(trial, shipped)?;
    let ports = Ports {
        embedder: embedder
            .as_ref()
            .map_or(shipped.embedder, |own| own as &dyn Embedder),
        index: index.as_ref(),
        model: None,
    };
    let (case, _) = stepped(&trial.scene, ports)?;
    let in_scope = |row: &Precedent| {
        let mut found = case.found.iter();
        found.any(|found| found.precedent == row.id && found.in_scope)
    };
    let rows = named(&case, &trial.scene).into_iter();
    Ok(rows
        .map(|row| (in_scope(&row), row))
        .map(|(scope, row)| (row, scope))
        .collect())
}

/// The case after all steps that are the pipeline's own, with the events of them.
pub fn stepped(scene: &Scene, ports: Ports<'_>) -> Result<(Case, Vec<Event>), Broken> {
    let mut case = received(scene)?;
    let mut facts = scene.facts.clone();
    let mut events = Vec::new();
    for _ in 0..STEPS_MAX {
        if matches!(case.phase, Phase::Asked | Phase::Closed) {
            break;
        }
        facts.look_alikes = named(&case, scene);
        let step = advance(&case, &facts, ports, &scene.rules, SALT, scene.now);
        let step = at_once(step).ok_or(Broken::Waited)??;
        if step.is_empty() {
            break;
        }
        for event in step {
            case.apply(&event)?;
            events.push(event);
        }
    }
    Ok((case, events))
}

fn received(scene: &Scene) -> Result<Case, Broken> {
    let alert = &scene.alert;
    Ok(Case::open(&Event {
        version: EVENT_VERSION,
        tenant: alert.tenant.clone(),
        case: CaseId::new(Uuid::from_u128(1)),
        number: 1,
        at: scene.now,
        previous: Digest::ZERO,
        body: Body::Received {
            alert: Sealed::new(alert.clone(), SALT)?,
            status: alert.status,
            urgency: alert.urgency(),
        },
    })?)
}

/// The found precedents as the store has them.
fn named(case: &Case, scene: &Scene) -> Vec<Precedent> {
    let row = |id: &PrecedentId| scene.facts.evidence.rows.iter().find(|row| row.id == *id);
    let found = case.found.iter();
    found
        .filter_map(|found| row(&found.precedent).cloned())
        .collect()
}

type Retrieving = (Option<Failing>, Box<dyn VectorStore>);

fn retrieval(trial: &Trial, shipped: Shipped<'_>) -> Result<Retrieving, Broken> {
    let rows = &trial.scene.facts.evidence.rows;
    Ok(match &trial.retrieval {
        Retrieval::Honest => (None, indexed(rows, shipped)?),
        Retrieval::Down(fault) => (Some(Failing::Down(fault.clone())), (shipped.index)()),
        Retrieval::Mute => (Some(Failing::Mute), (shipped.index)()),
        Retrieval::Finds(rows) => (None, Box::new(Finds(rows.clone()))),
    })
}

fn indexed(rows: &[Precedent], shipped: Shipped<'_>) -> Result<Box<dyn VectorStore>, Broken> {
    let index = (shipped.index)();
    let texts: Vec<String> = rows.iter().map(text_of_precedent).collect();
    let embeddings = at_once(shipped.embedder.embed(&texts)).ok_or(Broken::Waited)?;
    let embeddings = embeddings.map_err(Broken::Retrieval)?;
    let rows = rows.iter().cloned().zip(embeddings).collect();
    at_once(index.upsert(rows))
        .ok_or(Broken::Waited)?
        .map_err(Broken::Retrieval)?;
    Ok(index)
}

/// What `future` comes to, where it waits for nothing.
pub fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// An embedder that does not do its part.
enum Failing {
    Down(Fault),
    Mute,
}

#[async_trait]
impl Embedder for Failing {
    async fn embed(&self, _: &[String]) -> Result<Vec<Embedding>, Fault> {
        match self {
            Self::Down(fault) => Err(fault.clone()),
            Self::Mute => Ok(Vec::new()),
        }
    }
}

/// An index that finds these, whatever is asked and however many.
struct Finds(Vec<Precedent>);

#[async_trait]
impl VectorStore for Finds {
    async fn upsert(&self, _: Vec<(Precedent, Embedding)>) -> Result<(), Fault> {
        Ok(())
    }

    async fn search(&self, _: &TenantId, _: &Embedding, _: usize) -> Result<Vec<Hit>, Fault> {
        let hits = self.0.iter().cloned().map(|precedent| Hit {
            precedent,
            score_ppm: 1_000_000,
        });
        Ok(hits.collect())
    }
}
