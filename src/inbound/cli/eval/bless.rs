//! `tierone eval bless DIR --key FILE`: signs the cases of a passed run as the baseline that later runs are compared with. Nothing else moves it.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use super::{
    super::{Global, exit},
    compare,
    report::BUNDLE_FILE,
};
use crate::{
    app::release::attest::{kind_of, signing_key},
    eval::{baseline::Baseline, bundle::Bundle},
    inbound::{safe_json, shown::shown},
};

const TEXT_MAX: usize = 300;

/// What is to be the baseline.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The report folder of the run.
    run: PathBuf,
    /// The baseline.
    #[arg(long, default_value = "eval/baseline.json", value_name = "FILE")]
    baseline: PathBuf,
    /// The private key: Ed25519, PKCS #8, PEM. A store that is not live needs none.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Makes it so. Only a run that would suffice for an attestation is made a baseline.
pub fn run(global: &Global, args: &Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let bundle = bundle(&args.run)?;
    if let Err(why) = bundle.suffices() {
        bail!("run `{}` is no baseline: {why}", args.run.display());
    }
    let store = kind_of(&global.url()?)?;
    let key = signing_key(&global.config()?, store, args.key.as_deref())?;
    let cases = compare::reported(&args.run)?;
    let digest = bundle.digest()?;
    let baseline = Baseline::signed(cases, digest, &key)?.to_bytes()?;
    if let Some(folder) = args.baseline.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("folder `{}` cannot be made", folder.display()))?;
    }
    std::fs::write(&args.baseline, baseline)
        .with_context(|| format!("baseline `{}` cannot be written", args.baseline.display()))?;
    let digest = digest.to_string();
    let path = args.baseline.display().to_string();
    if global.json {
        safe_json::write_line(
            out,
            &serde_json::json!({ "baseline": path, "evidence": digest }),
        )?;
    } else {
        writeln!(
            out,
            "{} is the baseline, of evidence {digest}",
            shown(&path, TEXT_MAX)
        )?;
    }
    Ok(exit::OK)
}

/// The evidence of the run that was reported into `folder`.
pub fn bundle(folder: &Path) -> anyhow::Result<Bundle> {
    let file = folder.join(BUNDLE_FILE);
    let text = std::fs::read(&file).with_context(|| {
        format!(
            "evidence `{}` cannot be read; make it with `tierone eval run --report DIR`",
            file.display()
        )
    })?;
    serde_json::from_slice(&text)
        .with_context(|| format!("`{}` is no evidence of a run", file.display()))
}
