//! The build of this program: the digest of its own file's bytes, computed once a process.

use std::{fs::File, io::Read as _, sync::OnceLock};

use anyhow::{Context as _, anyhow};
use sha2::{Digest as _, Sha256};

use crate::domain::canonical::Digest;

/// The file that is running, also where another one has its name by now.
const OWN_FILE: &str = "/proc/self/exe";
/// Bytes that are read at once.
const CHUNK_BYTES: usize = 1024 * 1024;

/// The build that is running.
pub fn build() -> anyhow::Result<Digest> {
    static BUILD: OnceLock<Result<Digest, String>> = OnceLock::new();
    let read = BUILD.get_or_init(|| digest().map_err(|cause| cause.to_string()));
    let read = read.clone().map_err(|cause| anyhow!(cause));
    read.context("this program cannot read its own file, so nothing could tell what is running; let this user read it")
}

fn digest() -> std::io::Result<Digest> {
    let mut file = File::open(OWN_FILE).or_else(|_| File::open(std::env::current_exe()?))?;
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK_BYTES]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(Digest::from_bytes(hash.finalize().into())),
            read => hash.update(chunk.get(..read).unwrap_or_default()),
        }
    }
}
