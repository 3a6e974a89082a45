//! Loads everything that shapes a decision. A live store takes its site's files from the config only: what is absent asks.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock},
};

use anyhow::Context as _;
use serde::de::DeserializeOwned;

use super::release::{Watch, build};
use crate::{
    app::models,
    config::{Config, model::SecondKey},
    domain::{
        action::Catalogue, canonical::Digest, decision::Data, draft::KeyRule, facts::StoreKind,
        id::TenantId, person::People, release::Release, residency::Residency,
    },
    embedded::{DemoFiles, PolicyFiles, PromptFiles, SourceFiles, text, texts},
    pipeline::{
        gate::{injection::Signs, site_policy::SitePolicy},
        prompt::{self, Prompts},
        redact::Redaction,
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

/// What the name of a source's file ends with.
const SOURCE_ENDING: &str = ".jq";

/// Texts of files, by name.
pub type Files = Vec<(String, String)>;

/// The folders of the site's, or this build's, read once: what is digested is what is used.
pub(super) struct Texts {
    /// The sources.
    pub(super) sources: Files,
    /// The prompts.
    pub(super) prompts: Files,
}

impl Texts {
    /// Reads them.
    pub(super) fn read(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            sources: source_files(config)?,
            prompts: prompt_files(config)?,
        })
    }
}

/// Loads the rules for a store of this kind.
pub fn load(config: &Config, kind: StoreKind) -> anyhow::Result<Rules> {
    load_watched(config, kind, &Texts::read(config)?).map(|(rules, _)| rules)
}

/// The same with these texts, and with the files that all was loaded from.
pub(super) fn load_watched(
    config: &Config,
    kind: StoreKind,
    texts: &Texts,
) -> anyhow::Result<(Rules, Watch)> {
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
    let release = release(config, kind, texts, &policies, people.as_deref())?;
    let data = Data {
        release: release.digest()?,
        inventory: digest(inventory.as_deref()),
        calibration: calibration.as_deref().map(|text| digest(Some(text))),
    };
    let mut watch = watched(config, &release);
    for (name, path, text) in [
        ("inventory", &files.inventory, &inventory),
        ("never", &files.never, &never),
        ("calibration", &files.calibration, &calibration),
    ] {
        if let Some(path) = path {
            watch.file(name, path, digest(text.as_deref()));
        }
    }
    let rules = Rules {
        catalogue,
        signs,
        policy,
        inventory: parsed(inventory, "inventory")?,
        never: parsed(never, "never list")?,
        people: parsed(people, "people")?,
        calibration: calibration
            .map(|text| serde_json::from_str(&text).context("the calibration file is wrong"))
            .transpose()?,
        residency: Residency {
            region: config.residency.region.clone(),
            tenants: config
                .residency
                .tenants
                .iter()
                .map(|(tenant, region)| (TenantId::new(tenant.as_str()), region.clone()))
                .collect(),
        },
        key: key(config),
        data,
        release: Arc::new(release),
    };
    Ok((rules, watch))
}

/// Whether a plan needs a model's agreement.
pub(super) fn key(config: &Config) -> KeyRule {
    match config.model.as_ref().map(|model| model.shared.second_key) {
        None => KeyRule::Anyone,
        Some(SecondKey::Always) => KeyRule::Always,
        Some(SecondKey::WhenAsking) => KeyRule::WhenAsking,
    }
}

/// The digest of each component of the release that a store of this kind would run with.
pub fn components(config: &Config, kind: StoreKind) -> anyhow::Result<Release> {
    let people = site_text(config.files.people.as_deref(), kind, "people.toml")?;
    let texts = Texts::read(config)?;
    release(
        config,
        kind,
        &texts,
        &policy_texts(config)?,
        people.as_deref(),
    )
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
pub fn source_files(config: &Config) -> anyhow::Result<Files> {
    let Some(folder) = &config.files.sources else {
        return Ok(stems(texts::<SourceFiles>(SOURCE_ENDING)?));
    };
    let listing = std::fs::read_dir(folder)
        .with_context(|| format!("sources folder `{}` cannot be read", folder.display()))?;
    let mut files = Vec::new();
    for entry in listing {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(SOURCE_ENDING) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.push((name.into_owned(), read(&path)?));
        }
    }
    files.sort();
    Ok(stems(files))
}

