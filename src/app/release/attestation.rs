//! The attestation at hand: read and verified when the service starts and whenever the bytes of its file change.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, bail};
use ed25519_dalek::{VerifyingKey, pkcs8::DecodePublicKey as _};

use super::mark::{Mark, read};
use crate::{
    config::release::ReleaseConfig,
    domain::{
        facts::{Known, StoreKind},
        release::Attestation,
    },
    eval::attestation::{self, MAX_BYTES, demo_key},
};

/// The most of a file with a key that is read.
const KEY_MAX_BYTES: u64 = 64 * 1024;

/// What is known of an attestation.
type Standing = Known<Option<Attestation>>;

/// The file that attests, and whose signature is believed.
#[derive(Debug)]
pub(super) struct AttestationFile {
    path: Option<PathBuf>,
    keys: Vec<VerifyingKey>,
    store: StoreKind,
    last: Mutex<Option<(Mark, Standing)>>,
}

impl AttestationFile {
    /// The one that is configured, for a store of this kind.
    pub(super) fn open(config: &ReleaseConfig, store: StoreKind) -> anyhow::Result<Self> {
        Ok(Self {
            path: config.attestation.clone(),
            keys: keys(config, store)?,
            store,
            last: Mutex::new(None),
        })
    }

    /// Whether one is configured.
    pub(super) const fn is_named(&self) -> bool {
        self.path.is_some()
    }

    /// What it says now.
    pub(super) fn look(&self) -> Standing {
        let Some(path) = &self.path else {
            return Known::Read(None);
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = match Mark::of(path) {
            Ok(mark) => mark,
            Err(cause) => {
                *last = None;
                return match cause.kind() {
                    ErrorKind::NotFound => Known::Read(None),
                    _ => Known::Unreadable(format!("the attestation cannot be read: {cause}")),
                };
            }
        };
        match &*last {
            Some((known, standing)) if *known == mark => standing.clone(),
            Some(_) | None => {
                let standing = self.verified(path);
                *last = Some((mark, standing.clone()));
                standing
            }
        }
    }

    fn verified(&self, path: &Path) -> Standing {
        if self.keys.is_empty() {
            return Known::Unreadable(
                "no [release] public_keys, so no signature is believed".into(),
            );
        }
        let bytes = match read(path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(cause) => {
                return Known::Unreadable(format!("the attestation cannot be read: {cause}"));
            }
        };
        match attestation::Attestation::read(&bytes, &self.keys, self.store) {
            Err(untrusted) => Known::Unreadable(untrusted.to_string()),
            Ok(read) => Known::Read(Some(Attestation {
                release: Arc::new(read.statement.components),
                issued: read.statement.issued,
                until: read.statement.until,
            })),
        }
    }
}

/// Whose signature is believed in a store of this kind: in a live one the configured keys, never the demo's.
pub fn keys(config: &ReleaseConfig, store: StoreKind) -> anyhow::Result<Vec<VerifyingKey>> {
    match store {
        StoreKind::Demo | StoreKind::Simulated => Ok(vec![demo_key().verifying_key()]),
        StoreKind::Live => config
            .public_keys
            .iter()
            .map(|path| public_key(path))
            .collect(),
    }
}

fn public_key(path: &Path) -> anyhow::Result<VerifyingKey> {
    let name = path.display();
    let bytes = read(path, KEY_MAX_BYTES).with_context(|| {
        format!("public key `{name}` cannot be read; check [release] public_keys")
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let key = VerifyingKey::from_public_key_pem(text.trim()).map_err(anyhow::Error::new);
    let key = key.with_context(|| {
        format!(
            "`{name}` is no Ed25519 public key in PEM; write it by `openssl pkey -in KEY -pubout`"
        )
    })?;
    if key == demo_key().verifying_key() {
        bail!(
            "public key `{name}` is the demo's, whose other half everybody has; make a pair of your own"
        );
    }
    Ok(key)
}
