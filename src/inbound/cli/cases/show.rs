//! `tierone cases show`: a case as a readable story, and what is asked about it.

use std::io::Write;

use anyhow::Context as _;

use super::{About, not_found};
use crate::{
    app::executors::Sending,
    inbound::{
        case_view::{WaitingView, open_ask},
        cli::{Global, asked, exit, story},
        safe_json,
    },
};

/// Runs it. In JSON it is the events, one a line, as they are stored.
pub async fn run(global: &Global, about: &About, out: &mut impl Write) -> anyhow::Result<u8> {
    let (tenant, id) = (about.tenant(), about.id()?);
    let app = global.open(&tenant, None, Sending::DryRun).await?;
    let found = app.find(&tenant, id).await?;
    let found = found.with_context(|| not_found(global, id))?;
    if global.json {
        for event in &found.events {
            safe_json::write_line(out, event)?;
        }
        return Ok(exit::OK);
    }
    story::write(out, &app, &found).await?;
    if let Some(waiting) = app.waiting(&found.case).await? {
        writeln!(out)?;
        asked::write_waiting(out, global, &found.case, &WaitingView::of(&waiting))?;
    }
    if let Some(ask) = open_ask(&found.case) {
        writeln!(out)?;
        asked::write(out, global, &found.case, ask)?;
    }
    Ok(exit::OK)
}
