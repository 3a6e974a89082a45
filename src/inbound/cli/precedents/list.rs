//! `tierone precedents list`: the precedents of a tenant, and whether each counts.

use std::{collections::BTreeMap, io::Write};

use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use super::view::PrecedentView;
use crate::{
    app::{
        executors::Sending,
        precedents::{Counts, Looked},
    },
    domain::id::TenantId,
    inbound::{
        cli::{Global, exit},
        safe_json,
        shown::shown,
    },
};

const LIMIT: usize = 50;
const SUMMARY_MAX: usize = 60;
const VALUE_MAX: usize = 40;
/// Longer than any id: a shortened one names nothing.
const ID_MAX: usize = 128;
const OUTCOME_MAX: usize = 60;
/// To the day.
const DAY: usize = 10;

/// The arguments of `precedents list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only those that a curator can confirm.
    #[arg(long, conflicts_with = "quarantined")]
    unconfirmed: bool,
    /// Only those in quarantine.
    #[arg(long)]
    quarantined: bool,
    /// Only those of this source.
    #[arg(long)]
    source: Option<String>,
    /// Only those of this detection.
    #[arg(long, value_name = "ID")]
    detection: Option<String>,
    /// The most that are listed.
    #[arg(long, default_value_t = LIMIT, value_name = "N")]
    limit: usize,
    /// Whose they are.
    #[arg(long, default_value = "default")]
    tenant: String,
}

/// Runs it.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let tenant = TenantId::new(args.tenant.as_str());
    let app = global.open(&tenant, None, Sending::DryRun).await?;
    let mut rows = app.look_through_precedents(&tenant).await?;
    rows.retain(|row| args.wants(row));
    let more = rows.len().saturating_sub(args.limit);
    let views: Vec<PrecedentView> = rows
        .iter()
        .take(args.limit)
        .map(PrecedentView::of)
        .collect();
    if global.json {
        for view in &views {
            safe_json::write_line(out, view)?;
        }
    } else if views.is_empty() {
        writeln!(out, "no precedents")?;
    } else {
        write(out, &views)?;
        if more > 0 {
            writeln!(out, "\nand {more} more; list them with --limit")?;
        }
    }
    Ok(exit::OK)
}

impl Args {
    fn wants(&self, row: &Looked) -> bool {
        let scope = &row.precedent.scope;
        let source = self.source.as_deref();
        let detection = self.detection.as_deref();
        source.is_none_or(|source| source == scope.source.as_str())
            && detection.is_none_or(|detection| detection == scope.detection_id)
            && (!self.unconfirmed || matches!(row.counts, Counts::Unconfirmed | Counts::Strictly))
            && (!self.quarantined || matches!(row.counts, Counts::Quarantined(_)))
    }
}

fn write(out: &mut impl Write, views: &[PrecedentView]) -> std::io::Result<()> {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header([
            "PRECEDENT",
            "COUNTS",
            "RECEIVED",
            "SOURCE",
            "DETECTION",
            "OUTCOME",
            "SAID BY",
            "SUMMARY",
        ]);
    for view in views {
        table.add_row([
            shown(&view.id, ID_MAX),
            counts(view),
            view.received_at.chars().take(DAY).collect(),
            shown(&view.source, VALUE_MAX),
            shown(&view.detection_id, VALUE_MAX),
            view.outcome(OUTCOME_MAX),
            shown(&view.said_by, VALUE_MAX),
            shown(&view.summary, SUMMARY_MAX),
        ]);
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", line.strip_prefix(' ').unwrap_or(line).trim_end())?;
    }
    Ok(())
}

fn counts(view: &PrecedentView) -> String {
    match &view.quarantined {
        Some(word) => {
            let reason = word.reason.as_deref().unwrap_or("erased");
            let (by, why) = (shown(&word.by, VALUE_MAX), shown(reason, VALUE_MAX));
            format!("quarantined by {by}: {why}")
        }
        None => match &view.wider {
            Some(wider) => format!("{}; wider: {}", view.counts, named(wider)),
            None => view.counts.into(),
        },
    }
}

/// The facets of a scope.
pub(super) fn named(facets: &BTreeMap<String, String>) -> String {
    let pairs = facets.iter().map(|(key, value)| {
        let (key, value) = (shown(key, VALUE_MAX), shown(value, VALUE_MAX));
        format!("{key}={value}")
    });
    pairs.collect::<Vec<_>>().join(" ")
}
