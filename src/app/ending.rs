//! Ending: what a person says when they end a case, held against its alert.

use super::{App, answer::Ending, denied::Denied};
use crate::domain::{
    answer::{Closing, Mattered},
    case::Case,
    precedent::Breadth,
    sealed::Sealed,
};

impl App {
    /// Why a person does something. Whoever reads it later was not there.
    pub(super) fn sealed(&self, reason: String) -> anyhow::Result<Sealed<String>> {
        if reason.trim().is_empty() {
            return Err(Denied::NoReason.into());
        }
        Ok(Sealed::new(reason, self.chance.salt()?)?)
    }

    /// How the case ends, in the facets that its alert has.
    pub(super) fn closing(&self, case: &Case, ending: Ending) -> anyhow::Result<Closing> {
        let facets = case.alert.content().map(|alert| alert.facets.as_slice());
        let has = |key: &String| {
            let mut facets = facets.unwrap_or_default().iter();
            facets.any(|facet| {
                facet.key == *key
                    && facet
                        .value
                        .as_deref()
                        .is_some_and(|value| !value.is_empty())
            })
        };
        if let Some(facet) = ending.mattered.iter().find(|key| !has(key)) {
            let facet = facet.clone();
            return Err(Denied::NoSuchFacet { facet }.into());
        }
        let breadth = if ending.mattered.is_empty() {
            Breadth::Strict
        } else {
            Breadth::Loosened
        };
        Ok(Closing {
            disposition: ending.disposition,
            reason: self.sealed(ending.reason)?,
            mattered: Mattered {
                breadth,
                facets: ending.mattered,
            },
        })
    }
}
