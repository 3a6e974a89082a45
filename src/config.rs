//! The configuration: `tierone.toml`. Every key is optional, an unknown key is an error, and what is absent asks.

pub mod calls;
mod partial;
pub mod secret;
pub mod server;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use self::{
    calls::{PagerdutyConfig, WebhookConfig},
    server::ServerConfig,
};

/// What a site has configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How the service listens.
    pub server: ServerConfig,
    /// Where cases are kept.
    pub store: StoreConfig,
    /// What the gate reads.
    pub gate: GateConfig,
    /// Where the site's files are.
    pub files: FilesConfig,
    /// What carries out the catalogue's `webhook` actions; absent: nothing does.
    pub webhook: Option<WebhookConfig>,
    /// What carries out the catalogue's `pagerduty` actions; absent: nothing does.
    pub pagerduty: Option<PagerdutyConfig>,
}

/// `[store]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// `sqlite://PATH`, `demo://PATH` or `simulated://PATH`.
    pub url: Option<String>,
}

/// `[gate]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateConfig {
    /// A folder with `gate.cedar`, `gate.cedarschema`, `actions.toml` and `injection.toml`.
    pub policies: Option<PathBuf>,
    /// A file whose presence switches everything off, at once and without the store.
    pub kill_file: Option<PathBuf>,
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
        ];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
        if let Some(webhook) = &mut self.webhook {
            webhook.within(folder);
        }
        if let Some(pagerduty) = &mut self.pagerduty {
            pagerduty.within(folder);
        }
        self
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
}
