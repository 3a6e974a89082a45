//! A live site as it must be before anything is done alone: files in a folder, a pair of keys, the evidence of a run, an attestation.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ed25519_dalek::{
    SigningKey,
    pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, spki::der::pem::LineEnding},
};
use jiff::Timestamp;
use tempfile::TempDir;
use tierone::{
    app::{App, answer::Claimant, demo, executors::Sending, release::attest::attest, rules},
    config::Config,
    domain::{
        facts::StoreKind,
        person::Proof,
        precedent::PrecedentOrigin,
        release::{Release, Stage},
    },
    eval::attestation::Attestation,
    outbound::store::Store,
};

use super::evidence::evidence;

/// The private key, in the folder of whoever attests.
pub const KEY: &str = "ci/release.pem";
/// The attestation, in the site's folder.
pub const ATTESTATION: &str = "attestation.json";

/// A live site. Its policies and sources are this build's, its people the demo's and whoever runs the tests.
pub struct AttestedSite {
    pub folder: TempDir,
}

impl AttestedSite {
    /// A site whose orders go to this port of loopback. Nothing is attested yet.
    pub fn new(receiver: u16) -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let demo = |name: &str| fs::read_to_string(root.join("eval/demo").join(name)).unwrap();
        let user = nix::unistd::User::from_uid(nix::unistd::Uid::current());
        let user = user.unwrap().unwrap().name;
        let me = format!(
            "{}\n[[person]]\nid = \"me\"\ngroups = [\"soc\"]\nidentities = {{ os_user = \"{user}\" }}\n",
            demo("people.toml")
        );
        site.write("people.toml", me);
        site.write("inventory.toml", demo("inventory.toml"));
        site.write("never.toml", demo("never.toml"));
        let granted = demo("calibration.json").replace("\"demo\"", "\"lived\"");
        site.write("calibration.json", granted);
        for entry in fs::read_dir(root.join("policies")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            site.write(&format!("policies/{name}"), fs::read(&path).unwrap());
        }
        site.write("secret", "c2VjcmV0LW9mLXRoZS10ZXN0cw==");
        let key = key();
        let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        site.write(KEY, pem.as_bytes());
        let public = key.verifying_key().to_public_key_pem(LineEnding::LF);
        site.write("release.pub", public.unwrap());
        site.write(
            "tierone.toml",
            format!(
                "[store]\nurl = \"{url}\"\n\
                 [gate]\npolicies = \"policies\"\nkill_file = \"stop\"\n\
                 [files]\npeople = \"people.toml\"\ninventory = \"inventory.toml\"\nnever = \"never.toml\"\ncalibration = \"calibration.json\"\n\
                 [release]\npublic_keys = [\"release.pub\"]\nattestation = \"{ATTESTATION}\"\n\
                 [webhook]\nurl = \"http://127.0.0.1:{receiver}/orders\"\nsecret = {{ file = \"secret\" }}\nallow_private = [\"127.0.0.1/32\"]\n",
                url = site.url(),
            ),
        );
        site
    }

    /// Where a file of the site is.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the site.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Puts one more character at the end of a file of the site, and gives what was there before.
    pub fn change(&self, name: &str) -> String {
        let before = fs::read_to_string(self.at(name)).unwrap();
        self.write(name, format!("{before}\n"));
        before
    }

    /// The URL of its store.
    pub fn url(&self) -> String {
        format!("sqlite://{}", self.at("live.db").display())
    }

    /// Its configuration.
    pub fn config(&self) -> Config {
        Config::read(&self.at("tierone.toml")).unwrap()
    }

    /// Its release, as this process would run it.
    pub fn release(&self) -> Release {
        rules::components(&self.config(), StoreKind::Live).unwrap()
    }

    /// An attestation of it, as this process would run it.
    pub fn attestation(&self, issued: Timestamp) -> Attestation {
        let (config, key) = (self.config(), self.at(KEY));
        let bundle = evidence(self.release());
        attest(&config, StoreKind::Live, bundle, Some(&key), issued).unwrap()
    }

    /// Has it attested from then on.
    pub fn attest(&self, issued: Timestamp) {
        let attestation = self.attestation(issued);
        self.write(ATTESTATION, serde_json::to_vec(&attestation).unwrap());
    }

    /// Opens it at this time, with the demo's precedents as if they had been lived here.
    pub async fn open(&self, now: Timestamp) -> App {
        let (tenant, store) = (demo::tenant(), Store::open(&self.url()).await.unwrap());
        if store.precedents(&tenant).await.unwrap().is_empty() {
            let mut rows = demo::precedents(&tenant).unwrap();
            for row in &mut rows {
                row.origin = PrecedentOrigin::Lived;
            }
            store.add_precedents(&tenant, &rows).await.unwrap();
        }
        let app = App::over(store, &self.config(), &tenant, None, Sending::Real).await;
        app.unwrap().with_clock(now)
    }
}

/// Promotes what `app` runs.
pub async fn promote(app: &App, stage: Stage) {
    let mira = Claimant {
        proof: Proof::OsUser,
        identity: "mira".into(),
    };
    let promoted = app.promote(&mira, stage, "for the tests".into(), app.now());
    promoted.await.unwrap();
}

/// The key that attests.
pub fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}
