//! A decision as every surface gives it: one object an alert, every key always there, null where unknown.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    app::{Outcome, Place, Ruling, Submitted},
    domain::{
        alert::{Alert, Status},
        case::Case,
        decision::{Code, Effect, Finding},
        entity::Entity,
        facet::Facet,
        proposal::Proposal,
    },
};

/// One line of `triage --json`.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "nearly all are decisions")]
pub enum Line {
    /// An alert.
    Decision(DecisionView),
    /// A control message.
    Control(ControlView),
}

/// A control message.
#[derive(Clone, Debug, Serialize)]
pub struct ControlView {
    /// The file that it was in; where it was in none, there is no such key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The source that knows it.
    pub source: String,
    /// Its name.
    pub control: String,
}

/// An alert with what was decided.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionView {
    /// The file that it was in; where it was in none, there is no such key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its source.
    pub source: String,
    /// The alert.
    pub alert: AlertView,
    /// Its case.
    pub case_id: String,
    /// Whether it joined a case that was open.
    pub duplicate: bool,
    /// What it is taken for.
    pub disposition: Option<&'static str>,
    /// The proposal.
    pub action: Option<ActionView>,
    /// fire, ask, refuse or none.
    pub effect: &'static str,
    /// The effect with `fire_share` = 1 and a valid attestation.
    pub would: &'static str,
    /// The codes that fail then.
    pub held_by: Vec<Code>,
    /// Every condition's word, as things stand.
    pub reasons: Vec<Finding>,
    /// The precedents that the draft rests on.
    pub citations: Vec<String>,
    /// plan, precedents or model:NAME.
    pub drafter: Option<String>,
    /// Why, in the drafter's words. What a model named and the alert does not has `[unverified]` before it.
    pub rationale: Option<String>,
}

/// An alert.
#[derive(Clone, Debug, Serialize)]
pub struct AlertView {
    /// One line for people.
    pub title: String,
    /// The rule that fired.
    pub detection_id: Option<String>,
    /// Our severity.
    pub severity: Option<&'static str>,
    /// The vendor's.
    pub raw_severity: Option<String>,
    /// When it happened, RFC 3339.
    pub occurred_at: Option<String>,
    /// firing or resolved.
    pub status: Status,
    /// What it names.
    pub entities: Vec<EntityView>,
    /// What tells it from its like.
    pub facets: Vec<Facet>,
    /// ATT&CK ids.
    pub attack: Vec<String>,
    /// The same for a re-fire, an update and a resolve of one problem.
    pub fingerprint: String,
}

/// An entity.
#[derive(Clone, Debug, Serialize)]
pub struct EntityView {
    /// Its kind.
    pub kind: &'static str,
    /// Its value.
    pub value: String,
    /// The part it plays.
    pub role: String,
    /// field or text.
    pub provenance: crate::domain::entity::Provenance,
}

/// An action with its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionView {
    /// Its id.
    pub id: String,
    /// Its parameters by name.
    pub parameters: BTreeMap<String, String>,
}

/// The line for what came of one item.
pub fn line(file: Option<String>, submitted: Submitted) -> Line {
    match submitted {
        Submitted::Control { source, control } => Line::Control(ControlView {
            file,
            source: source.to_string(),
            control,
        }),
        Submitted::Alert(outcome) => Line::Decision(decision(file, &outcome)),
    }
}

fn decision(file: Option<String>, outcome: &Outcome) -> DecisionView {
    let undecided = DecisionView {
        file,
        source: outcome.alert.source.to_string(),
        alert: alert(&outcome.alert),
        case_id: outcome.case.id.to_string(),
        duplicate: outcome.place == Place::Joined,
        disposition: None,
        action: None,
        effect: "none",
        would: "none",
        held_by: Vec::new(),
        reasons: Vec::new(),
        citations: Vec::new(),
        drafter: None,
        rationale: None,
    };
    match &outcome.ruling {
        // What the agent thinks of it is shown to nobody before somebody has answered.
        Ruling::Decided(_) if outcome.case.is_blind() => DecisionView {
            effect: Effect::Ask.word(),
            ..undecided
        },
        Ruling::NotDecided { verdict, held_by } => DecisionView {
            held_by: held_by.clone(),
            reasons: verdict.findings.clone(),
            ..undecided
        },
        Ruling::Decided(decision) => DecisionView {
            disposition: draft(&outcome.case).map(|draft| draft.disposition.word()),
            action: decision.proposal.as_ref().map(action),
            effect: decision.verdict.effect.word(),
            would: decision.would.word(),
            held_by: decision.held_by.clone(),
            reasons: decision.verdict.findings.clone(),
            citations: draft(&outcome.case).map_or_else(Vec::new, |draft| {
                draft.citations.iter().map(ToString::to_string).collect()
            }),
            drafter: draft(&outcome.case).map(|draft| draft.drafter.to_string()),
            rationale: draft(&outcome.case).map(|draft| draft.rationale.clone()),
            ..undecided
        },
    }
}

fn draft(case: &Case) -> Option<&crate::domain::draft::Draft> {
    case.draft.as_ref().and_then(|(draft, _)| draft.content())
}

/// An action as surfaces give it.
pub fn action(proposal: &Proposal) -> ActionView {
    let parameters = proposal.parameters.iter();
    ActionView {
        id: proposal.action.to_string(),
        parameters: parameters
            .map(|(name, parameter)| (name.clone(), parameter.value.clone()))
            .collect(),
    }
}

fn alert(alert: &Alert) -> AlertView {
    AlertView {
        title: alert.title.clone(),
        detection_id: alert.detection_id.clone(),
        severity: alert.severity.map(crate::domain::severity::Severity::word),
        raw_severity: alert.raw_severity.clone(),
        occurred_at: alert.occurred_at.map(|at| at.to_string()),
        status: alert.status,
        entities: alert.entities.iter().map(entity).collect(),
        facets: alert.facets.clone(),
        attack: alert.attack.clone(),
        fingerprint: alert.fingerprint.to_string(),
    }
}

fn entity(entity: &Entity) -> EntityView {
    EntityView {
        kind: entity.kind.word(),
        value: entity.value.clone(),
        role: entity.role.to_string(),
        provenance: entity.provenance,
    }
}
