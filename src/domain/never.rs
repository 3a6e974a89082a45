//! The never list: values that nobody may act on through tierone.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{asset::Addresses, entity::EntityKind};

/// A site's never list, from `never.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeverList {
    /// The entries.
    #[serde(default, rename = "never")]
    pub entries: Vec<Never>,
}

/// Values of one kind, and why they are listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Never {
    /// The kind of entity.
    pub kind: EntityKind,
    /// Exact values; for other kinds than `ip` compared without case.
    #[serde(default)]
    pub values: Vec<String>,
    /// Networks, for `ip`.
    #[serde(default)]
    pub networks: Vec<IpNet>,
    /// Why nobody may act on them.
    pub reason: String,
}

impl NeverList {
    /// The entry that lists this value.
    pub fn lists(&self, kind: EntityKind, value: &str) -> Option<&Never> {
        self.entries
            .iter()
            .find(|entry| entry.kind == kind && entry.has(value))
    }
}

impl Never {
    fn has(&self, value: &str) -> bool {
        match value.parse::<IpAddr>() {
            Ok(address) if self.kind == EntityKind::Ip => {
                let own = self.values.iter().filter_map(|text| text.parse().ok());
                own.map(Addresses::One)
                    .chain(self.networks.iter().copied().map(Addresses::Net))
                    .any(|entry| entry.contains(address))
            }
            _ => self
                .values
                .iter()
                .any(|entry| entry.to_lowercase() == value.to_lowercase()),
        }
    }
}
