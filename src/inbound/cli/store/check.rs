//! `tierone store check`: says what is damaged in a store, and what to do.

use std::io::Write;

use serde::Serialize;

use super::{damages, looked};
use crate::{
    app::upkeep,
    domain::soundness::Soundness,
    inbound::{
        cli::{Global, exit},
        safe_json,
        shown::shown,
    },
};

const URL_MAX: usize = 400;

#[derive(Serialize)]
struct Checked<'a> {
    store: &'a str,
    sound: bool,
    #[serde(flatten)]
    soundness: &'a Soundness,
}

/// Runs it: exit code 1 where something is damaged.
pub async fn run(global: &Global, out: &mut impl Write) -> anyhow::Result<u8> {
    let url = global.url()?;
    let soundness = upkeep::check(&url).await?;
    let sound = soundness.is_sound();
    if global.json {
        let checked = Checked {
            store: &url,
            sound,
            soundness: &soundness,
        };
        safe_json::write_line(out, &checked)?;
    } else {
        damages(out, &soundness)?;
        let verdict = if sound { "is sound" } else { "is damaged" };
        writeln!(out, "store {} {verdict}", shown(&url, URL_MAX))?;
        writeln!(out, "{}", looked(&soundness))?;
    }
    Ok(if sound { exit::OK } else { exit::SOME })
}
