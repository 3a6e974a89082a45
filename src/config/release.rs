//! `[release]`: what attests the running release, and whose signature is believed. The host that fires holds public keys only.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// `[release]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseConfig {
    /// The attestation, as `tierone release attest` writes it.
    pub attestation: Option<PathBuf>,
    /// The public keys whose signature is believed: Ed25519, PEM (`openssl pkey -pubout`).
    pub public_keys: Vec<PathBuf>,
}

impl ReleaseConfig {
    pub(super) fn within(&mut self, folder: &Path) {
        for path in self.attestation.iter_mut().chain(&mut self.public_keys) {
            *path = folder.join(&*path);
        }
    }
}
