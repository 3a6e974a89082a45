//! The evidence of a whole run of the suites by the product. A run says the same every time, so that one is kept for each build of it.

use std::{fs, path::Path, sync::OnceLock};

use tierone::{
    domain::{canonical::Digest, release::Release},
    eval::bundle::Bundle,
};

/// What a run finds of `release`, whose policies and sources are this build's: nothing else of a release enters its cases.
pub fn evidence(release: Release) -> Bundle {
    static RUN: OnceLock<Bundle> = OnceLock::new();
    let run = RUN.get_or_init(kept).clone();
    Bundle { release, ..run }
}

/// The build of the program under test.
pub fn build() -> Digest {
    static BUILD: OnceLock<Digest> = OnceLock::new();
    *BUILD.get_or_init(|| Digest::of_bytes(&fs::read(env!("CARGO_BIN_EXE_tierone")).unwrap()))
}

fn kept() -> Bundle {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("evidence-{}.json", build()));
    if let Ok(bytes) = fs::read(&file) {
        return serde_json::from_slice(&bytes).unwrap();
    }
    let bundle = crate::eval::whole();
    let part = folder.join(format!("evidence-{}", std::process::id()));
    fs::write(&part, bundle.to_bytes().unwrap()).unwrap();
    fs::rename(part, file).unwrap();
    bundle
}
