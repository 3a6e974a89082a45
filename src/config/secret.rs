//! A secret of the configuration: named there, kept elsewhere. Its value is in no `Debug`, no error and no log.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::{Deserialize, de::IgnoredAny};

/// Where a secret is: `{ env = "NAME" }` or `{ file = "PATH" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub enum SecretSource {
    /// In this variable of the environment.
    Env(String),
    /// In this file. Whitespace at its ends, such as a last newline, is no part of it.
    File(PathBuf),
    /// Neither: it is refused when it is read. What was written is not kept, as it may be the secret itself.
    Misplaced,
}

/// A secret that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not there, or is no text.
    #[error(
        "environment variable `{0}` is not set; set it, or name a file by {{ file = \"PATH\" }}"
    )]
    Unset(String),
    /// The file cannot be read.
    #[error("secret file `{path}` cannot be read: {cause}; name another, or let this user read it")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// There is nothing in it.
    #[error("the secret in `{0}` is empty; put it there")]
    Empty(String),
    /// It is not named.
    #[error(
        "a secret is not named; write {{ env = \"NAME\" }} or {{ file = \"PATH\" }}, and never the secret itself"
    )]
    Misplaced,
}

impl SecretSource {
    /// The secret.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let (place, text) = match self {
            Self::Env(name) => (name.clone(), variable(name)?),
            Self::File(path) => {
                let place = path.display().to_string();
                let text = std::fs::read_to_string(path);
                let text = text.map_err(|cause| SecretError::Unreadable {
                    path: place.clone(),
                    cause,
                })?;
                (place, text)
            }
            Self::Misplaced => return Err(SecretError::Misplaced),
        };
        let secret = text.trim();
        if secret.is_empty() {
            return Err(SecretError::Empty(place));
        }
        Ok(SecretString::from(secret))
    }

    /// Makes a relative path one relative to `folder`.
    pub(super) fn within(&mut self, folder: &Path) {
        if let Self::File(path) = self {
            *path = folder.join(&*path);
        }
    }
}

/// The shapes that are read. A wrong one is no error here, because a parser's error would show the line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Named(Named),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Named {
    Env(String),
    File(PathBuf),
}

impl From<Written> for SecretSource {
    fn from(written: Written) -> Self {
        match written {
            Written::Named(Named::Env(name)) => Self::Env(name),
            Written::Named(Named::File(path)) => Self::File(path),
            Written::Other(IgnoredAny) => Self::Misplaced,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a secret is one of the two things that are read from the environment"
)]
fn variable(name: &str) -> Result<String, SecretError> {
    std::env::var(name).map_err(|_| SecretError::Unset(name.into()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        secret: SecretSource,
    }

    fn source(text: &str) -> SecretSource {
        toml::from_str::<Holder>(&format!("secret = {text}"))
            .unwrap()
            .secret
    }

    #[test]
    fn a_file_is_read_without_its_newline_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "hush-hush\r\n").unwrap();
        let mut source = source("{ file = \"key\" }");
        source.within(folder.path());
        let secret = source.read().unwrap();
        assert_eq!(secret.expose_secret(), "hush-hush");
        assert!(!format!("{secret:?}{source:?}").contains("hush"));
    }

    #[test]
    fn what_cannot_be_had_says_where_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty");
        std::fs::write(&empty, "\n").unwrap();
        let cases = [
            (
                source("{ env = \"TIERONE_NO_SUCH\" }"),
                "`TIERONE_NO_SUCH` is not set",
            ),
            (
                source("{ file = \"/no/such\" }"),
                "`/no/such` cannot be read",
            ),
            (SecretSource::File(empty), "is empty"),
        ];
        for (source, expected) in cases {
            let error = source.read().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_secret_written_into_the_config_is_refused_and_not_repeated() {
        for text in [
            "\"hush-hush\"",
            "{ env = \"A\", file = \"hush\" }",
            "{ key = \"hush\" }",
        ] {
            let source = source(text);
            let error = source.read().unwrap_err().to_string();
            assert!(error.contains("never the secret itself"), "{error}");
            assert!(!format!("{error}{source:?}").contains("hush"));
        }
    }
}
