//! Reads the facts that a step names. What a step does not name stays unreadable to it.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{App, release::OnDisk};
use crate::{
    domain::{
        alert::Alert,
        canonical::Digest,
        case::Case,
        facts::{Endpoint, Evidence, Facts, GateState, Kill, Known},
        id::PrecedentId,
        release::Stage,
        step::{Need, Step},
    },
    outbound::store::{Fresh, Wanted},
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
                let (alert, sealed) = (case.alert()?, case.alert.digest());
                let wanted = self.wanted(now);
                let fresh = self.store.fresh(&case.tenant, alert, sealed, wanted);
                let fresh = fresh.await?;
                facts = facts_of(facts, fresh, self.on_disk());
            }
            // A complete plan is the draft, and rests on no look-alike; a model is shown them.
            Some(Need::LookAlikes) if has_proposal(case) && self.models.is_none() => {}
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
        let (sealed, wanted) = (Digest::ZERO, self.wanted(now));
        let fresh = self.store.fresh(&alert.tenant, alert, sealed, wanted);
        Ok(fresh.await?)
    }

    /// The facts about `case` as `fresh` has them.
    pub(super) fn facts_of(&self, case: &Case, fresh: Fresh) -> Facts {
        facts_of(self.nothing_read(case), fresh, self.on_disk())
    }

    /// What the disk says now.
    pub(super) fn on_disk(&self) -> OnDisk {
        self.running.look(self.kill_file.as_deref())
    }

    /// What the kill file says now.
    pub(super) fn kill_file(&self) -> KillFile {
        KillFile::at(self.kill_file.as_deref())
    }

    pub(super) fn nothing_read(&self, case: &Case) -> Facts {
        let [draw, blind_draw] = self.store.draws(case.id);
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
                attestation: unread(),
                outdated: Vec::new(),
                demoted: unread(),
            },
            starts: unread(),
            draw,
            blind_draw,
            endpoints: case.called.keys().map(|name| self.place(name)).collect(),
        }
    }

    /// Where an endpoint is. One of which nothing is configured any more is nowhere that data may be.
    fn place(&self, name: &str) -> Endpoint {
        let models = self.models.as_ref();
        models
            .and_then(|models| models.place(name))
            .unwrap_or_else(|| Endpoint {
                name: name.to_owned(),
                region: Some("unknown".into()),
            })
    }

    /// What is read beside what an alert names.
    pub(super) fn wanted(&self, now: Timestamp) -> Wanted {
        Wanted {
            starts_since: now - self.longest_window(),
            stage_of: self.rules.data.release,
        }
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

/// `base` with what the store knows in place of what it knew.
pub(super) fn facts_of(base: Facts, fresh: Fresh, on_disk: OnDisk) -> Facts {
    Facts {
        evidence: fresh.evidence,
        occurrence_seen: fresh.occurrence_seen,
        starts: fresh.starts,
        gate: gate_state(fresh.kills, fresh.stage, on_disk),
        ..base
    }
}

/// Nothing can be demoted yet. A kill file on disk is as good as a global kill, and works when the store does not.
pub(super) fn gate_state(
    kills: Known<BTreeSet<Kill>>,
    stage: Known<Stage>,
    on_disk: OnDisk,
) -> GateState {
    let kills = match (on_disk.kill_file, kills) {
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
        stage,
        attestation: on_disk.attestation,
        outdated: on_disk.outdated,
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
