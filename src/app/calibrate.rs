//! Calibrate: what each class of action has earned by what people of this store decided blind, as a calibration to be put to use.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{App, answer::Claimant};
use crate::{
    config::GateConfig,
    domain::{
        calibration::{Calibration, Grant},
        event::{Body, Event},
        id::{PrecedentId, TenantId},
        operation::Deed,
        precedent::Precedent,
    },
    pipeline::{
        calibrate::{Account, Attack, Look, Row, Terms, account},
        trials::told,
    },
};

/// Cases that are read at once.
const PAGE: u32 = 2_000;

/// What came of a look.
#[derive(Clone, Debug)]
pub struct Calibrated {
    /// What each class has earned, by class.
    pub accounts: Vec<Account>,
    /// What was demanded.
    pub terms: Terms,
    /// Cases that are over, and those of them that people were asked blind about, and that are mature.
    pub cases: u64,
    /// Rows of blind answers.
    pub rows: u64,
    /// Mature cases that people closed as true positives.
    pub attacks: u64,
    /// What was granted.
    pub calibration: Calibration,
}

/// What the cases of a store say.
#[derive(Default)]
struct Said {
    cases: u64,
    rows: Vec<Row>,
    attacks: Vec<Attack>,
}

impl App {
    /// Looks at what people of `tenant` decided blind, on the word of a named person. The look is recorded, and so spent, before anything is
    /// read of it.
    pub async fn calibrate(
        &self,
        tenant: &TenantId,
        claimant: &Claimant,
        gate: &GateConfig,
        now: Timestamp,
    ) -> anyhow::Result<Calibrated> {
        let by = self.person(claimant)?;
        let classes = self.rules.catalogue.autonomous_classes();
        let looked = Deed::Looked {
            classes: classes.iter().cloned().collect(),
        };
        self.store.operate(tenant, &by, looked, now).await?;
        let operated = self.operated(tenant).await?;
        let terms = Terms {
            alpha: gate.alpha.of_one(),
            beta: gate.beta.of_one(),
            delta: gate.delta.of_one(),
        };
        let said = self.said(tenant, &operated.quarantine, now).await?;
        let look = Look {
            number: operated.looks,
            classes: operated.classes_looked,
        };
        let accounts: Vec<Account> = classes
            .iter()
            .map(|class| account(class, &said.rows, &said.attacks, look, terms))
            .collect();
        Ok(Calibrated {
            calibration: Calibration {
                tenant: Some(tenant.clone()),
                origin: self.store.kind().counts(),
                granted: format!(
                    "earned: alpha {}, beta {}, delta {}, {} blind answers in {} cases",
                    terms.alpha,
                    terms.beta,
                    terms.delta,
                    said.rows.len(),
                    said.cases
                ),
                at: now,
                quarantine: operated.quarantine.into_iter().collect(),
                classes: accounts.iter().filter_map(grant).collect(),
            },
            accounts,
            terms,
            cases: said.cases,
            rows: count(said.rows.len()),
            attacks: count(said.attacks.len()),
        })
    }

    /// What the cases of `tenant` say. What rests on a precedent in quarantine, or on one that does not count here, says nothing for acting alone.
    async fn said(
        &self,
        tenant: &TenantId,
        quarantine: &std::collections::BTreeSet<PrecedentId>,
        now: Timestamp,
    ) -> anyhow::Result<Said> {
        let origin = self.store.kind().counts();
        let precedents = self.store.precedents(tenant).await?.into_iter();
        let precedents: BTreeMap<PrecedentId, Precedent> =
            precedents.map(|row| (row.id.clone(), row)).collect();
        let (mut said, mut after) = (Said::default(), String::new());
        loop {
            let page = self.store.history(tenant, &after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(said);
            };
            after.clone_from(&last.case);
            for past in &page {
                said.cases += 1;
                let made = learned(&past.events).and_then(|id| precedents.get(id));
                let Some(precedent) = made else {
                    continue;
                };
                let counts = precedent.origin == origin && !quarantine.contains(&precedent.id);
                let told = told(&past.events, precedent, counts, now);
                said.rows.extend(told.row);
                said.attacks.extend(told.attack);
            }
        }
    }
}

/// The precedent that stands of a case that is over.
fn learned(events: &[Event]) -> Option<&PrecedentId> {
    events.iter().rev().find_map(|event| match &event.body {
        Body::Learned { precedent } => Some(precedent),
        _ => None,
    })
}

fn grant(account: &Account) -> Option<Grant> {
    Some(Grant {
        class: account.class.clone(),
        rung: account.granted?,
    })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
