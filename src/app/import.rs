//! Import: what was decided elsewhere becomes precedents that rank what people see. They count in no decision before a curator confirms each.

pub mod row;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use self::row::{Reader, Row, Wrong};
use super::{App, answer::Claimant};
use crate::domain::{
    facts::EVIDENCE_MAX_ROWS,
    id::{PrecedentId, SourceId, TenantId},
    precedent::Precedent,
};

/// The most rows of one import.
pub const ROWS_MAX: usize = 50_000;

/// What came of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// Everything was brought in, or was here before.
    Done(Done),
    /// Nothing was brought in, because of these rows.
    Refused(Vec<Wrong>),
}

/// How many rows became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Precedents that are new.
    pub added: u64,
    /// Rows that were here before, with the same content.
    pub present: u64,
    /// Rows that say what an earlier row of the file says.
    pub repeated: u64,
}

/// Whether anything is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storing {
    /// It is.
    Real,
    /// It is only said what would be.
    DryRun,
}

impl App {
    /// Brings `rows` in on the word of `claimant`, all or none. A precedent's id is made of its content, so that the same file twice is the same
    /// as once, whatever became of its precedents meanwhile.
    pub async fn import(
        &self,
        tenant: &TenantId,
        claimant: &Claimant,
        rows: &[Row],
        storing: Storing,
        now: Timestamp,
    ) -> anyhow::Result<Imported> {
        let by = self.person(claimant)?;
        let reader = Reader {
            tenant,
            by: &by,
            proof: claimant.proof,
            catalogue: &self.rules.catalogue,
            sources: &self.reading,
            region: self.rules.residency.region(tenant),
            now,
        };
        let (mut precedents, mut wrong) = (BTreeMap::new(), Vec::new());
        for row in rows {
            match reader.precedent(row) {
                Ok(precedent) => {
                    let entry = precedents.entry(precedent.id.clone());
                    entry.or_insert((row.line, precedent));
                }
                Err(found) => wrong.extend(found),
            }
        }
        let stored = self.store.precedents(tenant).await?;
        wrong.extend(crowded(&stored, &precedents));
        if !wrong.is_empty() {
            wrong.sort_by_key(|wrong| wrong.line);
            return Ok(Imported::Refused(wrong));
        }
        let distinct = count(precedents.len());
        let repeated = count(rows.len()) - distinct;
        let rows: Vec<Precedent> = precedents.into_values().map(|(_, row)| row).collect();
        let added = match storing {
            Storing::Real => self.store.import_precedents(tenant, &rows).await?,
            Storing::DryRun => {
                let ids: BTreeSet<&PrecedentId> = stored.iter().map(|row| &row.id).collect();
                count(rows.iter().filter(|row| !ids.contains(&row.id)).count())
            }
        };
        Ok(Imported::Done(Done {
            added,
            present: distinct - added,
            repeated,
        }))
    }
}

/// Rows of a detection that would have more precedents than the gate counts: from then on everything about it would ask for ever.
fn crowded(stored: &[Precedent], new: &BTreeMap<PrecedentId, (u64, Precedent)>) -> Vec<Wrong> {
    let mut keys: BTreeMap<(&SourceId, &str), usize> = BTreeMap::new();
    for row in stored.iter().filter(|row| !new.contains_key(&row.id)) {
        *keys.entry(key(row)).or_default() += 1;
    }
    let mut wrong = Vec::new();
    for (line, row) in new.values() {
        let rows = keys.entry(key(row)).or_default();
        *rows += 1;
        if *rows == EVIDENCE_MAX_ROWS + 1 {
            wrong.push(Wrong {
                line: *line,
                field: "detection_id".into(),
                value: row.scope.detection_id.clone(),
                cause: format!(
                    "it would have more than {EVIDENCE_MAX_ROWS} precedents, which is all that the gate counts of one detection"
                ),
                cure: "import fewer rows of it",
            });
        }
    }
    wrong
}

fn key(row: &Precedent) -> (&SourceId, &str) {
    (&row.scope.source, &row.scope.detection_id)
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
