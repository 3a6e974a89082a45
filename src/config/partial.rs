//! What is right of a configuration that is wrong: for a kill switch, which must not wait until it is mended, and for telling all of what is
//! wrong at once. Nothing else takes half a configuration.

use std::path::Path;

use toml::{Table, Value};

use super::{Config, ConfigError};

/// Tables whose keys only have a meaning together.
const WHOLE: [&str; 4] = ["webhook", "pagerduty", "model", "slack"];

impl Config {
    /// Reads `path` as far as it can be read, and says everything that is wrong with the rest, which is then as if it were absent.
    pub fn read_what_is_right(path: &Path) -> (Self, Vec<ConfigError>) {
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(cause) => {
                let unreadable = ConfigError::Unreadable { path: name, cause };
                return (Self::default(), vec![unreadable]);
            }
        };
        let located = match toml::from_str::<Self>(&text) {
            Ok(config) => return (config.beside(path), Vec::new()),
            Err(cause) => cause,
        };
        let mut causes = Vec::new();
        let right = toml::from_str::<Table>(&text).map(|table| right_of(table, &mut causes));
        // Where it is all of it, the first error names its line.
        if causes.len() < 2 {
            causes = vec![located];
        }
        let config: Self = right
            .ok()
            .and_then(|table| table.try_into().ok())
            .unwrap_or_default();
        let wrong = causes.into_iter().map(|cause| ConfigError::Wrong {
            path: name.clone(),
            cause,
        });
        (config.beside(path), wrong.collect())
    }
}

/// The tables of a configuration that can be read, and of the others the keys that can.
fn right_of(table: Table, causes: &mut Vec<toml::de::Error>) -> Table {
    let mut right = Table::new();
    for (name, value) in table {
        let (value, cause) = match fault(single(&name, value.clone())) {
            None => (Some(value), None),
            Some(cause) => match value {
                Value::Table(keys) if !WHOLE.contains(&name.as_str()) && knows(&name) => {
                    (Some(Value::Table(right_keys(&name, keys, causes))), None)
                }
                _ => (None, Some(cause)),
            },
        };
        causes.extend(cause);
        if let Some(value) = value {
            right.insert(name, value);
        }
    }
    right
}

fn right_keys(name: &str, keys: Table, causes: &mut Vec<toml::de::Error>) -> Table {
    let mut right = Table::new();
    for (key, value) in keys {
        let inner = Value::Table(single(&key, value.clone()));
        match fault(single(name, inner)) {
            None => {
                right.insert(key, value);
            }
            Some(cause) => causes.push(cause),
        }
    }
    right
}

/// Whether a configuration has a table of this name.
fn knows(name: &str) -> bool {
    fault(single(name, Value::Table(Table::new()))).is_none()
}

fn single(name: &str, value: Value) -> Table {
    Table::from_iter([(name.to_owned(), value)])
}

fn fault(table: Table) -> Option<toml::de::Error> {
    table.try_into::<Config>().err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Config, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tierone.toml");
        std::fs::write(&path, text).unwrap();
        let (config, wrong) = Config::read_what_is_right(&path);
        (config, wrong.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_is_right_is_kept_and_all_that_is_wrong_is_said() {
        let (config, wrong) = read(
            "[store]\nurl = \"sqlite://x\"\nurk = 1\n[gate]\nkill_file = \"stop\"\npolicies = 7\n[sotre]\na = 1\n[webhook]\nurl = \"x\"\n",
        );
        assert!(config.store.url.unwrap().ends_with("/x"));
        assert!(config.gate.kill_file.unwrap().ends_with("stop"));
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        for word in ["urk", "policies", "sotre", "secret"] {
            assert!(
                wrong.iter().any(|said| said.contains(word)),
                "{word}: {wrong:?}"
            );
        }
    }

    #[test]
    fn one_fault_names_its_line_and_a_file_that_is_no_toml_has_one() {
        let (config, wrong) = read("[gate]\nkill_file = \"stop\"\nurk = 1\n");
        assert!(config.gate.kill_file.is_some());
        assert!(wrong.len() == 1 && wrong[0].contains("line 3"), "{wrong:?}");
        let (config, wrong) = read("[gate\n");
        assert_eq!((config, wrong.len()), (Config::default(), 1));
    }
}
