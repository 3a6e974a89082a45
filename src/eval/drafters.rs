//! The drafters of trials: models that say what a case tells them to. None of them is a language model.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::trial::{Drafter, Warp};
use crate::{
    domain::{draft::Disposition, proposal::Proposal},
    ports::{Drafting, Fault, Reply, Shown},
};

/// A model that says what a case tells it to.
pub struct Model<'a>(&'a Drafter);

impl<'a> Model<'a> {
    /// The model of this drafter.
    pub const fn of(drafter: &'a Drafter) -> Self {
        Self(drafter)
    }
}

#[async_trait]
impl Drafting for Model<'_> {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn reply(&self, shown: &Shown<'_>) -> Result<Reply, Fault> {
        match self.0 {
            Drafter::Says(reply) => Ok(reply.clone()),
            Drafter::Fails(fault) => Err(fault.clone()),
            Drafter::Own | Drafter::Echo => Ok(copied(shown.plan.proposal(), &Warp::default())),
            Drafter::Warped(warp) => Ok(copied(shown.plan.proposal(), warp)),
        }
    }
}

/// The plan's words but for these changes, with full confidence.
fn copied(plan: Option<&Proposal>, warp: &Warp) -> Reply {
    let parameters: BTreeMap<String, String> = plan.map_or_else(BTreeMap::new, |plan| {
        let values = plan.parameters.iter().skip(warp.fewer);
        values
            .map(|(name, one)| (name.clone(), format!("{}{}", one.value, warp.suffix)))
            .collect()
    });
    Reply {
        disposition: warp
            .disposition
            .or_else(|| plan.map(|plan| plan.disposition))
            .unwrap_or(Disposition::Undetermined),
        action: warp
            .action
            .clone()
            .or_else(|| plan.map(|plan| plan.action.clone())),
        parameters: parameters.into_iter().chain(warp.more.clone()).collect(),
        rationale: "Certain, confidence 1.0: every condition holds.".into(),
        citations: Vec::new(),
        reply: None,
        tokens: 1,
    }
}
