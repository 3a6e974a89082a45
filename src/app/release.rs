//! The release that is running: what it is made of, whether that is still what is on the disk, what attests it, and how far it was promoted.

pub mod attest;
mod attestation;
mod binary;
mod mark;
pub mod private_key;
pub mod show;
mod watch;

use std::{path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use self::attestation::AttestationFile;
pub(super) use self::{binary::build, watch::Watch};
use super::{App, answer::Claimant, denied::Denied, facts::KillFile, operate::Order};
use crate::{
    config::Config,
    domain::{
        facts::{GateState, Known, StoreKind},
        operation::{Operation, everyone},
        release::{Release, Stage},
    },
    pipeline::{gate::attested::Attested, rules::Rules},
};

/// How long before its end an attestation is warned about.
const WARN_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 7);

/// What the disk says of the release that is loaded.
#[derive(Debug)]
pub(super) struct Running {
    release: Arc<Release>,
    watch: Watch,
    attestation: AttestationFile,
}

/// What the disk says at one moment: the kill file, the attestation, and what is no longer what is loaded.
pub(super) struct OnDisk {
    pub(super) kill_file: KillFile,
    pub(super) attestation: Known<Option<crate::domain::release::Attestation>>,
    pub(super) outdated: Vec<String>,
}

impl Running {
    /// The release of `rules`, whose files `watch` watches.
    pub(super) fn open(
        config: &Config,
        store: StoreKind,
        rules: &Rules,
        watch: Watch,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            release: Arc::clone(&rules.release),
            watch,
            attestation: AttestationFile::open(&config.release, store)?,
        })
    }

    /// What the disk says now.
    pub(super) fn look(&self, kill_file: Option<&Path>) -> OnDisk {
        let attestation = self.attestation.look();
        OnDisk {
            kill_file: KillFile::at(kill_file),
            // Without an attestation nothing rests on the files.
            outdated: match attestation {
                Known::Read(Some(_)) => self.watch.outdated(),
                Known::Read(None) | Known::Unreadable(_) => Vec::new(),
            },
            attestation,
        }
    }

    /// Whether it is attested.
    pub(super) fn attested(&self, now: Timestamp) -> Attested {
        let on_disk = self.look(None);
        let gate = GateState {
            kills: Known::Read([].into()),
            stage: Known::Read(Stage::Shadow),
            attestation: on_disk.attestation,
            outdated: on_disk.outdated,
            demoted: Known::Read([].into()),
        };
        Attested::of(&gate, &self.release, now)
    }
}

impl App {
    /// Promotes the running release, on the word of a named person and for a reason. Beyond shadow it must be attested.
    pub async fn promote(
        &self,
        claimant: &Claimant,
        stage: Stage,
        reason: String,
        now: Timestamp,
    ) -> anyhow::Result<Operation> {
        self.person(claimant)?;
        let attested = self.running.attested(now);
        if stage != Stage::Shadow && !matches!(attested, Attested::Until(_)) {
            let why = attested.to_string();
            return Err(Denied::NotAttested { why }.into());
        }
        let order = Order::Promote(stage, reason);
        self.operate(&everyone(), claimant, order, now).await
    }

    /// What an operator must know before the agent stops acting alone, where anything attests: that it ends soon, or is not valid.
    pub fn release_warning(&self, now: Timestamp) -> Option<String> {
        if !self.running.attestation.is_named() {
            return None;
        }
        match self.running.attested(now) {
            Attested::Until(at) if at.duration_since(now) > WARN_BEFORE => None,
            Attested::Until(at) => Some(format!("the attestation ends {at}")),
            invalid => Some(format!("nothing is done alone: {invalid}")),
        }
    }
}
