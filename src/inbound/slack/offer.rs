//! What is offered to whoever is asked, and why it was not done without them.

use super::{
    card::Scene,
    reasons,
    safe_text::{code, ours},
};
use crate::domain::{
    case::{Ask, Case},
    decision::{Decision, Effect, Finding},
    proposal::Proposal,
};

/// Units of a value, a name and a sentence.
const VALUE_MAX: usize = 120;
const NAME_MAX: usize = 60;
const SENTENCE_MAX: usize = 300;
const REASONS_MAX: usize = 8;
const PARAMETERS_MAX: usize = 8;
const TARGETS_MAX: usize = 6;

/// What is offered, with its exact parameters and what it would touch.
pub fn proposed(scene: Scene<'_>, decision: &Decision, open: Option<&Ask>) -> Vec<String> {
    let Some(offered) = open.and_then(|ask| ask.offered.as_ref()) else {
        let refused = decision.verdict.effect == Effect::Refuse;
        return vec![if refused {
            "*Nothing is offered*: what was planned nobody may do through tierone. Say what it was, or choose something else.".into()
        } else {
            "*Nothing is offered*: say what it was, or choose what to do.".into()
        }];
    };
    let mut lines = vec![format!("*Proposed*: {}", action(offered))];
    if let Some(entry) = scene.rules.catalogue.action(&offered.action) {
        lines.push(ours(&entry.summary, SENTENCE_MAX));
        let back = match (&entry.undo, entry.reversible) {
            (Some(undo), true) => format!("can be undone by {}", ours(undo, NAME_MAX)),
            _ => "*cannot be undone*".into(),
        };
        let radius = scene.story.case.alert.content();
        let radius = radius.map_or(entry.radius, |alert| {
            entry.radius_on(alert, scene.story.case.urgency)
        });
        lines.push(format!("blast radius {radius} of 3, {back}"));
    }
    let targets = decision.targets.iter().take(TARGETS_MAX);
    let targets: Vec<String> = targets.map(|target| code(target, VALUE_MAX)).collect();
    if !targets.is_empty() {
        lines.push(format!("touches {}", targets.join(", ")));
    }
    let approvals = open.map(|ask| &ask.approvals);
    if decision.verdict.quorum > 1
        && let Some(approvals) = approvals
    {
        let names = approvals.iter().map(|id| ours(id.as_str(), NAME_MAX));
        let names: Vec<String> = names.collect();
        let quorum = decision.verdict.quorum;
        lines.push(match names.len() {
            0 => format!("*{quorum} people* must approve"),
            number => format!("approved by *{number} of {quorum}*: {}", names.join(", ")),
        });
    }
    lines
}

/// An action with its exact parameters.
pub fn action(proposal: &Proposal) -> String {
    let parameters = proposal.parameters.iter().take(PARAMETERS_MAX);
    let parameters = parameters.map(|(name, parameter)| {
        format!(
            "{} = {}",
            ours(name, NAME_MAX),
            code(&parameter.value, VALUE_MAX)
        )
    });
    let mut words = vec![format!("*{}*", ours(proposal.action.as_str(), NAME_MAX))];
    words.extend(parameters);
    words.join("  ")
}

/// Why it is not done without a person: a line for each condition that fails.
pub fn why(case: &Case, decision: &Decision) -> Vec<String> {
    let findings = decision.verdict.findings.iter();
    let mut failing: Vec<&Finding> = findings.filter(|finding| !finding.holds).collect();
    // What is so for every case comes after what is so for this one.
    failing.sort_by_key(|finding| reasons::is_of_every_case(finding.code));
    let mut lines = vec!["*Why not automatic*".to_owned()];
    lines.extend(failing.iter().take(REASONS_MAX).map(|finding| {
        let observed = code(&finding.observed, VALUE_MAX);
        format!("• {} ({observed})", reasons::words(finding.code))
    }));
    let more = failing.len().saturating_sub(REASONS_MAX);
    if more > 0 {
        lines.push(format!("• and {more} more, by `/tierone case`"));
    }
    if failing.is_empty() {
        lines.push(match case.attempt {
            Some(_) => "• it was begun already, and a person decides what comes next".into(),
            None => "• a person is asked all the same".into(),
        });
    }
    lines
}
