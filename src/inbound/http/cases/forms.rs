//! The bodies of answers: one form a verb. An unknown field is an error, so that what a caller meant is never half done.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    app::answer::{Ending, Wish},
    domain::{
        canonical::Digest,
        draft::Disposition,
        id::{ActionId, GroupId},
    },
};

/// Do what is asked; or, with another action or other values, put that to the gate and ask anew.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    digest: Digest,
    action: Option<ActionId>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    disposition: Option<Disposition>,
}

/// Do not do what is asked; the case is over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    digest: Digest,
    disposition: Disposition,
    reason: String,
    #[serde(default)]
    mattered: Vec<String>,
}

/// The case is over without what is asked, or without anything having been asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    disposition: Disposition,
    reason: String,
    #[serde(default)]
    mattered: Vec<String>,
}

/// A person takes the case. Nothing that is asked changes by it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {}

/// Another group is asked instead.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    to: GroupId,
    reason: String,
}

/// The case is put off; nobody is asked next, and nothing pages, before then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    until: Timestamp,
    reason: String,
}

/// What was closed was not over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reopen {
    reason: String,
}

impl From<Approve> for Wish {
    fn from(said: Approve) -> Self {
        if said.action.is_none() && said.set.is_empty() && said.disposition.is_none() {
            return Self::Approve(said.digest);
        }
        Self::Propose {
            digest: said.digest,
            action: said.action,
            set: said.set.into_iter().collect(),
            disposition: said.disposition,
        }
    }
}

impl From<Reject> for Wish {
    fn from(said: Reject) -> Self {
        let ending = Ending {
            disposition: said.disposition,
            reason: said.reason,
            mattered: said.mattered,
        };
        Self::Reject(said.digest, ending)
    }
}

impl From<Resolve> for Wish {
    fn from(said: Resolve) -> Self {
        Self::Resolve(Ending {
            disposition: said.disposition,
            reason: said.reason,
            mattered: said.mattered,
        })
    }
}

impl From<Claim> for Wish {
    fn from(Claim {}: Claim) -> Self {
        Self::Claim
    }
}

impl From<Escalate> for Wish {
    fn from(said: Escalate) -> Self {
        Self::Escalate(said.to, said.reason)
    }
}

impl From<Snooze> for Wish {
    fn from(said: Snooze) -> Self {
        Self::Snooze(said.until, said.reason)
    }
}

impl From<Reopen> for Wish {
    fn from(said: Reopen) -> Self {
        Self::Reopen(said.reason)
    }
}
