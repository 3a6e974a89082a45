//! The never list: values that nobody may act on through tierone.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{asset::Addresses, entity::EntityKind, person::account_forms};

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
#[serde(try_from = "Written")]
pub struct Never {
    kind: EntityKind,
    values: Vec<String>,
    networks: Vec<IpNet>,
    /// Why nobody may act on them.
    pub reason: String,
}

/// An entry as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The kind of entity.
    kind: EntityKind,
    /// Exact values; accounts in each of their forms, other kinds than `ip` without case.
    #[serde(default)]
    values: Vec<String>,
    /// Networks, for `ip`.
    #[serde(default)]
    networks: Vec<IpNet>,
    /// Why nobody may act on them.
    reason: String,
}

/// An entry that would list less than it seems to.
#[derive(Debug, thiserror::Error)]
pub enum Unlisted {
    /// A value that is no address.
    #[error(
        "the never list has `{0}` as an ip; write an address, or put a network under `networks`"
    )]
    NoAddress(String),
    /// Networks of something that has none.
    #[error("the never list has networks of kind `{0}`; only the kind `ip` has networks")]
    NoNetworks(EntityKind),
}

impl TryFrom<Written> for Never {
    type Error = Unlisted;

    fn try_from(written: Written) -> Result<Self, Unlisted> {
        let is_ip = written.kind == EntityKind::Ip;
        if !is_ip && !written.networks.is_empty() {
            return Err(Unlisted::NoNetworks(written.kind));
        }
        let strange = |value: &&String| is_ip && value.parse::<IpAddr>().is_err();
        if let Some(value) = written.values.iter().find(strange) {
            return Err(Unlisted::NoAddress(value.clone()));
        }
        Ok(Self {
            kind: written.kind,
            values: written.values,
            networks: written.networks,
            reason: written.reason,
        })
    }
}

impl NeverList {
    /// The entry that lists this value.
    pub fn lists(&self, kind: EntityKind, value: &str) -> Option<&Never> {
        self.entries.iter().find(|entry| entry.has(kind, value))
    }
}

impl Never {
    fn has(&self, kind: EntityKind, value: &str) -> bool {
        match (self.kind, value.parse::<IpAddr>()) {
            (EntityKind::Ip, Ok(address)) => kind == EntityKind::Ip && self.has_address(address),
            (EntityKind::User, _) if is_account(kind) => self.has_account(value),
            (own, _) => {
                own == kind
                    && self
                        .values
                        .iter()
                        .any(|entry| plain(own, entry) == plain(own, value))
            }
        }
    }

    fn has_address(&self, address: IpAddr) -> bool {
        let own = self.values.iter().filter_map(|text| text.parse().ok());
        own.map(Addresses::One)
            .chain(self.networks.iter().copied().map(Addresses::Net))
            .any(|entry| entry.contains(address))
    }

    fn has_account(&self, value: &str) -> bool {
        let forms = account_forms(value);
        let listed = self.values.iter().flat_map(|entry| account_forms(entry));
        listed.into_iter().any(|form| forms.contains(&form))
    }
}

/// The kinds whose values may be a form of an account's name.
fn is_account(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::User | EntityKind::Arn | EntityKind::Email)
}

/// A value without what does not tell it from another: case, blanks around it, and the dot at the end of a host's name.
fn plain(kind: EntityKind, value: &str) -> String {
    let text = value.trim().to_lowercase();
    if matches!(kind, EntityKind::Host | EntityKind::Domain) {
        return text.trim_end_matches('.').to_owned();
    }
    text
}
