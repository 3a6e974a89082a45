//! Show: what the release is made of, how far it was promoted, what attests it, and what is missing before anything is done alone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Running;
use crate::{
    app::{App, rules},
    config::Config,
    domain::{
        canonical::Digest,
        facts::{Known, StoreKind},
        operation::everyone,
        release::{Release, Stage},
    },
    outbound::store::Store,
    pipeline::gate::attested::Attested,
};

/// A release, as it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The kind of store that it is for.
    pub store: StoreKind,
    /// Its digest.
    pub digest: Digest,
    /// Its components.
    pub components: Vec<Component>,
    /// How far it was promoted.
    pub stage: Known<Stage>,
    /// Whether it is attested.
    pub attested: Attested,
    /// What keeps everything from being done alone, each with what to do.
    pub missing: Vec<String>,
}

/// A component of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Its digest; `None` where only what is attested has it.
    pub digest: Option<Digest>,
    /// What was attested; `None` where nothing is attested, or not this.
    pub attested: Option<Digest>,
}

/// The release of this program with this configuration, in the store at `url`.
pub async fn show(config: &Config, url: &str, now: Timestamp) -> anyhow::Result<Standing> {
    let (kind, path) = Store::place(url)?;
    let (rules, watch) = rules::load_watched(config, kind, &rules::Texts::read(config)?)?;
    let running = Running::open(config, kind, &rules, watch)?;
    let stage = if path.exists() {
        stage(url, rules.data.release).await
    } else {
        Known::Read(Stage::Shadow)
    };
    Ok(running.standing(config, kind, rules.data.release, stage, now))
}

impl App {
    /// The release that is running.
    pub async fn release(&self, now: Timestamp) -> Standing {
        let digest = self.rules.data.release;
        let stage = known(self.store.stage(&everyone(), digest).await);
        self.running
            .standing(&self.config, self.kind(), digest, stage, now)
    }
}

impl Running {
    fn standing(
        &self,
        config: &Config,
        store: StoreKind,
        digest: Digest,
        stage: Known<Stage>,
        now: Timestamp,
    ) -> Standing {
        let attested = self.attested(now);
        let missing = missing(config, store, &stage, &attested);
        Standing {
            store,
            digest,
            components: self.components(),
            stage,
            attested,
            missing,
        }
    }

    fn components(&self) -> Vec<Component> {
        let none = BTreeMap::new();
        let attestation = self.attestation.look();
        let attested = match &attestation {
            Known::Read(Some(attestation)) => &attestation.release.components,
            Known::Read(None) | Known::Unreadable(_) => &none,
        };
        let Release { components: own } = &*self.release;
        let mut names: Vec<&String> = own.keys().chain(attested.keys()).collect();
        names.sort();
        names.dedup();
        let component = |name: &String| Component {
            name: name.clone(),
            digest: own.get(name).copied(),
            attested: attested.get(name).copied(),
        };
        names.into_iter().map(component).collect()
    }
}

async fn stage(url: &str, release: Digest) -> Known<Stage> {
    match Store::frozen(url).await {
        Ok(store) => known(store.stage(&everyone(), release).await),
        Err(cause) => Known::Unreadable(cause.to_string()),
    }
}

fn known(read: Result<Stage, crate::outbound::store::StoreError>) -> Known<Stage> {
    match read {
        Ok(stage) => Known::Read(stage),
        Err(cause) => Known::Unreadable(cause.to_string()),
    }
}

fn missing(
    config: &Config,
    store: StoreKind,
    stage: &Known<Stage>,
    attested: &Attested,
) -> Vec<String> {
    let files = &config.files;
    let absent = [
        ("[gate] policies", config.gate.policies.is_none()),
        ("[files] people", files.people.is_none()),
        ("[files] inventory", files.inventory.is_none()),
        ("[files] never", files.never.is_none()),
        ("[files] calibration", files.calibration.is_none()),
    ];
    // What a store that is not live lacks, the demo has.
    let absent = absent
        .iter()
        .filter(|(_, absent)| *absent && store == StoreKind::Live);
    let mut missing: Vec<String> = absent.map(|(key, _)| format!("{key} is absent")).collect();
    match attested {
        Attested::Until(_) => {}
        Attested::Absent if config.release.attestation.is_none() => {
            missing.push("[release] attestation is absent".into());
        }
        invalid => missing.push(format!("attestation: {invalid}")),
    }
    match stage {
        Known::Read(Stage::Shadow) => missing.push("promotion: it is in shadow".into()),
        Known::Read(Stage::Canary | Stage::Full) => {}
        Known::Unreadable(cause) => missing.push(format!("the stage cannot be read: {cause}")),
    }
    missing
}
