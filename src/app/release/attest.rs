//! Attest: signs that what is running here passed. It needs the private key, which never comes to the host that fires.

use std::path::Path;

use anyhow::{Context as _, bail};
use ed25519_dalek::{SigningKey, pkcs8::DecodePrivateKey as _};
use jiff::Timestamp;

pub use super::attestation::keys;
use super::mark::read;
use crate::{
    app::{denied::Denied, rules},
    config::Config,
    domain::facts::StoreKind,
    eval::{
        attestation::{Attestation, Statement, demo_key},
        bundle::Bundle,
    },
    outbound::store::Store,
};

/// The most of a file with a key that is read.
const KEY_MAX_BYTES: u64 = 64 * 1024;

/// Attests the release of this program with this configuration, on the evidence of `bundle`, for stores of this kind.
pub fn attest(
    config: &Config,
    store: StoreKind,
    bundle: Bundle,
    key: Option<&Path>,
    now: Timestamp,
) -> anyhow::Result<Attestation> {
    let key = signing_key(config, store, key)?;
    bundle.suffices().map_err(|cause| Denied::NotProven {
        why: cause.to_string(),
    })?;
    let tried = bundle
        .release
        .differing(&rules::components(config, StoreKind::Live)?);
    if !tried.is_empty() {
        let components = tried.join(", ");
        return Err(Denied::OtherRelease { components }.into());
    }
    let components = rules::components(config, store)?;
    let statement = Statement::new(components, &bundle, store, now)?;
    let attestation = statement.signed(bundle, &key)?;
    // What is written is what a reader of this build believes.
    let bytes = serde_json::to_vec(&attestation)?;
    Ok(Attestation::read(&bytes, &[key.verifying_key()], store)?)
}

/// The kind of store that `url` names.
pub fn kind_of(url: &str) -> anyhow::Result<StoreKind> {
    Ok(Store::place(url)?.0)
}

/// In a live store the key of the file, whose public half must be configured; in any other the demo's.
pub fn signing_key(
    config: &Config,
    store: StoreKind,
    key: Option<&Path>,
) -> anyhow::Result<SigningKey> {
    let path = match (store, key) {
        (StoreKind::Live, Some(path)) => path,
        (StoreKind::Live, None) => bail!("a live store needs a key; name its file with --key"),
        (StoreKind::Demo | StoreKind::Simulated, None) => return Ok(demo_key()),
        (StoreKind::Demo | StoreKind::Simulated, Some(_)) => bail!(
            "a {} store is attested by the demo's key, which is no secret; leave --key out",
            store.word()
        ),
    };
    let name = path.display();
    let bytes = read(path, KEY_MAX_BYTES)
        .with_context(|| format!("key `{name}` cannot be read; name another with --key"))?;
    let text = String::from_utf8_lossy(&bytes);
    let key = SigningKey::from_pkcs8_pem(text.trim()).map_err(anyhow::Error::new);
    let key = key.with_context(|| {
        format!(
            "`{name}` is no Ed25519 private key in PEM (PKCS #8); make one by `openssl genpkey -algorithm ed25519`"
        )
    })?;
    if !keys(&config.release, store)?.contains(&key.verifying_key()) {
        bail!(
            "the public half of `{name}` is not among [release] public_keys, so nobody would believe it; add it, by `openssl pkey -in KEY -pubout`"
        );
    }
    Ok(key)
}
