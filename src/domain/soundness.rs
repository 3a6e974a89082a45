//! Soundness: what a look through a whole store found. Plain data; the looking is the store's part.

use serde::Serialize;

/// The most damages that are listed one by one.
pub const DAMAGES_MAX: usize = 100;

/// What was looked at, and what is not as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Soundness {
    /// How far it was looked.
    pub depth: Depth,
    /// How much was looked at.
    pub counted: Counted,
    /// What is damaged, at most [`DAMAGES_MAX`].
    pub damages: Vec<Damage>,
    /// How many more are damaged.
    pub more: u64,
}

/// How far it was looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Pages, chains, folds and rows.
    #[default]
    Whole,
    /// The database's own pages only: the store has this older schema, whose rows this build does not read.
    Pages(i64),
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Cases.
    pub cases: u64,
    /// Events of cases.
    pub events: u64,
    /// Operations of every chain.
    pub operations: u64,
    /// Precedents.
    pub precedents: u64,
    /// API keys.
    pub keys: u64,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// What.
    pub what: String,
    /// How it shows.
    pub cause: String,
    /// What to do.
    pub cure: String,
}

impl Soundness {
    /// Whether nothing is damaged.
    pub const fn is_sound(&self) -> bool {
        self.damages.is_empty() && self.more == 0
    }

    /// Lists one more damage, or counts it where the list is full.
    pub fn add(&mut self, damage: Damage) {
        if self.damages.len() < DAMAGES_MAX {
            self.damages.push(damage);
        } else {
            self.more += 1;
        }
    }
}
