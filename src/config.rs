//! The configuration: `tierone.toml`. Every key is optional, an unknown key is an error, and what is absent asks.

pub mod calls;
pub mod micros;
pub mod model;
mod partial;
pub mod release;
pub mod residency;
pub mod secret;
pub mod server;
pub mod share;
pub mod slack;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use self::{
    calls::{PagerdutyConfig, WebhookConfig},
    model::ModelConfig,
    release::ReleaseConfig,
    residency::ResidencyConfig,
    server::ServerConfig,
    share::Share,
    slack::SlackConfig,
};

/// What a site has configured.
///
/// It is written for one purpose: its digest is a component of the release. Left out is what shapes no decision and no order, where files
/// are (what is in them is a component of its own), and every secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How the service listens.
    #[serde(skip_serializing)]
    pub server: ServerConfig,
    /// Where cases are kept.
    #[serde(skip_serializing)]
    pub store: StoreConfig,
    /// Which model writes drafts; absent: none does. It is a component of its own.
    #[serde(skip_serializing)]
    pub model: Option<ModelConfig>,
    /// What the gate reads.
    pub gate: GateConfig,
    /// Where the site's files are.
    #[serde(skip_serializing)]
    pub files: FilesConfig,
    /// Where data may go.
    pub residency: ResidencyConfig,
    /// What attests the release.
    #[serde(skip_serializing)]
    pub release: ReleaseConfig,
    /// What carries out the catalogue's `webhook` actions; absent: nothing does.
    pub webhook: Option<WebhookConfig>,
    /// What carries out the catalogue's `pagerduty` actions; absent: nothing does.
    pub pagerduty: Option<PagerdutyConfig>,
    /// Where people are asked beside the command line and HTTP; absent: nowhere.
    #[serde(skip_serializing)]
    pub slack: Option<SlackConfig>,
}

/// `[store]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// `sqlite://PATH`, `demo://PATH` or `simulated://PATH`.
    pub url: Option<String>,
}

/// `[gate]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateConfig {
    /// A folder with `gate.cedar`, `gate.cedarschema`, `actions.toml` and `injection.toml`.
    #[serde(skip_serializing)]
    pub policies: Option<PathBuf>,
    /// A file whose presence switches everything off, at once and without the store.
    #[serde(skip_serializing)]
    pub kill_file: Option<PathBuf>,
    /// The largest share of what is done alone that may be unsafe.
    pub alpha: Share,
    /// The largest share of attacks that may be closed alone.
    pub beta: Share,
    /// The probability with which what a calibration promises may be wrong.
    pub delta: Share,
}

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            policies: None,
            kill_file: None,
            alpha: Share::millionths(10_000),
            beta: Share::millionths(50_000),
            delta: Share::millionths(50_000),
        }
    }
}

/// `[files]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilesConfig {
    /// People and groups.
    pub people: Option<PathBuf>,
    /// What is ours.
    pub inventory: Option<PathBuf>,
    /// What nobody may act on.
    pub never: Option<PathBuf>,
    /// What statistics granted.
    pub calibration: Option<PathBuf>,
    /// A folder of jq files that replaces the built-in sources whole.
    pub sources: Option<PathBuf>,
    /// A folder of prompts that replaces the built-in ones whole.
    pub prompts: Option<PathBuf>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("config `{path}` cannot be read: {cause}; name another with --config")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("config `{path}` is wrong: {cause}")]
    Wrong {
        /// Which.
        path: String,
        /// Where and why.
        cause: toml::de::Error,
    },
}

impl Config {
    /// Reads `path`. Relative paths in it are relative to its folder.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable {
            path: name.clone(),
            cause,
        })?;
        let config: Self =
            toml::from_str(&text).map_err(|cause| ConfigError::Wrong { path: name, cause })?;
        Ok(config.beside(path))
    }

    /// The same with its relative paths relative to the folder of the file at `path`.
    fn beside(mut self, path: &Path) -> Self {
        let folder = path.parent().unwrap_or(Path::new("."));
        let files = &mut self.files;
        let paths = [
            &mut self.gate.policies,
            &mut self.gate.kill_file,
            &mut files.people,
            &mut files.inventory,
            &mut files.never,
            &mut files.calibration,
            &mut files.sources,
            &mut files.prompts,
        ];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
        if let Some(model) = &mut self.model {
            model.within(folder);
        }
        if let Some(url) = &mut self.store.url {
            *url = store_beside(path, url);
        }
        self.release.within(folder);
        if let Some(webhook) = &mut self.webhook {
            webhook.within(folder);
        }
        if let Some(pagerduty) = &mut self.pagerduty {
            pagerduty.within(folder);
        }
        if let Some(slack) = &mut self.slack {
            slack.within(folder);
        }
        self
    }
}

/// The URL of a store whose relative path is relative to the folder of the config at `path`. What is no URL of a store is left as it is.
pub fn store_beside(path: &Path, url: &str) -> String {
    let folder = path.parent().unwrap_or(Path::new(""));
    match url.split_once("://") {
        Some((scheme @ ("sqlite" | "demo" | "simulated"), file)) if !file.is_empty() => {
            format!("{scheme}://{}", folder.join(file).display())
        }
        _ => url.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error_that_names_its_line() {
        let error =
            toml::from_str::<Config>("[store]\nurl = \"sqlite://x\"\nurk = 1\n").unwrap_err();
        assert!(error.to_string().contains("line 3"), "{error}");
        assert!(error.to_string().contains("urk"), "{error}");
    }
    #[test]
    fn a_store_is_beside_the_config_that_names_it() {
        for (path, url, expected) in [
            ("/etc/x/t.toml", "sqlite://a.db", "sqlite:///etc/x/a.db"),
            ("/etc/x/t.toml", "sqlite:///var/a.db", "sqlite:///var/a.db"),
            ("conf/t.toml", "demo://a/b.db", "demo://conf/a/b.db"),
            ("t.toml", "simulated://a.db", "simulated://a.db"),
            ("/etc/t.toml", "postgres://host/db", "postgres://host/db"),
            ("/etc/t.toml", "sqlite://", "sqlite://"),
        ] {
            assert_eq!(store_beside(Path::new(path), url), expected);
        }
    }
}
