//! Whether the running release is attested: by a statement about exactly what is loaded, whose time has come and is not over.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    facts::{GateState, Known},
    release::Release,
};

/// How far the clock of whoever attests may be ahead.
const CLOCK_MAX_AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// Components that are named.
const NAMES_MAX: usize = 5;

/// Whether the running release is attested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attested {
    /// Nothing attests it.
    Absent,
    /// What attests it cannot be trusted, and why.
    Untrusted(String),
    /// These files are no longer what is loaded.
    Outdated(Vec<String>),
    /// Another release is attested: these components differ.
    OtherRelease(Vec<String>),
    /// It is attested from then on only.
    NotYet(Timestamp),
    /// It was attested until then.
    Expired(Timestamp),
    /// It is attested until then.
    Until(Timestamp),
}

impl Attested {
    /// What `gate` knows, of the `release` that is loaded.
    pub fn of(gate: &GateState, release: &Release, now: Timestamp) -> Self {
        let attestation = match &gate.attestation {
            Known::Unreadable(why) => return Self::Untrusted(why.clone()),
            Known::Read(None) => return Self::Absent,
            Known::Read(Some(attestation)) => attestation,
        };
        if !gate.outdated.is_empty() {
            return Self::Outdated(gate.outdated.clone());
        }
        if *attestation.release != *release {
            return Self::OtherRelease(attestation.release.differing(release));
        }
        if attestation.issued > now + CLOCK_MAX_AHEAD {
            return Self::NotYet(attestation.issued);
        }
        if attestation.until <= now {
            return Self::Expired(attestation.until);
        }
        Self::Until(attestation.until)
    }
}

impl fmt::Display for Attested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("no attestation"),
            Self::Untrusted(why) => f.write_str(why),
            Self::Outdated(names) => {
                write!(f, "changed on disk since it was loaded: {}", some_of(names))
            }
            Self::OtherRelease(names) => {
                write!(f, "attests another release, with other {}", some_of(names))
            }
            Self::NotYet(at) => write!(f, "attested from {at} on"),
            Self::Expired(at) => write!(f, "expired {at}"),
            Self::Until(at) => write!(f, "until {at}"),
        }
    }
}

/// The first of `names`, and how many more there are.
fn some_of(names: &[String]) -> String {
    let first: Vec<&str> = names.iter().take(NAMES_MAX).map(String::as_str).collect();
    match names.len().saturating_sub(NAMES_MAX) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
