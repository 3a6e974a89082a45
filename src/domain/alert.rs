//! An alert: a vendor's payload in our words. What the payload lacks is absent here, never invented.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    canonical::Digest,
    entity::{Entity, Provenance, Role},
    facet::Facet,
    id::{SourceId, TenantId},
    severity::Severity,
};

/// One alert as it came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Whose it is.
    pub tenant: TenantId,
    /// The source file that read it.
    pub source: SourceId,
    /// How its source is known.
    pub origin: Origin,
    /// The rule that fired; a request's is its topic.
    pub detection_id: Option<String>,
    /// The version of that rule.
    pub rule_version: Option<String>,
    /// One line for people.
    pub title: String,
    /// Our severity, where the payload has one.
    pub severity: Option<Severity>,
    /// The vendor's severity as text.
    pub raw_severity: Option<String>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// When we received it.
    pub received_at: Timestamp,
    /// What it names.
    pub entities: Vec<Entity>,
    /// The facets that its source declares for its detection.
    pub facets: Vec<Facet>,
    /// The same for a re-fire, an update and a resolve of one problem.
    pub fingerprint: Digest,
    /// The vendor's name for this occurrence, else the payload's digest.
    pub occurrence_id: String,
    /// Whether the signal is on.
    pub status: Status,
    /// ATT&CK technique ids.
    pub attack: Vec<String>,
    /// Teams that the payload names as owners.
    pub owner_hints: Vec<String>,
    /// URLs that the payload names.
    pub links: Vec<String>,
    /// Whether the payload could be read.
    pub reading: Reading,
    /// The payload, or the part of it this alert was made of.
    pub raw: Value,
}

/// Whether the signal is on. A resolve is a fact about the signal, never a good outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// On.
    Firing,
    /// Off again.
    Resolved,
}

/// How it is known which source an alert is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Origin {
    /// The route was authenticated with a key that may send this source.
    Route {
        /// The key's public id.
        key: String,
        /// The inventory asset that sends with this key, where it is one.
        sender: Option<String>,
    },
    /// A person named it, by `--source` or by the folder's name.
    Named,
    /// It was recognised by its shape.
    Guessed,
}

/// Whether a payload could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reading")]
pub enum Reading {
    /// Whole.
    Whole,
    /// In part: something was cut or left out.
    Partial {
        /// What.
        marks: Vec<String>,
    },
    /// Not at all.
    Unreadable {
        /// Why.
        cause: String,
    },
}

impl Alert {
    /// The severity by which people are asked: what could not be graded is treated as high.
    pub fn urgency(&self) -> Severity {
        self.severity.unwrap_or(Severity::High)
    }

    /// The entities at structured paths that play `role`.
    pub fn field_entities<'a>(&'a self, role: &'a Role) -> impl Iterator<Item = &'a Entity> {
        self.fields().filter(move |entity| entity.role == *role)
    }

    /// The entities at structured paths of the `target` side.
    pub fn targets(&self) -> impl Iterator<Item = &Entity> {
        self.fields().filter(|entity| entity.role.is_target())
    }

    /// The entities at structured paths.
    pub fn fields(&self) -> impl Iterator<Item = &Entity> {
        self.entities
            .iter()
            .filter(|entity| entity.provenance == Provenance::Field)
    }
}
