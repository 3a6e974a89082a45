//! An API key: what a program or a person shows to be let in, and what it may then do. The secret itself is in no type here.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{SourceId, TenantId};

/// What every key begins with, so that one that leaked is recognised for what it is.
pub const PREFIX: &str = "tro";
/// Characters of a key's id.
const ID_MAX: usize = 64;

/// A key's public id: small letters, digits and hyphens. It is named in logs, in cases and in the people file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Whose data it opens, and no other's.
    pub tenant: TenantId,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The inventory asset that sends with it, where it is one.
    pub sender: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing.
    pub revoked_at: Option<Timestamp>,
}

/// Something that a key may do. None of them implies another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Send alerts.
    Ingest(Senders),
    /// Look at cases and at the kill switches.
    Read,
    /// Answer for a person, where the people file says for whom.
    Approve,
    /// Switch things off and on, where the people file says who does it.
    Admin,
    /// Read the figures, which are of all tenants together.
    Metrics,
}

/// Which sources a key may send.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Senders {
    /// Every one.
    Any,
    /// This one.
    One(SourceId),
}

/// A word that names no scope, or no key.
#[derive(Debug, thiserror::Error)]
pub enum NotAKey {
    /// No scope.
    #[error("`{0}` is no scope; use ingest:SOURCE, ingest:*, read, approve, admin or metrics")]
    Scope(String),
    /// No id.
    #[error("`{0}` is no key id; use 1 to {ID_MAX} small letters, digits and hyphens")]
    Id(String),
}

impl KeyId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ApiKey {
    /// Whether it may send alerts of `source`.
    pub fn may_send(&self, source: &SourceId) -> bool {
        self.scopes.iter().any(|scope| match scope {
            Scope::Ingest(Senders::Any) => true,
            Scope::Ingest(Senders::One(own)) => own == source,
            Scope::Read | Scope::Approve | Scope::Admin | Scope::Metrics => false,
        })
    }
}

impl FromStr for KeyId {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || text.len() > ID_MAX || !text.bytes().all(known) {
            return Err(NotAKey::Id(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for Scope {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "read" => Self::Read,
            "approve" => Self::Approve,
            "admin" => Self::Admin,
            "metrics" => Self::Metrics,
            "ingest:*" => Self::Ingest(Senders::Any),
            other => match other.strip_prefix("ingest:") {
                Some(source) if !source.is_empty() => {
                    Self::Ingest(Senders::One(SourceId::new(source)))
                }
                _ => return Err(NotAKey::Scope(text.to_owned())),
            },
        })
    }
}

impl TryFrom<String> for KeyId {
    type Error = NotAKey;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<String> for Scope {
    type Error = NotAKey;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ingest(Senders::Any) => f.write_str("ingest:*"),
            Self::Ingest(Senders::One(source)) => write!(f, "ingest:{source}"),
            Self::Read => f.write_str("read"),
            Self::Approve => f.write_str("approve"),
            Self::Admin => f.write_str("admin"),
            Self::Metrics => f.write_str("metrics"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_written_as_it_is_read() {
        for text in [
            "ingest:*",
            "ingest:guardduty",
            "read",
            "approve",
            "admin",
            "metrics",
        ] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
        for text in ["", "ingest", "ingest:", "READ", "write", "*"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_is_plain() {
        for text in ["", "A", "a_b", "a/b", "ä", &"a".repeat(65)] {
            assert!(text.parse::<KeyId>().is_err(), "{text}");
        }
        assert_eq!("desk-teo".parse::<KeyId>().unwrap().as_str(), "desk-teo");
    }
}
