//! An entity: something the alert names, what part it plays, and whether a structured field said so.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that an alert names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// What sort of thing.
    pub kind: EntityKind,
    /// Its value, in the canonical form of its kind.
    pub value: String,
    /// The part it plays.
    pub role: Role,
    /// Where it was found. Only `field` entities fill a plan.
    pub provenance: Provenance,
    /// Whether the payload proves that a session with this address was established.
    #[serde(default, skip_serializing_if = "Handshake::is_unproven")]
    pub handshake: Handshake,
}

/// The kinds of things that alerts name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// An IPv4 or IPv6 address (RFC 5952 text).
    Ip,
    /// A host name.
    Host,
    /// An account name.
    User,
    /// An Amazon Resource Name.
    Arn,
    /// A file hash, lower-case hexadecimal.
    Hash,
    /// A URL.
    Url,
    /// A domain name.
    Domain,
    /// An e-mail address.
    Email,
    /// A process name or path.
    Process,
    /// A file path.
    File,
    /// A container.
    Container,
    /// A Kubernetes pod.
    Pod,
    /// An access badge.
    Badge,
    /// A door.
    Door,
    /// A storage bucket.
    Bucket,
    /// An access key.
    AccessKey,
    /// A cloud account.
    Account,
    /// A virtual machine.
    Instance,
    /// A service.
    Service,
    /// A network.
    Network,
}

/// The part an entity plays, as `side.kind`: `actor.user`, `source.ip`, `target.host`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Role(String);

/// Where an entity was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// At a structured path that the source file names.
    Field,
    /// In prose, or at a path that was guessed.
    Text,
}

/// Whether a session with an address was established, so that the address cannot be forged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handshake {
    /// The payload proves it.
    Proven,
    /// It may be forged.
    #[default]
    Unproven,
}

impl Handshake {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    fn is_unproven(&self) -> bool {
        *self == Self::Unproven
    }
}

impl Role {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a role of the `target` side.
    pub fn is_target(&self) -> bool {
        self.0.starts_with("target.")
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl EntityKind {
    /// Every kind.
    pub const ALL: [Self; 20] = [
        Self::Ip,
        Self::Host,
        Self::User,
        Self::Arn,
        Self::Hash,
        Self::Url,
        Self::Domain,
        Self::Email,
        Self::Process,
        Self::File,
        Self::Container,
        Self::Pod,
        Self::Badge,
        Self::Door,
        Self::Bucket,
        Self::AccessKey,
        Self::Account,
        Self::Instance,
        Self::Service,
        Self::Network,
    ];

    /// The word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Host => "host",
            Self::User => "user",
            Self::Arn => "arn",
            Self::Hash => "hash",
            Self::Url => "url",
            Self::Domain => "domain",
            Self::Email => "email",
            Self::Process => "process",
            Self::File => "file",
            Self::Container => "container",
            Self::Pod => "pod",
            Self::Badge => "badge",
            Self::Door => "door",
            Self::Bucket => "bucket",
            Self::AccessKey => "access_key",
            Self::Account => "account",
            Self::Instance => "instance",
            Self::Service => "service",
            Self::Network => "network",
        }
    }
}

impl fmt::Display for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
