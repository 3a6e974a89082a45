//! `tierone precedents confirm`: what of a precedent waited for a second person counts from now on.

use std::io::Write;

use super::{Which, list::named, view::PrecedentView};
use crate::inbound::{
    cli::{Global, exit, now, who},
    safe_json,
    shown::shown,
};

const TEXT_MAX: usize = 400;

/// Runs it, and says what was confirmed.
pub async fn run(global: &Global, which: &Which, out: &mut impl Write) -> anyhow::Result<u8> {
    let (tenant, id) = (which.tenant(), which.id());
    let app = global.open_there(&tenant).await?;
    let now = now(&app);
    let by = app.confirm(&tenant, &who::claimant()?, &id, now).await?;
    let looked = app.look_through_precedents(&tenant).await?;
    let looked = looked.iter().filter(|looked| looked.precedent.id == id);
    for view in looked.map(PrecedentView::of) {
        if global.json {
            safe_json::write_line(out, &view)?;
            continue;
        }
        writeln!(
            out,
            "precedent {} counts from now on, on the word of {}",
            shown(&view.id, TEXT_MAX),
            shown(by.as_str(), TEXT_MAX)
        )?;
        writeln!(out, "  {}", shown(&view.summary, TEXT_MAX))?;
        writeln!(out, "  {}", view.outcome(TEXT_MAX))?;
        writeln!(out, "  where {}", named(&view.facets))?;
    }
    Ok(exit::OK)
}
