//! Compares two runs case by case: what changed for the worse, what for the better, and how likely so uneven a change is by chance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::run::Found;
use crate::domain::{
    canonical::{NotCanonical, to_bytes},
    statistics::mcnemar,
};

/// The cases of a run, as they are written beside its bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// Each case by suite and name.
    pub suites: BTreeMap<String, BTreeMap<String, CaseResult>>,
}

/// What was said of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseResult {
    /// What happened next; nothing, where it came to no result.
    pub effect: Option<crate::domain::decision::Effect>,
    /// What nobody hopes for; nothing, where all is well.
    pub complaint: Option<String>,
}

/// What differs between two runs.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Cases that both ran.
    pub both: u64,
    /// Cases that only one ran: of the first, of the second.
    pub alone: (u64, u64),
    /// Cases that were well and are not.
    pub worse: Vec<Changed>,
    /// Cases that were not well and are.
    pub better: Vec<Changed>,
    /// Cases that are as well as before and end in another effect.
    pub other: Vec<Changed>,
    /// The two-sided probability of so uneven a split into worse and better, by chance.
    pub p: f64,
}

/// A case that changed.
#[derive(Clone, Debug, Serialize)]
pub struct Changed {
    /// Its suite.
    pub suite: String,
    /// Its name.
    pub id: String,
    /// What was said of it.
    pub before: CaseResult,
    /// What is said of it.
    pub after: CaseResult,
}

impl Found {
    /// The canonical bytes of its cases.
    pub fn cases(&self) -> Result<Vec<u8>, NotCanonical> {
        let suites = self
            .bundle
            .suites
            .iter()
            .zip(&self.ran)
            .map(|(suite, ran)| {
                let cases = ran.iter().map(|ran| {
                    let result = CaseResult {
                        effect: ran.result.as_ref().ok().map(|graded| graded.effect),
                        complaint: ran.complaint(),
                    };
                    (ran.id.clone(), result)
                });
                (suite.name.clone(), cases.collect())
            });
        to_bytes(&Cases {
            suites: suites.collect(),
        })
    }
}

/// What differs between the runs `before` and `after`.
pub fn compare(before: &Cases, after: &Cases) -> Comparison {
    let (first, second) = (flat(before), flat(after));
    let both: Vec<_> = first
        .iter()
        .filter_map(|(name, case)| Some((*name, *case, *second.get(name)?)))
        .collect();
    let (mut worse, mut better, mut other) = (Vec::new(), Vec::new(), Vec::new());
    for ((suite, id), before, after) in &both {
        let changed = || Changed {
            suite: (*suite).to_owned(),
            id: (*id).to_owned(),
            before: (*before).clone(),
            after: (*after).clone(),
        };
        match (&before.complaint, &after.complaint) {
            (None, Some(_)) => worse.push(changed()),
            (Some(_), None) => better.push(changed()),
            (None, None) | (Some(_), Some(_)) if before.effect != after.effect => {
                other.push(changed());
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
    let alone = |own: &Flat<'_>| count(own.len() - both.len());
    Comparison {
        p: mcnemar(count(worse.len()), count(better.len())),
        both: count(both.len()),
        alone: (alone(&first), alone(&second)),
        worse,
        better,
        other,
    }
}

type Flat<'a> = BTreeMap<(&'a str, &'a str), &'a CaseResult>;

fn flat(cases: &Cases) -> Flat<'_> {
    let suites = cases.suites.iter();
    let named = suites.flat_map(|(suite, cases)| {
        cases
            .iter()
            .map(move |(id, case)| ((suite.as_str(), id.as_str()), case))
    });
    named.collect()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
