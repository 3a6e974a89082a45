//! The host that acts holds public keys only: a service whose config leads to a private key does not start.

use std::fs;

use crate::{
    cli::run::tierone,
    support::attested::{AttestedSite, KEY},
};

/// A key of the config, and the file in whose place the private key is put.
const PLACES: [(&str, &str); 9] = [
    ("[release] public_keys", "release.pub"),
    ("[release] attestation", "attestation.json"),
    ("[gate] kill_file", "stop"),
    ("[gate] policies", "policies/notes.txt"),
    ("[files] people", "people.toml"),
    ("[files] inventory", "inventory.toml"),
    ("[files] never", "never.toml"),
    ("[files] calibration", "calibration.json"),
    ("[webhook] secret", "secret"),
];

#[test]
fn a_service_does_not_start_where_its_config_leads_to_a_private_key() {
    for (key, file) in PLACES {
        let site = AttestedSite::new(9);
        let private = fs::read(site.at(KEY)).unwrap();
        site.write(file, private);
        let config = site.at("tierone.toml").display().to_string();
        let said = format!("of {key} is a private key");
        tierone(["serve", "--config", &config]).ended(2).says(&said);
        tierone(["config", "check", "--config", &config])
            .ended(2)
            .says(&said);
        assert!(!site.at("live.db").exists());
    }
}

#[test]
fn a_config_that_names_a_signing_key_or_believes_the_demo_is_refused() {
    let public = ed25519_dalek::pkcs8::EncodePublicKey::to_public_key_pem(
        &tierone::eval::attestation::demo_key().verifying_key(),
        ed25519_dalek::pkcs8::spki::der::pem::LineEnding::LF,
    );
    let site = AttestedSite::new(9);
    site.write("demo.pub", public.unwrap());
    let config = fs::read_to_string(site.at("tierone.toml")).unwrap();
    for (from, to, said) in [
        (
            "[release]\n",
            "[release]\nsigning_key = \"ci/release.pem\"\n",
            "unknown field `signing_key`",
        ),
        ("release.pub", "demo.pub", "is the demo's"),
        ("release.pub", "people.toml", "is no Ed25519 public key"),
        ("release.pub", "missing.pub", "cannot be read"),
    ] {
        let path = site.at("other.toml").display().to_string();
        fs::write(&path, config.replace(from, to)).unwrap();
        tierone(["serve", "--config", &path]).ended(2).says(said);
        tierone(["config", "check", "--config", &path])
            .ended(2)
            .says(said);
    }
}
