//! Inspect: reads everything that a configuration names, and says of each part what is in effect and what is wrong. Nothing is sent, made or
//! opened for work.

mod files;
mod model;
mod release;
mod slack;

use std::path::Path;

use anyhow::anyhow;

use super::{
    executors::faults,
    kill::file::{self, FileSwitch},
    wall_clock,
};
use crate::{
    config::Config,
    domain::{
        action::{Catalogue, ExecutorKind},
        facts::StoreKind,
    },
    outbound::store::Store,
};

/// What was found.
#[derive(Debug, Default)]
pub struct Inspection {
    /// Every part, in the order of the configuration.
    pub parts: Vec<Part>,
    /// Everything that is wrong.
    pub problems: Vec<anyhow::Error>,
    /// How many API keys the store has: made, and valid.
    pub keys: Keys,
}

/// How many API keys there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// All that were ever made.
    pub made: u64,
    /// Those that are not revoked.
    pub valid: u64,
}

/// A part of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its key.
    pub key: &'static str,
    /// What is configured; `None` where it is absent.
    pub value: Option<String>,
    /// What that means.
    pub effect: String,
}

/// Inspects `config`; `url` names the store, where anything does.
pub async fn inspect(config: &Config, url: Option<&str>) -> Inspection {
    let mut found = Inspection::default();
    let kind = found.store(url).await;
    found.model(config);
    let catalogue = found.policies(config, kind);
    found.kill_file(config);
    found.files(config, kind, catalogue.as_ref());
    found.release(config, kind);
    found.executors(config, catalogue.as_ref());
    found.slack(config);
    found
}

impl Inspection {
    fn part(&mut self, key: &'static str, value: Option<String>, effect: impl Into<String>) {
        let effect = effect.into();
        self.parts.push(Part { key, value, effect });
    }

    /// The kind of the store, live where it is not known.
    async fn store(&mut self, url: Option<&str>) -> StoreKind {
        const KEY: &str = "store.url";
        let Some(url) = url else {
            let effect = "`triage`, `cases` and `policy` use a throw-away demo store; every other command uses tierone.db, beside the config where there is one";
            self.part(KEY, None, effect);
            return StoreKind::Live;
        };
        let effect = match self.look(url).await {
            Ok((kind, effect)) => {
                self.part(KEY, Some(url.into()), effect);
                return kind;
            }
            Err(cause) => {
                self.problems.push(cause);
                "it cannot be used"
            }
        };
        self.part(KEY, Some(url.into()), effect);
        StoreKind::Live
    }

    async fn look(&mut self, url: &str) -> anyhow::Result<(StoreKind, String)> {
        let (kind, path) = Store::place(url)?;
        if path.exists() {
            let store = Store::frozen(url).await?;
            let keys = store.key_count().await?;
            self.keys = Keys {
                made: keys.made,
                valid: keys.valid,
            };
            let effect = format!(
                "a {} store, with {} valid API keys",
                kind.word(),
                keys.valid
            );
            return Ok((kind, effect));
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(anyhow!(
                "store `{url}` cannot be made: its folder is not there; make the folder"
            ));
        }
        let effect = format!(
            "a {} store, which is made when it is first used",
            kind.word()
        );
        Ok((kind, effect))
    }

    fn kill_file(&mut self, config: &Config) {
        const KEY: &str = "gate.kill_file";
        let path = config.gate.kill_file.as_deref();
        let value = path.map(|path| path.display().to_string());
        let effect = match file::read(path) {
            FileSwitch::NotNamed => {
                "no such file is looked for: `kill on` needs the store to work".to_owned()
            }
            FileSwitch::Present(..) => "it is there: everything is switched off".into(),
            FileSwitch::Unreadable(path, cause) => {
                let path = path.display();
                self.problems.push(anyhow!(
                    "kill file `{path}` cannot be told to be there or not: {cause}; let this user look into its folder"
                ));
                "everything counts as switched off".into()
            }
            FileSwitch::Absent(path) => {
                let folder = path.parent().filter(|folder| *folder != Path::new(""));
                if !folder.unwrap_or(Path::new(".")).is_dir() {
                    self.problems.push(anyhow!(
                        "kill file `{}` can never be made: its folder is not there; make the folder",
                        path.display()
                    ));
                }
                "while it is there, everything is switched off".into()
            }
        };
        self.part(KEY, value, effect);
    }

    fn executors(&mut self, config: &Config, catalogue: Option<&Catalogue>) {
        let problems = faults(config, wall_clock);
        self.problems.extend(problems.into_iter().map(Into::into));
        let of = |kind| {
            let actions = catalogue.map_or(&[][..], |catalogue| &catalogue.actions);
            let own = actions.iter().filter(|action| action.executor == kind);
            let ids: Vec<&str> = own.map(|action| action.id.as_str()).collect();
            if ids.is_empty() {
                "no action".to_owned()
            } else {
                ids.join(", ")
            }
        };
        let (hooked, paged) = (of(ExecutorKind::Webhook), of(ExecutorKind::Pagerduty));
        match &config.webhook {
            Some(webhook) => {
                let effect = format!("carries out {hooked}, signed");
                self.part("webhook.url", Some(without_query(&webhook.url)), effect);
            }
            None => self.part("webhook.url", None, format!("not carried out: {hooked}")),
        }
        match &config.pagerduty {
            Some(pagerduty) => {
                let effect = format!("carries out {paged}");
                self.part("pagerduty.url", Some(without_query(&pagerduty.url)), effect);
            }
            None => self.part("pagerduty", None, format!("not carried out: {paged}")),
        }
    }
}

/// A query may be a secret.
fn without_query(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}
