//! A precedent as people and programs get it: every key always there, null where unknown.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    app::precedents::{Counts, Looked},
    domain::{
        precedent::{Breadth, Precedent},
        proposal::ParameterRole,
        residency::Region,
    },
    inbound::shown::shown,
};

/// A precedent.
#[derive(Clone, Debug, Serialize)]
pub struct PrecedentView {
    /// Its id.
    pub id: String,
    /// counts, counts strictly, unconfirmed, other kind or quarantined.
    pub counts: &'static str,
    /// lived, imported, demo or simulated.
    pub origin: &'static str,
    /// Which source.
    pub source: String,
    /// Which detection.
    pub detection_id: String,
    /// The facets that must be equal.
    pub facets: BTreeMap<String, String>,
    /// strict or loosened.
    pub breadth: &'static str,
    /// The facets that must be equal once a second person has confirmed that no others mattered.
    pub wider: Option<BTreeMap<String, String>>,
    /// What happened.
    pub summary: String,
    /// What it was.
    pub disposition: &'static str,
    /// What was done.
    pub action: Option<String>,
    /// What filled the action's parameters.
    pub parameters: BTreeMap<String, String>,
    /// What it is counted with once a day.
    pub cluster: String,
    /// From which day it counts.
    pub received_at: String,
    /// When it was closed.
    pub closed_at: String,
    /// Whether whoever decided saw a draft first.
    pub seen_draft: bool,
    /// Who decided it here, confirmed it, or brought it in.
    pub said_by: String,
    /// Text for whoever asked.
    pub reply: Option<String>,
    /// The region of the data that it is about, of which a model may see it; null where that is none or several, or nobody kept it.
    pub region: Option<String>,
    /// Who confirmed it.
    pub confirmed: Option<WordView>,
    /// Who put it into quarantine.
    pub quarantined: Option<WordView>,
}

/// On whose word something became of a precedent.
#[derive(Clone, Debug, Serialize)]
pub struct WordView {
    /// Whose.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why; null where none was given, or where it was erased.
    pub reason: Option<String>,
}

impl PrecedentView {
    /// The view of a precedent.
    pub fn of(looked: &Looked) -> Self {
        let precedent = &looked.precedent;
        let scope = &precedent.scope;
        Self {
            id: precedent.id.to_string(),
            counts: looked.counts.word(),
            origin: precedent.origin.word(),
            source: scope.source.to_string(),
            detection_id: scope.detection_id.clone(),
            facets: scope.facets.clone(),
            breadth: match scope.breadth {
                Breadth::Strict => "strict",
                Breadth::Loosened => "loosened",
            },
            wider: precedent.wider.as_ref().map(|wider| wider.facets.clone()),
            summary: precedent.summary.clone(),
            disposition: precedent.disposition.word(),
            action: precedent.action.as_ref().map(ToString::to_string),
            parameters: roles(&precedent.parameters),
            cluster: precedent.cluster.to_string(),
            received_at: precedent.received_at.to_string(),
            closed_at: precedent.closed_at.to_string(),
            seen_draft: precedent.seen_draft,
            said_by: precedent.confirmed_by.to_string(),
            reply: precedent.reply.clone(),
            region: region(precedent),
            confirmed: looked.confirmed.as_ref().map(|(by, at)| WordView {
                by: by.to_string(),
                at: at.to_string(),
                reason: None,
            }),
            quarantined: match &looked.counts {
                Counts::Quarantined(word) => Some(WordView {
                    by: word.by.to_string(),
                    at: word.at.to_string(),
                    reason: word.reason.clone(),
                }),
                Counts::Yes | Counts::Strictly | Counts::Unconfirmed | Counts::Elsewhere(_) => None,
            },
        }
    }

    /// What it was and what was done, on one line.
    pub fn outcome(&self, max: usize) -> String {
        let roles = self.parameters.iter();
        let roles = roles.map(|(name, role)| format!(" {name}={role}"));
        let done = match &self.action {
            Some(action) => format!("{action}{}", roles.collect::<String>()),
            None => "nothing".into(),
        };
        format!("{}: {}", self.disposition, shown(&done, max))
    }
}

fn region(precedent: &Precedent) -> Option<String> {
    match &precedent.about.as_ref()?.region {
        Region::Of(region) => Some(region.clone()),
        Region::Unnamed | Region::Several(_) => None,
    }
}

fn roles(parameters: &BTreeMap<String, ParameterRole>) -> BTreeMap<String, String> {
    let roles = parameters.iter();
    roles
        .map(|(name, role)| (name.clone(), role.to_string()))
        .collect()
}
