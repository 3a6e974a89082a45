//! Undo: what stands in the way of taking back what was done. Pure.

use super::{
    conditions::CONDITIONS,
    facts::{Subject, context},
};
use crate::domain::decision::{Code, Finding};

/// What binds an undo: what nobody may do, and the site's policy. No switch, budget, breaker or quorum is among them, because what is
/// undone was allowed once, and not to undo it may be the greater harm.
const BINDING: [Code; 5] = [
    Code::Exists,
    Code::Parameters,
    Code::TargetTenant,
    Code::TargetNever,
    Code::SitePolicy,
];

/// The conditions that hold back the undo of `subject`'s proposal by its principal.
pub fn held_back(subject: Subject<'_>) -> Vec<Finding> {
    let (context, _) = context(subject);
    CONDITIONS
        .iter()
        .filter(|condition| BINDING.contains(&condition.code))
        .map(|condition| condition.find(&context))
        .filter(|finding| !finding.holds)
        .collect()
}
