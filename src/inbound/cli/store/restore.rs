//! `tierone store restore`: a backup in the place of the store, once a copy of it was opened and looked through.

use std::{io::Write, path::Path};

use serde::Serialize;

use super::looked;
use crate::{
    app::upkeep::{self, There},
    domain::soundness::Soundness,
    inbound::{
        cli::{Global, exit, wall_clock},
        safe_json,
        shown::shown,
    },
};

const PATH_MAX: usize = 400;

#[derive(Serialize)]
struct Restored<'a> {
    store: &'a str,
    backup: &'a str,
    moved_aside: Option<String>,
    #[serde(flatten)]
    soundness: &'a Soundness,
}

/// Runs it.
pub async fn run(
    global: &Global,
    file: &Path,
    replace: bool,
    out: &mut impl Write,
) -> anyhow::Result<u8> {
    let url = global.url()?;
    let there = if replace {
        There::MovedAside
    } else {
        There::Stays
    };
    let (soundness, aside) = upkeep::restore(&url, file, there, wall_clock()).await?;
    let moved_aside = aside.map(|path| path.display().to_string());
    let backup = file.display().to_string();
    if global.json {
        let restored = Restored {
            store: &url,
            backup: &backup,
            moved_aside,
            soundness: &soundness,
        };
        safe_json::write_line(out, &restored)?;
    } else {
        let (url, backup) = (shown(&url, PATH_MAX), shown(&backup, PATH_MAX));
        writeln!(out, "store {url} is now what {backup} was")?;
        if let Some(path) = moved_aside {
            let path = shown(&path, PATH_MAX);
            writeln!(
                out,
                "the store that was there is {path}; remove it when you no longer need it"
            )?;
        }
        writeln!(out, "{}", looked(&soundness))?;
        writeln!(
            out,
            "what was done since the backup is not in it: look at `tierone kill status`, `tierone keys list` and `tierone precedents list --quarantined` \
             before you start the service"
        )?;
    }
    Ok(exit::OK)
}
