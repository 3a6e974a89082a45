//! `tierone store backup`: a copy of the store, for its owner's eyes only, that was looked through before it is said to be there.

use std::{io::Write, path::Path};

use serde::Serialize;

use super::looked;
use crate::{
    app::upkeep,
    domain::soundness::Soundness,
    inbound::{
        cli::{Global, exit},
        safe_json,
        shown::shown,
    },
};

const PATH_MAX: usize = 400;

#[derive(Serialize)]
struct BackedUp<'a> {
    store: &'a str,
    backup: &'a str,
    bytes: u64,
    #[serde(flatten)]
    soundness: &'a Soundness,
}

/// Runs it.
pub async fn run(global: &Global, file: &Path, out: &mut impl Write) -> anyhow::Result<u8> {
    let url = global.url()?;
    let soundness = upkeep::backup(&url, file).await?;
    let (backup, bytes) = (file.display().to_string(), std::fs::metadata(file)?.len());
    if global.json {
        let backed_up = BackedUp {
            store: &url,
            backup: &backup,
            bytes,
            soundness: &soundness,
        };
        safe_json::write_line(out, &backed_up)?;
    } else {
        let (url, backup) = (shown(&url, PATH_MAX), shown(&backup, PATH_MAX));
        writeln!(
            out,
            "store {url} is in {backup}, {bytes} bytes, and the copy is sound"
        )?;
        writeln!(out, "{}", looked(&soundness))?;
        writeln!(
            out,
            "it holds alert bodies and the store's secret in clear: keep it as you keep the store"
        )?;
    }
    Ok(exit::OK)
}
