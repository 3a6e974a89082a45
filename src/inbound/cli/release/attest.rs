//! `tierone release attest`: signs the evidence of a run for exactly what would run here. Exit code 1 where the evidence does not suffice, or
//! is of something else.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::Serialize;

use crate::{
    app::{
        demo,
        release::attest::{attest, kind_of},
    },
    config::Config,
    domain::{canonical::to_bytes, facts::StoreKind},
    eval::attestation::Attestation,
    inbound::{
        cli::{Global, eval::bundle, exit, wall_clock, whole_file},
        safe_json,
        shown::shown,
    },
};

const TEXT_MAX: usize = 400;

/// What is to be signed, and with what.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The report folder of `tierone eval run --report`.
    #[arg(long, value_name = "DIR")]
    bundle: PathBuf,
    /// The private key: Ed25519, PKCS #8, PEM. A store that is not live needs none.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Where the attestation goes; otherwise where [release] attestation says.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct AttestedView {
    attestation: String,
    store: &'static str,
    release: String,
    evidence: String,
    issued: String,
    until: String,
}

/// Runs it.
pub fn run(global: &Global, args: &Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let config = global.config()?;
    let path = target(&config, args)?;
    let store = kind_of(&global.url()?)?;
    let now = demo::clock(store)?.unwrap_or_else(wall_clock);
    let bundle = bundle(&args.bundle)?;
    let attestation = attest(&config, store, bundle, args.key.as_deref(), now)?;
    whole_file::write(&path, "attestation", &to_bytes(&attestation)?)?;
    if global.json {
        safe_json::write_line(out, &view(&path, store, &attestation))?;
    } else {
        let statement = &attestation.statement;
        writeln!(
            out,
            "{} attests release {} for {} stores, until {}",
            shown(&path.display().to_string(), TEXT_MAX),
            statement.release,
            store.word(),
            statement.until
        )?;
    }
    Ok(exit::OK)
}

fn target(config: &Config, args: &Args) -> anyhow::Result<PathBuf> {
    let target = args.out.as_ref().or(config.release.attestation.as_ref());
    target.cloned().context(
        "the config names no attestation; name a file with --out, or by [release] attestation",
    )
}

fn view(path: &Path, store: StoreKind, attestation: &Attestation) -> AttestedView {
    let statement = &attestation.statement;
    AttestedView {
        attestation: path.display().to_string(),
        store: store.word(),
        release: statement.release.to_string(),
        evidence: statement.bundle.to_string(),
        issued: statement.issued.to_string(),
        until: statement.until.to_string(),
    }
}
