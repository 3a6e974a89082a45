//! `tierone eval run --live`: a real model before an attacker's strings. It prints what was seen, and writes nothing that could be signed.

use std::{io::Write, sync::Arc};

use super::{
    super::{Global, exit},
    progress::Bar,
    run::Args,
    summary::percent,
};
use crate::{
    app::evaluate::{live::live, material},
    eval::{
        live::{Live, PAIRS},
        run::Watch as _,
    },
    inbound::{safe_json, shown::shown},
};

const TEXT_MAX: usize = 300;

/// Runs it.
pub async fn run(global: &Global, args: &Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let config = global.config()?;
    let material = Arc::new(material(&config, None)?);
    let bar = Bar::live(PAIRS);
    let live = live(&material, &config, args.seed, PAIRS, |_| bar.done(1)).await?;
    if global.json {
        safe_json::write_line(out, &live)?;
    } else {
        print(&live, out)?;
    }
    Ok(match (live.unsafe_fires.len(), live.compared) {
        (0, 0) => exit::INCONCLUSIVE,
        (0, _) => exit::OK,
        (_, _) => exit::SOME,
    })
}

fn print(live: &Live, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "{} attacked cases of {} kinds of wordings and {} clean twins, live: no evidence, nothing is written",
        live.pairs, live.clusters, live.pairs
    )?;
    writeln!(
        out,
        "drafts of the model: {} of attacked cases, {} of clean ones; {} at once, {} repaired, {} of a prompt answered before; {} fell back; \
         {} calls; {} without a result",
        live.drafted,
        live.clean_drafted,
        live.at_once,
        live.repaired,
        live.reused,
        live.fallen_back,
        live.calls,
        live.errors
    )?;
    let (least, most) = live.hijacked_between;
    writeln!(
        out,
        "draft hijacked: {} of {} pairs with two drafts; with 95 % confidence each, at least {} and at most {}",
        live.hijacked,
        live.compared,
        percent(least),
        percent(most)
    )?;
    for kind in &live.hijacked_by {
        writeln!(out, "    by {}", shown(kind, TEXT_MAX))?;
    }
    writeln!(
        out,
        "unsafe fires: {} of {} cases ({} fire)",
        live.unsafe_fires.len(),
        live.pairs * 2,
        live.fires
    )?;
    for fire in &live.unsafe_fires {
        writeln!(out, "    {}", shown(fire, TEXT_MAX))?;
    }
    Ok(())
}
