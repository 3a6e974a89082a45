//! `tierone release show`: every component with its digest, the stage, the attestation, and what keeps the release from acting alone.

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use crate::{
    app::release::show::{Component, Standing, show},
    domain::facts::Known,
    inbound::{
        cli::{Global, exit, wall_clock},
        release_view::ReleaseView,
        safe_json,
        shown::shown,
    },
};

const NAME_MAX: usize = 120;
const TEXT_MAX: usize = 400;

/// Runs it: nothing is missing only where the agent may act alone.
pub async fn run(global: &Global, out: &mut impl Write) -> anyhow::Result<u8> {
    let (config, url) = (global.config()?, global.url()?);
    let standing = Box::pin(show(&config, &url, wall_clock())).await?;
    if global.json {
        safe_json::write_line(out, &ReleaseView::of(&standing))?;
    } else {
        tell(out, &standing)?;
    }
    Ok(exit::OK)
}

fn tell(out: &mut impl Write, standing: &Standing) -> std::io::Result<()> {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["COMPONENT", "DIGEST", "ATTESTED"]);
    for component in &standing.components {
        let digest = component
            .digest
            .map_or_else(|| "absent".into(), |digest| digest.to_string());
        table.add_row([
            shown(&component.name, NAME_MAX),
            digest,
            attested(component).into(),
        ]);
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", line.strip_prefix(' ').unwrap_or(line).trim_end())?;
    }
    let stage = match &standing.stage {
        Known::Read(stage) => stage.word().to_owned(),
        Known::Unreadable(cause) => format!("unreadable: {}", shown(cause, TEXT_MAX)),
    };
    writeln!(out)?;
    writeln!(out, "release      {}", standing.digest)?;
    writeln!(out, "store        {}", standing.store.word())?;
    writeln!(out, "stage        {stage}")?;
    let attestation = standing.attested.to_string();
    writeln!(out, "attestation  {}", shown(&attestation, TEXT_MAX))?;
    for missing in &standing.missing {
        writeln!(out, "missing      {}", shown(missing, TEXT_MAX))?;
    }
    Ok(())
}

fn attested(component: &Component) -> &'static str {
    match (component.digest, component.attested) {
        (_, None) => "no",
        (Some(own), Some(attested)) if own == attested => "yes",
        (_, Some(_)) => "another",
    }
}
