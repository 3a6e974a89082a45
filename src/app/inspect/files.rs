//! The site's files: each is read, whatever is wrong with the others.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context as _, anyhow};
use serde::de::DeserializeOwned;

use super::Inspection;
use crate::{
    app::{
        reading,
        rules::{self, policy_text},
    },
    config::Config,
    domain::{
        action::Catalogue,
        asset::Inventory,
        calibration::Calibration,
        facts::StoreKind,
        id::GroupId,
        never::NeverList,
        person::{CURATORS, People, Proof},
    },
    pipeline::gate::{injection::Signs, site_policy::SitePolicy},
};

/// What a store that is not live uses where nothing is configured.
const DEMOS: &str = "the demo's own";

impl Inspection {
    /// The catalogue, where it can be read.
    pub(super) fn policies(&mut self, config: &Config, kind: StoreKind) -> Option<Catalogue> {
        const KEY: &str = "gate.policies";
        let catalogue = self.take(rules::catalogue(config));
        let signs = policy_text(config, "injection.toml").and_then(|text| {
            Signs::read(&text).context("injection.toml is wrong; nothing would be looked for")
        });
        self.take(signs);
        let cedar = self.take(policy_text(config, "gate.cedar"));
        let schema = self.take(policy_text(config, "gate.cedarschema"));
        let mut rules = 0;
        if let (Some(catalogue), Some(cedar), Some(schema)) = (&catalogue, cedar, schema) {
            let policy = SitePolicy::read(&cedar, &schema, catalogue).map_err(Into::into);
            rules = self.take(policy).map_or(0, |policy| policy.ids().len());
        }
        let value = named(config.gate.policies.as_deref());
        let actions = catalogue.as_ref().map_or(0, |found| found.actions.len());
        let effect = match (&value, kind) {
            (None, StoreKind::Live) => {
                format!(
                    "the built-in catalogue of {actions} actions, and no policy: nobody may approve anything, and everything asks"
                )
            }
            _ => format!("{actions} actions and {rules} policies"),
        };
        self.part(KEY, value, effect);
        catalogue
    }

    pub(super) fn files(
        &mut self,
        config: &Config,
        kind: StoreKind,
        catalogue: Option<&Catalogue>,
    ) {
        let files = &config.files;
        let people = self.toml::<People>(files.people.as_deref(), "people");
        let effect = match &people {
            Some(people) => self.people(people, catalogue),
            None => absent(
                kind,
                "nobody is known, so nobody may answer, and everything with a target asks",
            ),
        };
        self.part("files.people", named(files.people.as_deref()), effect);
        let inventory = self.toml::<Inventory>(files.inventory.as_deref(), "inventory");
        let effect = match inventory {
            Some(inventory) => format!("{} assets", inventory.assets.len()),
            None => absent(kind, "everything with a target asks"),
        };
        self.part("files.inventory", named(files.inventory.as_deref()), effect);
        let never = self.toml::<NeverList>(files.never.as_deref(), "never list");
        let effect = match never {
            Some(never) => format!("{} entries", never.entries.len()),
            None => absent(kind, "everything with a target outside asks"),
        };
        self.part("files.never", named(files.never.as_deref()), effect);
        self.calibration(files.calibration.as_deref(), kind);
        self.sources(config);
        self.prompts(config);
    }

    fn prompts(&mut self, config: &Config) {
        let path = config.files.prompts.as_deref();
        let effect = match (self.take(rules::prompts(config)), path) {
            (Some(_), None) => "the built-in prompts",
            (Some(_), Some(_)) => "the prompts of this folder",
            (None, _) => "no model could be asked",
        };
        self.part("files.prompts", named(path), effect);
    }

