//! Reads what an evaluation is made of, and runs it: the candidate's folder in place of this build's own files, and nothing of the site's.

pub mod live;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;

use super::{demo, rules};
use crate::{
    config::Config,
    domain::facts::StoreKind,
    embedded::{DemoFiles, SuiteFiles, bytes, names, texts},
    eval::{
        drive::Shipped,
        material::{Demo, Material},
        run::{self, Asked, Found, Watch},
    },
    outbound::{embedded_index::EmbeddedIndex, lexical::Lexical},
    pipeline::normalise::Sources,
};

/// The configuration of a candidate's folder.
const CONFIG_FILE: &str = "tierone.toml";

/// Reads what is tried: what `config` says, with the suites that the folder of a candidate adds.
pub fn material(config: &Config, candidate: Option<&Path>) -> anyhow::Result<Material> {
    let tried = without_site(config);
    let now = demo::clock(StoreKind::Demo)?.context("the demo has no clock")?;
    Ok(Material {
        candidate: Arc::new(rules::load(&tried, StoreKind::Demo)?),
        shipped: rules::load(&Config::default(), StoreKind::Demo)?,
        sources: Arc::new(Sources::compile(rules::source_files(&tried)?)?),
        policy_tests: rules::policy_text(&tried, "tests.json")?,
        release: rules::components(config, StoreKind::Live)?,
        demo: Demo {
            alerts: demo_alerts()?,
            precedents: demo::precedents(&demo::tenant())?,
            now,
        },
        files: texts::<SuiteFiles>("")?.into_iter().collect(),
        own_files: candidate.map_or_else(|| Ok(BTreeMap::new()), own_files)?,
    })
}

/// Runs what is `asked` over `material`.
pub fn evaluate(
    material: &Arc<Material>,
    asked: &Asked,
    watch: &dyn Watch,
) -> anyhow::Result<Found> {
    Ok(run::run(material, asked, shipped(), watch)?)
}

/// What a case calls, as this build ships it.
fn shipped() -> Shipped<'static> {
    Shipped {
        embedder: &Lexical,
        index: || Box::new(EmbeddedIndex::default()),
    }
}

/// The configuration of a candidate's folder, whose folders `policies`, `sources` and `prompts` need not be named in it.
pub fn config_of(folder: &Path) -> anyhow::Result<Config> {
    anyhow::ensure!(
        folder.is_dir(),
        "candidate `{}` is no folder; name one with a {CONFIG_FILE}, policies, sources or prompts",
        folder.display()
    );
    let file = folder.join(CONFIG_FILE);
    let mut config = if file.exists() {
        Config::read(&file)?
    } else {
        Config::default()
    };
    let there = |name: &str| Some(folder.join(name)).filter(|path: &PathBuf| path.is_dir());
    config.gate.policies = config.gate.policies.or_else(|| there("policies"));
    config.files.sources = config.files.sources.or_else(|| there("sources"));
    config.files.prompts = config.files.prompts.or_else(|| there("prompts"));
    Ok(config)
}

/// A candidate's cases are ours, so its inventory and people are too: what is tried is what shapes decisions.
fn without_site(config: &Config) -> Config {
    let mut tried = Config::default();
    tried.gate.policies.clone_from(&config.gate.policies);
    tried.files.sources.clone_from(&config.files.sources);
    tried.files.prompts.clone_from(&config.files.prompts);
    tried
}

/// The files of the suites that a candidate adds: `suites/NAME/*.toml`.
fn own_files(candidate: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for suite in folder(&candidate.join("suites"))? {
        for file in folder(&suite)? {
            if file.extension().is_some_and(|ending| ending == "toml") {
                let text = std::fs::read_to_string(&file)
                    .with_context(|| format!("`{}` cannot be read", file.display()))?;
                let name = |path: &Path| {
                    path.file_name()
                        .map(|name| name.to_string_lossy().into_owned())
                };
                if let (Some(suite), Some(file)) = (name(&suite), name(&file)) {
                    files.insert(format!("{suite}/{file}"), text);
                }
            }
        }
    }
    Ok(files)
}

/// What is in a folder, in order; nothing, where there is none.
fn folder(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let listing =
        std::fs::read_dir(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let mut paths = listing
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    Ok(paths)
}

fn demo_alerts() -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let alerts = names::<DemoFiles>("alerts/");
    let read = |name: String| {
        let content = bytes::<DemoFiles>(&name)?;
        let name = name.trim_start_matches("alerts/").to_owned();
        Ok((name, content))
    };
    alerts.into_iter().map(read).collect()
}