/// The prompts: the site's folder, whole, or those of this build.
pub fn prompts(config: &Config) -> anyhow::Result<Prompts> {
    Ok(Prompts::read(prompt_files(config)?)?)
}

/// The rules by which secrets are taken out of prompts and masked for people. They are this build's, whatever the site's policies are, and read once.
pub fn redaction() -> anyhow::Result<&'static Redaction> {
    static RULES: LazyLock<Result<Redaction, String>> = LazyLock::new(|| {
        let text = text::<PolicyFiles>("redaction.toml");
        let text = text.map_err(|cause| format!("{cause:#}"))?;
        Redaction::read(&text).map_err(|cause| cause.to_string())
    });
    RULES.as_ref().map_err(|cause| anyhow::anyhow!("{cause}"))
}

fn prompt_files(config: &Config) -> anyhow::Result<Files> {
    let one = |name: &str| {
        let text = match &config.files.prompts {
            Some(folder) => read(&folder.join(name)),
            None => text::<PromptFiles>(name),
        };
        Ok((name.to_owned(), text?))
    };
    prompt::FILES.into_iter().map(one).collect()
}

fn stems(files: Vec<(String, String)>) -> Vec<(String, String)> {
    let stem = |name: String| {
        name.strip_suffix(SOURCE_ENDING)
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
    kind: StoreKind,
    texts: &Texts,
    policies: &BTreeMap<&'static str, String>,
    people: Option<&str>,
) -> anyhow::Result<Release> {
    let mut components: BTreeMap<String, Digest> = policies
        .iter()
        .map(|(name, content)| (policy_component(name), digest(Some(content))))
        .collect();
    for (name, content) in &texts.sources {
        components.insert(source_component(name), digest(Some(content)));
    }
    components.insert("people".into(), digest(people));
    components.insert("config".into(), Digest::of(config)?);
    components.insert("binary".into(), binary(kind)?);
    if let Some(model) = models::digest(config) {
        components.insert("model".into(), model?);
    }
    for (name, content) in &texts.prompts {
        components.insert(prompt_component(name), digest(Some(content)));
    }
    // Compiled only where something is shown or sent: that takes some megabytes.
    let redaction = text::<PolicyFiles>("redaction.toml")?;
    components.insert("redaction".into(), Redaction::digest_of(&redaction)?);
    Ok(Release { components })
}

/// The build. A demo store acts on nothing and prints the same with every build of a version.
fn binary(kind: StoreKind) -> anyhow::Result<Digest> {
    match kind {
        StoreKind::Demo => Ok(digest(Some(env!("CARGO_PKG_VERSION")))),
        StoreKind::Live | StoreKind::Simulated => build(),
    }
}

/// The files of the site's from which components of `release` were loaded.
fn watched(config: &Config, release: &Release) -> Watch {
    let mut watch = Watch::default();
    let mut file = |component: String, path: &Path| {
        if let Some(digest) = release.components.get(&component) {
            watch.file(component, path, *digest);
        }
    };
    if let Some(folder) = &config.gate.policies {
        for name in POLICY_FILES {
            file(policy_component(name), &folder.join(name));
        }
    }
    if let Some(path) = &config.files.people {
        file("people".into(), path);
    }
    if let Some(folder) = &config.files.prompts {
        for name in prompt::FILES {
            file(prompt_component(name), &folder.join(name));
        }
    }
    if let Some(folder) = &config.files.sources {
        for component in release.components.keys() {
            if let Some(name) = component.strip_prefix("sources/") {
                file(component.clone(), &folder.join(name));
            }
        }
        watch.folder(folder, "sources", SOURCE_ENDING);
    }
    watch
}

fn policy_component(name: &str) -> String {
    format!("policies/{name}")
}

fn prompt_component(name: &str) -> String {
    format!("prompts/{name}")
}

fn source_component(name: &str) -> String {
    format!("sources/{name}{SOURCE_ENDING}")
}

/// The digest of a text; of nothing, where there is none.
fn digest(text: Option<&str>) -> Digest {
    Digest::of_bytes(text.unwrap_or_default().as_bytes())
}