    fn calibration(&mut self, path: Option<&Path>, kind: StoreKind) {
        let text = path.and_then(|path| self.take(read(path)));
        let calibration = text.and_then(|text| {
            let read = serde_json::from_str::<Calibration>(&text);
            self.take(read.context("the calibration file is wrong; everything would ask"))
        });
        let effect = match calibration {
            Some(found) if found.origin != kind.counts() => format!(
                "{} classes, of origin {}, which does not count in a {} store: everything asks",
                found.classes.len(),
                found.origin.word(),
                kind.word()
            ),
            Some(found) => format!("{} classes", found.classes.len()),
            None => absent(kind, "everything asks"),
        };
        self.part("files.calibration", named(path), effect);
    }

    fn sources(&mut self, config: &Config) {
        let files = self.take(rules::source_files(config)).unwrap_or_default();
        let mut names = BTreeSet::new();
        let path = config.files.sources.as_deref();
        for (name, text) in files {
            // A site's own file can end the process that reads it.
            let compiled = match path {
                Some(_) => reading::compile(&[(name.clone(), text)]),
                None => Ok(()),
            };
            if self.take(compiled).is_some() && !names.insert(name.clone()) {
                self.problems.push(anyhow!(
                    "two sources are called `{name}`; rename one of them"
                ));
            }
        }
        if path.is_some() && names.is_empty() {
            self.problems.push(anyhow!(
                "the folder `{}` has no source that can be read, so that no alert could be; put jq files there",
                named(path).unwrap_or_default()
            ));
        }
        let effect = format!("{} sources", names.len());
        self.part("files.sources", named(path), effect);
    }

    /// What the people file amounts to; what makes somebody unknown is wrong.
    fn people(&mut self, people: &People, catalogue: Option<&Catalogue>) -> String {
        let mut ids = BTreeSet::new();
        let mut claimed: BTreeMap<(Proof, &str), &str> = BTreeMap::new();
        for person in &people.people {
            let id = person.id.as_str();
            if !ids.insert(id) {
                self.problems.push(anyhow!(
                    "person `{id}` is there twice in the people file; give each an id of their own"
                ));
            }
            for (proof, identity) in &person.identities {
                if let Some(other) = claimed.insert((*proof, identity), id) {
                    self.problems.push(anyhow!(
                        "identity `{identity}` is said to be `{other}` and `{id}`, so that it proves nobody; give it to one of them"
                    ));
                }
            }
        }
        let groups = people.people.iter().flat_map(|person| &person.groups);
        let groups: BTreeSet<&GroupId> = groups.collect();
        let asked = catalogue.into_iter().flat_map(|catalogue| {
            let approvers = catalogue
                .actions
                .iter()
                .flat_map(|action| &action.approvers);
            catalogue.asks.default_chain.iter().chain(approvers)
        });
        let curators = GroupId::new(CURATORS);
        let asked: BTreeSet<&GroupId> = asked.chain([&curators]).collect();
        let empty: Vec<&str> = asked
            .difference(&groups)
            .map(|group| group.as_str())
            .collect();
        if empty.is_empty() {
            return format!("{} people", ids.len());
        }
        format!("{} people; nobody is in {}", ids.len(), empty.join(", "))
    }

    fn toml<T: DeserializeOwned>(&mut self, path: Option<&Path>, what: &str) -> Option<T> {
        let text = self.take(read(path?))?;
        let parsed = toml::from_str(&text);
        self.take(parsed.with_context(|| {
            format!(
                "the {what} file `{}` is wrong",
                named(path).unwrap_or_default()
            )
        }))
    }

    /// What was read; what was not is a problem.
    fn take<T>(&mut self, read: anyhow::Result<T>) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(cause) => {
                self.problems.push(cause);
                None
            }
        }
    }
}

fn named(path: Option<&Path>) -> Option<String> {
    path.map(|path| path.display().to_string())
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| {
        format!(
            "`{}` cannot be read; check the path in the config",
            path.display()
        )
    })
}

fn absent(kind: StoreKind, asks: &str) -> String {
    match kind {
        StoreKind::Live => asks.into(),
        StoreKind::Demo | StoreKind::Simulated => DEMOS.into(),
    }
}
