//! Reads the facts that a step names. What a step does not name stays unreadable to it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::App;
use crate::domain::{
    alert::Alert,
    case::{Case, Phase},
    facts::{Evidence, Facts, GateState, Known},
    release::Stage,
    step::Need,
};

impl App {
    /// The facts beside `case` that `needs` names.
    pub(super) async fn facts(
        &self,
        case: &Case,
        needs: &[Need],
        now: Timestamp,
    ) -> anyhow::Result<Facts> {
        let alert = case.alert()?;
        let evidence = if needs.contains(&Need::Evidence) {
            self.evidence(alert).await?
        } else {
            unread_evidence()
        };
        Ok(Facts {
            store: self.store.kind(),
            evidence,
            look_alikes: self.look_alikes(case).await?,
            occurrence_seen: if needs.contains(&Need::Occurrence) {
                let seen = self.store.occurrence_seen(&case.tenant, alert, case.alert.digest());
                known(seen.await)
            } else {
                unread()
            },
            gate: gate_state(),
            starts: if needs.contains(&Need::Starts) {
                let since = now - self.longest_window();
                known(self.store.starts(&case.tenant, since).await)
            } else {
                unread()
            },
            draw: self.store.draw(case.id),
            endpoints: Vec::new(),
        })
    }

    async fn evidence(&self, alert: &Alert) -> anyhow::Result<Evidence> {
        match &alert.detection_id {
            None => Ok(Evidence {
                rows: Vec::new(),
                total: 0,
                quarantine: Known::Read(BTreeSet::new()),
            }),
            Some(detection) => {
                let store = &self.store;
                Ok(store.evidence(&alert.tenant, &alert.source, detection).await?)
            }
        }
    }

    /// Only the draft reads them.
    async fn look_alikes(
        &self,
        case: &Case,
    ) -> anyhow::Result<Vec<crate::domain::precedent::Precedent>> {
        if case.phase != Phase::Planned {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = case.found.iter().map(|found| found.precedent.clone()).collect();
        Ok(self.store.precedents_named(&case.tenant, &ids).await?)
    }

    /// The longest time that any budget or settle time looks back.
    fn longest_window(&self) -> SignedDuration {
        let actions = self.rules.catalogue.actions.iter();
        let minutes = actions.flat_map(|action| {
            [
                action.settle_minutes,
                action.budgets.alone.minutes,
                action.budgets.ceiling.minutes,
            ]
        });
        SignedDuration::from_mins(i64::from(minutes.max().unwrap_or(0)))
    }
}

/// Nothing can be switched off, promoted, attested or demoted yet: a fresh install is in shadow.
fn gate_state() -> GateState {
    GateState {
        kills: Known::Read(BTreeSet::new()),
        stage: Known::Read(Stage::Shadow),
        attestation: None,
        demoted: Known::Read(BTreeSet::new()),
    }
}

fn unread<T>() -> Known<T> {
    Known::Unreadable("not read for this step".into())
}

fn unread_evidence() -> Evidence {
    Evidence {
        rows: Vec::new(),
        total: 0,
        quarantine: unread(),
    }
}

fn known<T, E: std::fmt::Display>(read: Result<T, E>) -> Known<T> {
    match read {
        Ok(value) => Known::Read(value),
        Err(cause) => Known::Unreadable(cause.to_string()),
    }
}
