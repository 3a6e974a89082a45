//! Loads everything that shapes a decision. A live store takes its site's files from the config only: what is absent asks.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use serde::de::DeserializeOwned;

use crate::{
    config::Config,
    domain::{
        action::Catalogue, canonical::Digest, decision::Data, facts::StoreKind, person::People,
        release::Release,
    },
    embedded::{DemoFiles, PolicyFiles, SourceFiles, text, texts},
    pipeline::{
        gate::{injection::Signs, site_policy::SitePolicy},
        rules::Rules,
    },
};

/// The files of a policies folder.
const POLICY_FILES: [&str; 4] = [
    "actions.toml",
    "gate.cedar",
    "gate.cedarschema",
    "injection.toml",
];

/// Loads the rules for a store of this kind.
pub fn load(config: &Config, kind: StoreKind) -> anyhow::Result<Rules> {
    let policies = policy_texts(config)?;
    let catalogue: Catalogue = toml::from_str(part(&policies, "actions.toml")?)
        .context("actions.toml is wrong; nothing may act without a catalogue")?;
    let signs = Signs::read(part(&policies, "injection.toml")?)?;
    let policy = match (kind, &config.gate.policies) {
        (StoreKind::Live, None) => None,
        _ => Some(SitePolicy::read(
            part(&policies, "gate.cedar")?,
            part(&policies, "gate.cedarschema")?,
            &catalogue,
        )?),
    };
    let files = &config.files;
    let people = site_text(files.people.as_deref(), kind, "people.toml")?;
    let inventory = site_text(files.inventory.as_deref(), kind, "inventory.toml")?;
    let never = site_text(files.never.as_deref(), kind, "never.toml")?;
    let calibration = site_text(files.calibration.as_deref(), kind, "calibration.json")?;
    let data = Data {
        release: release(config, &policies, people.as_deref())?.digest()?,
        inventory: Digest::of_bytes(inventory.as_deref().unwrap_or_default().as_bytes()),
        calibration: calibration
            .as_deref()
            .map(|text| Digest::of_bytes(text.as_bytes())),
    };
    Ok(Rules {
        catalogue,
        signs,
        policy,
        inventory: parsed(inventory, "inventory")?,
        never: parsed(never, "never list")?,
        people: parsed(people, "people")?,
        calibration: calibration
            .map(|text| serde_json::from_str(&text).context("the calibration file is wrong"))
            .transpose()?,
        data,
    })
}

/// The catalogue of the site, else that of this build.
pub fn catalogue(config: &Config) -> anyhow::Result<Catalogue> {
    let text = policy_text(config, "actions.toml")?;
    toml::from_str(&text).context("actions.toml is wrong; nothing may act without a catalogue")
}

/// The people that the config names; none where there is no such file, or where it cannot be read.
pub(super) fn people(config: &Config) -> Option<People> {
    let path = config.files.people.as_deref()?;
    parsed(read(path).ok(), "people").ok()?
}

/// The source files: the site's folder, whole, or those of this build.
pub fn source_files(config: &Config) -> anyhow::Result<Vec<(String, String)>> {
    let Some(folder) = &config.files.sources else {
        return Ok(stems(texts::<SourceFiles>(".jq")?));
    };
    let listing = std::fs::read_dir(folder)
        .with_context(|| format!("sources folder `{}` cannot be read", folder.display()))?;
    let mut files = Vec::new();
    for entry in listing {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "jq") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.push((name.into_owned(), read(&path)?));
        }
    }
    files.sort();
    Ok(stems(files))
}

fn stems(files: Vec<(String, String)>) -> Vec<(String, String)> {
    let stem = |name: String| {
        name.strip_suffix(".jq")
            .map_or(name.clone(), ToOwned::to_owned)
    };
    files
        .into_iter()
        .map(|(name, text)| (stem(name), text))
        .collect()
}

fn policy_texts(config: &Config) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let one = |name: &'static str| Ok((name, policy_text(config, name)?));
    POLICY_FILES.into_iter().map(one).collect()
}

/// A file of the site's policies folder, whole, or of this build.
pub(super) fn policy_text(config: &Config, name: &str) -> anyhow::Result<String> {
    match &config.gate.policies {
        Some(folder) => read(&folder.join(name)),
        None => text::<PolicyFiles>(name),
    }
}

fn part<'a>(texts: &'a BTreeMap<&'static str, String>, name: &str) -> anyhow::Result<&'a str> {
    texts
        .get(name)
        .map(String::as_str)
        .with_context(|| format!("no `{name}`"))
}

/// A site's file: the one that the config names, else the demo's own in a store that is not live, else none.
fn site_text(path: Option<&Path>, kind: StoreKind, demo: &str) -> anyhow::Result<Option<String>> {
    match (path, kind) {
        (Some(path), _) => read(path).map(Some),
        (None, StoreKind::Live) => Ok(None),
        (None, StoreKind::Demo | StoreKind::Simulated) => text::<DemoFiles>(demo).map(Some),
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| {
        format!(
            "`{}` cannot be read; check the path in the config",
            path.display()
        )
    })
}

fn parsed<T: DeserializeOwned>(text: Option<String>, what: &str) -> anyhow::Result<Option<T>> {
    text.map(|text| toml::from_str(&text).with_context(|| format!("the {what} file is wrong")))
        .transpose()
}

fn release(
    config: &Config,
    policies: &BTreeMap<&'static str, String>,
    people: Option<&str>,
) -> anyhow::Result<Release> {
    let text = |text: &str| Digest::of_bytes(text.as_bytes());
    let mut components: BTreeMap<String, Digest> = policies
        .iter()
        .map(|(name, content)| (format!("policies/{name}"), text(content)))
        .collect();
    for (name, content) in source_files(config)? {
        components.insert(format!("sources/{name}.jq"), text(&content));
    }
    components.insert("people".into(), text(people.unwrap_or_default()));
    components.insert("binary".into(), text(env!("CARGO_PKG_VERSION")));
    Ok(Release { components })
}
