//! Private keys have no business on the host that fires: whoever can change what it does could then also attest it.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{SigningKey, pkcs8::DecodePrivateKey as _};

use crate::config::{Config, model::ModelConfig, secret::SecretSource};

/// How much of a file is looked at.
const LOOK_MAX_BYTES: u64 = 1024 * 1024;
/// What the first line of a private key in text ends with, whoever made it.
const LABELS: [&str; 2] = ["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"];

/// One error for each file that `config` names, or that is in a folder which it names, and that is a private key.
pub fn found(config: &Config) -> Vec<anyhow::Error> {
    let keys = files(config).into_iter().filter(|(_, path)| is_key(path));
    keys.map(|(key, path)| {
        anyhow!(
            "`{}` of {key} is a private key, and the host that acts must hold public keys only; take it away from here, and use it where `tierone release attest` runs",
            path.display()
        )
    })
    .collect()
}

/// Every file that is configured, by its key.
fn files(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let (files, gate, release) = (&config.files, &config.gate, &config.release);
    let single = [
        ("[release] attestation", &release.attestation),
        ("[gate] kill_file", &gate.kill_file),
        ("[files] people", &files.people),
        ("[files] inventory", &files.inventory),
        ("[files] never", &files.never),
        ("[files] calibration", &files.calibration),
    ];
    let mut found: Vec<(&'static str, PathBuf)> = single
        .into_iter()
        .filter_map(|(key, path)| Some((key, path.clone()?)))
        .collect();
    for path in &release.public_keys {
        found.push(("[release] public_keys", path.clone()));
    }
    let secrets = [
        (
            "[webhook] secret",
            config.webhook.as_ref().map(|webhook| &webhook.secret),
        ),
        (
            "[pagerduty] routing_key",
            config
                .pagerduty
                .as_ref()
                .map(|pagerduty| &pagerduty.routing_key),
        ),
    ];
    for (key, secret) in secrets {
        if let Some(SecretSource::File(path)) = secret {
            found.push((key, path.clone()));
        }
    }
    for endpoint in config.model.iter().flat_map(ModelConfig::endpoints) {
        if let Some(SecretSource::File(path)) = &endpoint.api_key {
            found.push(("[model] api_key", path.clone()));
        }
    }
    let recordings = config
        .model
        .as_ref()
        .and_then(|model| model.shared.recordings.as_ref());
    for (key, folder) in [
        ("[gate] policies", gate.policies.as_ref()),
        ("[files] sources", files.sources.as_ref()),
        ("[files] prompts", files.prompts.as_ref()),
        ("[model] recordings", recordings.map(|kept| &kept.folder)),
    ] {
        let listing = folder.and_then(|folder| std::fs::read_dir(folder).ok());
        let paths = listing
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        found.extend(paths.map(|path| (key, path)));
    }
    found
}

fn is_key(path: &Path) -> bool {
    if !std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return false;
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LOOK_MAX_BYTES).read_to_end(&mut bytes));
    read.is_ok() && looks_like_a_key(&bytes)
}

/// Any private key in text, and an Ed25519 one in PKCS #8, plain or in base64.
fn looks_like_a_key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let labelled = |line: &str| {
        let line = line.trim();
        line.starts_with("-----BEGIN ") && LABELS.iter().any(|label| line.ends_with(label))
    };
    let bare: String = text.split_whitespace().collect();
    let decoded = STANDARD.decode(bare).unwrap_or_default();
    text.lines().any(labelled)
        || SigningKey::from_pkcs8_der(bytes).is_ok()
        || SigningKey::from_pkcs8_der(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::pkcs8::{
        EncodePrivateKey as _, EncodePublicKey as _, spki::der::pem::LineEnding,
    };

    use super::*;

    #[test]
    fn a_private_key_is_known_in_each_of_its_forms_and_a_public_one_is_none() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let der = key.to_pkcs8_der().unwrap();
        let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        let public = key
            .verifying_key()
            .to_public_key_pem(LineEnding::LF)
            .unwrap();
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let table: [(&str, Vec<u8>, bool); 8] = [
            ("PEM", pem.as_bytes().to_vec(), true),
            (
                "PEM after a note",
                format!("note\r\n  {}", pem.as_str()).into_bytes(),
                true,
            ),
            ("DER", der.as_bytes().to_vec(), true),
            (
                "DER in base64",
                STANDARD.encode(der.as_bytes()).into_bytes(),
                true,
            ),
            (
                "another kind",
                b"-----BEGIN OPENSSH PRIVATE KEY-----\nx".to_vec(),
                true,
            ),
            ("a public key", public.into_bytes(), false),
            ("a webhook's secret", secret.into(), false),
            ("nothing", Vec::new(), false),
        ];
        for (what, bytes, is) in table {
            assert_eq!(looks_like_a_key(&bytes), is, "{what}");
        }
    }
}
