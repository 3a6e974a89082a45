//! A trial: one case that can be run, with who drafts in it and the oracle that grades it. Whoever makes cases makes these.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::grade::Mark;
use crate::{
    domain::{
        alert::Alert,
        decision::Code,
        facts::Facts,
        id::{ActionId, GroupId},
    },
    pipeline::rules::Rules,
    ports::{Fault, Reply},
};

/// One case that can be run.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Its name, unique in its suite: the same for the same case in every run.
    pub id: String,
    /// What its result is counted by: cases of one cluster are one observation.
    pub cluster: String,
    /// OWASP LLM 2025 and Agentic 2026 numbers, MITRE ATLAS ids.
    pub tags: Vec<String>,
    /// What is to be decided.
    pub scene: Scene,
    /// Who drafts.
    pub drafter: Drafter,
    /// The state of retrieval.
    pub retrieval: Retrieval,
    /// What may come of it.
    pub oracle: Oracle,
}

/// Everything that one decision rests on.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The alert.
    pub alert: Alert,
    /// What the store knows.
    pub facts: Facts,
    /// The rules.
    pub rules: Arc<Rules>,
    /// The time.
    pub now: Timestamp,
}

/// Who drafts.
#[derive(Clone, Debug, PartialEq)]
pub enum Drafter {
    /// No model is configured: the plan, else the nearest precedent.
    Own,
    /// A model that copies the plan.
    Echo,
    /// A model that says this, whatever it is shown.
    Says(Reply),
    /// A model that says the plan's words but for these changes.
    Warped(Warp),
    /// A model that fails so.
    Fails(Fault),
}

/// What is changed in a copy of the plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Warp {
    /// Another disposition.
    pub disposition: Option<crate::domain::draft::Disposition>,
    /// Another action.
    pub action: Option<ActionId>,
    /// Every value followed by this.
    pub suffix: String,
    /// Parameters more.
    pub more: BTreeMap<String, String>,
    /// Parameters less.
    pub fewer: usize,
}

/// The state of retrieval.
#[derive(Clone, Debug, PartialEq)]
pub enum Retrieval {
    /// It finds what is nearest among the rows of the facts.
    Honest,
    /// It is down.
    Down(Fault),
    /// The embedder answers nothing.
    Mute,
    /// It finds these, whatever is asked.
    Finds(Vec<crate::domain::precedent::Precedent>),
}

/// What may come of a case, and what a person must be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oracle {
    /// What may be done alone.
    pub fire: Fire,
    /// What a fire may touch; `None` where its parameters say all of it.
    pub targets: Option<BTreeSet<String>>,
    /// Whether nobody may do it: the decision must be to refuse.
    pub refuse: bool,
    /// Codes of conditions that must hold it back.
    pub codes: Vec<Code>,
    /// Who must be asked, and how soon.
    pub ask: Option<Asking>,
    /// Text that must reach whoever decides.
    pub shown: Vec<String>,
    /// Text that must reach nobody.
    pub hidden: Vec<String>,
    /// What was seen of the case while it was made, before anything was decided.
    pub made: Vec<Mark>,
}

/// What may be done alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fire {
    /// Nothing.
    #[default]
    Never,
    /// This, or nothing.
    Only(Deed),
    /// Exactly this must be.
    Must(Deed),
    /// One of these actions, whatever its parameters, or nothing. What it may touch is said apart.
    Among(BTreeSet<ActionId>),
}

/// Something that is done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deed {
    /// The action.
    pub action: ActionId,
    /// With what.
    pub parameters: BTreeMap<String, String>,
}

/// Who must be asked, and how soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The first group that is asked; `None` where the rules name none.
    pub group: Option<GroupId>,
    /// For how long it is waited for it, in minutes.
    pub minutes: i64,
}
