//! Reads the facts that a step names. What a step does not name stays unreadable to it.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::App;
use crate::{
    domain::{
        alert::Alert,
        canonical::Digest,
        case::Case,
        facts::{Evidence, Facts, GateState, Kill, Known},
        id::PrecedentId,
        release::Stage,
        step::{Need, Step},
    },
    outbound::store::Fresh,
};

impl App {
    /// The facts beside `case` that `step` takes. What the store knows is read at one moment for all steps of a drive.
    pub(super) async fn facts(
        &self,
        case: &Case,
        step: &Step,
        earlier: Option<Facts>,
        now: Timestamp,
    ) -> anyhow::Result<Facts> {
        let mut facts = earlier.unwrap_or_else(|| self.nothing_read(case));
        match step.need() {
            None => {}
            Some(Need::Store) if facts.evidence.quarantine != unread() => {}
            Some(Need::Store) => {
                let since = now - self.longest_window();
                let (alert, sealed) = (case.alert()?, case.alert.digest());
                let fresh = self.store.fresh(&case.tenant, alert, sealed, since).await?;
                facts = facts_of(facts, fresh, self.kill_file());
            }
            // A complete plan is the draft, and rests on no look-alike.
            Some(Need::LookAlikes) if has_proposal(case) => {}
            Some(Need::LookAlikes) => {
                let ids = case.found.iter().map(|found| found.precedent.clone());
                let ids: Vec<PrecedentId> = ids.collect();
                facts.look_alikes = self.store.precedents_named(&case.tenant, &ids).await?;
            }
        }
        Ok(facts)
    }

    /// What the store knows about an alert that was not appended yet.
    pub(super) async fn fresh(&self, alert: &Alert, now: Timestamp) -> anyhow::Result<Fresh> {
        let since = now - self.longest_window();
        let fresh = self.store.fresh(&alert.tenant, alert, Digest::ZERO, since);
        Ok(fresh.await?)
    }

    /// The facts about `case` as `fresh` has them.
    pub(super) fn facts_of(&self, case: &Case, fresh: Fresh) -> Facts {
        facts_of(self.nothing_read(case), fresh, self.kill_file())
    }

    /// What the kill file says now.
    pub(super) fn kill_file(&self) -> KillFile {
        KillFile::at(self.kill_file.as_deref())
    }

    pub(super) fn nothing_read(&self, case: &Case) -> Facts {
        Facts {
            store: self.store.kind(),
            evidence: Evidence {
                rows: Arc::default(),
                total: 0,
                quarantine: unread(),
            },
            look_alikes: Vec::new(),
            occurrence_seen: unread(),
            gate: GateState {
                kills: unread(),
                stage: unread(),
                attestation: None,
                demoted: unread(),
            },
            starts: unread(),
            draw: self.store.draw(case.id),
            endpoints: Vec::new(),
        }
    }

    /// The longest time that any budget or settle time looks back.
    pub(super) fn longest_window(&self) -> SignedDuration {
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

/// `base` with what the store knows in place of what it knew.
pub(super) fn facts_of(base: Facts, fresh: Fresh, kill_file: KillFile) -> Facts {
    Facts {
        evidence: fresh.evidence,
        occurrence_seen: fresh.occurrence_seen,
        starts: fresh.starts,
        gate: gate_state(fresh.kills, kill_file),
        ..base
    }
}

/// Nothing can be promoted, attested or demoted yet: every install is in shadow. A kill file on disk is as good as a global kill, and
/// works when the store does not.
pub(super) fn gate_state(kills: Known<BTreeSet<Kill>>, kill_file: KillFile) -> GateState {
    let kills = match (kill_file, kills) {
        (KillFile::Absent, kills) => kills,
        (KillFile::Present, Known::Read(mut kills)) => {
            kills.insert(Kill::Global);
            Known::Read(kills)
        }
        (KillFile::Present, Known::Unreadable(_)) => Known::Read(BTreeSet::from([Kill::Global])),
        (KillFile::Unreadable(cause), _) => Known::Unreadable(cause),
    };
    GateState {
        kills,
        stage: Known::Read(Stage::Shadow),
        attestation: None,
        demoted: Known::Read(BTreeSet::new()),
    }
}

/// A file whose presence switches everything off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KillFile {
    /// It is not there.
    Absent,
    /// It is there.
    Present,
    /// It cannot be told, which means on.
    Unreadable(String),
}

impl KillFile {
    /// What the file at `path` says now.
    pub(super) fn at(path: Option<&Path>) -> Self {
        match path.map(std::fs::symlink_metadata) {
            None => Self::Absent,
            Some(Ok(_)) => Self::Present,
            Some(Err(cause)) if cause.kind() == std::io::ErrorKind::NotFound => Self::Absent,
            Some(Err(cause)) => Self::Unreadable(format!("kill file: {cause}")),
        }
    }
}

fn has_proposal(case: &Case) -> bool {
    case.plan
        .as_ref()
        .is_some_and(|plan| plan.proposal().is_some())
}

fn unread<T>() -> Known<T> {
    Known::Unreadable("not read for this step".into())
}
