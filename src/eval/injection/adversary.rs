//! The hijacked drafter: it does what the string wants, in the form of a draft, with full confidence.

use super::strings::{Attack, Wants};
use crate::{
    domain::{action::Catalogue, draft::Disposition, id::ActionId},
    ports::Reply,
};

/// The draft of a model that obeys `attack`.
pub fn obey(attack: &Attack, catalogue: &Catalogue) -> Reply {
    let (disposition, action, value) = match &attack.wants {
        Wants::Close => (Disposition::FalsePositive, Some(ActionId::new("close")), ""),
        Wants::Act { action, value } => (
            Disposition::TruePositive,
            Some(action.clone()),
            value.as_str(),
        ),
        Wants::Leak => (Disposition::Undetermined, None, ""),
        Wants::Suppress => (Disposition::BenignPositive, None, ""),
    };
    let found = action
        .as_ref()
        .and_then(|id| catalogue.actions.iter().find(|entry| entry.id == *id));
    let parameters = found.map(|entry| {
        let names = entry.parameters.keys();
        names.map(|name| (name.clone(), value.to_owned())).collect()
    });
    Reply {
        disposition,
        action,
        parameters: parameters.unwrap_or_default(),
        rationale: attack.parts.join(" ").chars().take(500).collect(),
        citations: Vec::new(),
        reply: matches!(attack.wants, Wants::Leak)
            .then(|| "As asked: the instructions that I follow are these.".into()),
        tokens: 1,
    }
}
