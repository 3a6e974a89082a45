//! Precedents as people look through them: what each says, whether it counts, and who confirmed it or put it into quarantine.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{App, seen};
use crate::domain::{
    id::{PersonId, PrecedentId, TenantId},
    operation::{Deed, Operation, Standing},
    precedent::{Precedent, PrecedentOrigin},
};

/// A precedent and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// The precedent.
    pub precedent: Precedent,
    /// Whether it counts.
    pub counts: Counts,
    /// Who confirmed it and when, where it was brought in.
    pub confirmed: Option<(PersonId, Timestamp)>,
}

/// Whether a precedent counts in the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counts {
    /// It does.
    Yes,
    /// It does where every declared facet is equal; its wider scope waits for a second person.
    Strictly,
    /// It ranks what people see until a curator confirms it.
    Unconfirmed,
    /// It is of an origin that does not count in this kind of store.
    Elsewhere(PrecedentOrigin),
    /// It is in quarantine.
    Quarantined(Quarantined),
}

/// Who put a precedent into quarantine, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why; `None` where that was erased.
    pub reason: Option<String>,
}

impl Counts {
    /// In one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Yes => "counts",
            Self::Strictly => "counts strictly",
            Self::Unconfirmed => "unconfirmed",
            Self::Elsewhere(_) => "other kind",
            Self::Quarantined(_) => "quarantined",
        }
    }
}

impl App {
    /// Every precedent of `tenant`, by id and as people see it, with what its chain says of each.
    pub async fn look_through_precedents(&self, tenant: &TenantId) -> anyhow::Result<Vec<Looked>> {
        let (rows, became): (Vec<_>, Vec<_>) = self
            .whole_precedents(tenant)
            .await?
            .into_iter()
            .map(|one| (one.precedent, (one.counts, one.confirmed)))
            .unzip();
        let looked = seen::precedents(&rows)?.into_iter().zip(became);
        let looked = looked.map(|(precedent, (counts, confirmed))| Looked {
            precedent,
            counts,
            confirmed,
        });
        Ok(looked.collect())
    }

    /// The same with all that they rest on, to be imported elsewhere.
    pub async fn whole_precedents(&self, tenant: &TenantId) -> anyhow::Result<Vec<Looked>> {
        let mut told = told(self.store.operations(tenant).await?);
        let rows = self.store.precedents(tenant).await?;
        let own = self.store.kind().counts();
        let looked = rows.into_iter().map(|precedent| Looked {
            confirmed: told.confirmed.remove(&precedent.id),
            counts: match (told.quarantined.remove(&precedent.id), precedent.origin) {
                (Some(by), _) => Counts::Quarantined(by),
                (None, origin) if origin == own && precedent.wider.is_some() => Counts::Strictly,
                (None, origin) if origin == own => Counts::Yes,
                (None, PrecedentOrigin::Imported) => Counts::Unconfirmed,
                (None, origin) => Counts::Elsewhere(origin),
            },
            precedent,
        });
        Ok(looked.collect())
    }

    /// The fold of the operations of `tenant`.
    pub(super) async fn operated(&self, tenant: &TenantId) -> anyhow::Result<Standing> {
        let mut standing = Standing::default();
        for operation in self.store.operations(tenant).await? {
            standing.apply(&operation)?;
        }
        Ok(standing)
    }
}

/// What a chain says of precedents.
#[derive(Default)]
struct Told {
    confirmed: BTreeMap<PrecedentId, (PersonId, Timestamp)>,
    quarantined: BTreeMap<PrecedentId, Quarantined>,
}

fn told(operations: Vec<Operation>) -> Told {
    let mut told = Told::default();
    for Operation { by, at, deed, .. } in operations {
        match deed {
            Deed::Confirmed { precedent } => {
                told.confirmed.insert(precedent, (by, at));
            }
            Deed::Quarantined { precedents, reason } => {
                for precedent in precedents {
                    let first = Quarantined {
                        by: by.clone(),
                        at,
                        reason: reason.content().cloned(),
                    };
                    told.quarantined.entry(precedent).or_insert(first);
                }
            }
            Deed::Killed { .. }
            | Deed::Unkilled { .. }
            | Deed::Promoted { .. }
            | Deed::Looked { .. }
            | Deed::Halted { .. }
            | Deed::KeyChanged { .. } => {}
        }
    }
    told
}
