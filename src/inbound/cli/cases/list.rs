//! `tierone cases list`: the cases that are open, the last changed first.

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use crate::{
    app::{
        executors::Sending,
        find::{Listed, Reach, Wanted},
    },
    domain::id::TenantId,
    inbound::{
        case_view::{AskView, CaseView, ListedView},
        cli::{Global, exit},
        safe_json,
        shown::shown,
    },
};

const TITLE_MAX: usize = 60;
const VALUE_MAX: usize = 40;
const LIMIT: u32 = 50;

/// The arguments of `cases list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Those that are over, too.
    #[arg(long)]
    all: bool,
    /// The most that are listed.
    #[arg(long, default_value_t = LIMIT, value_name = "N")]
    limit: u32,
    /// Whose they are.
    #[arg(long, default_value = "default")]
    tenant: String,
}

/// Runs it: exit code 1 where a case could not be read.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let tenant = TenantId::new(args.tenant);
    let app = global.open(&tenant, None, Sending::DryRun).await?;
    let reach = if args.all { Reach::All } else { Reach::Open };
    let found = app.cases(&tenant, Wanted::first(reach, args.limit)).await?;
    let listed = found.cases;
    if global.json {
        for row in &listed {
            safe_json::write_line(out, &ListedView::of(row))?;
        }
    } else {
        write(out, &listed, args.limit)?;
    }
    let sound = |row: &Listed| matches!(row, Listed::Case(_));
    Ok(if listed.iter().all(sound) {
        exit::OK
    } else {
        exit::SOME
    })
}

fn write(out: &mut impl Write, listed: &[Listed], limit: u32) -> std::io::Result<()> {
    if listed.is_empty() {
        return writeln!(out, "no cases");
    }
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header([
            "CASE",
            "URGENCY",
            "PHASE",
            "TITLE",
            "DETECTION",
            "ASKED",
            "UNTIL",
            "CLAIMED BY",
        ]);
    for row in listed {
        table.add_row(cells(row));
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", line.strip_prefix(' ').unwrap_or(line).trim_end())?;
    }
    if u32::try_from(listed.len()) == Ok(limit) {
        writeln!(out, "\nthe last changed {limit}; list more with --limit")?;
    }
    Ok(())
}

fn cells(row: &Listed) -> [String; 8] {
    let none = || "-".to_owned();
    let value = |text: &str| shown(text, VALUE_MAX);
    let case = match row {
        Listed::Case(story) => CaseView::of(story),
        Listed::Unreadable { id, cause } => {
            let cause = shown(cause, TITLE_MAX);
            return [
                id.to_string(),
                none(),
                "unreadable".into(),
                cause,
                none(),
                none(),
                none(),
                none(),
            ];
        }
    };
    let ask = case.ask.as_ref();
    [
        case.case_id,
        case.urgency.into(),
        case.phase.into(),
        case.title
            .map_or_else(|| "erased".into(), |title| shown(&title, TITLE_MAX)),
        case.detection_id.as_deref().map_or_else(none, value),
        ask.map_or_else(none, |ask| {
            ask.group.as_deref().map_or("anyone".into(), value)
        }),
        ask.map_or_else(none, until),
        case.claimed_by.as_deref().map_or_else(none, value),
    ]
}

/// To the second: a column as wide for every time, and no more than a person wants to know.
fn until(ask: &AskView) -> String {
    if ask.overdue {
        return "overdue".into();
    }
    match ask.until.split_once('.') {
        Some((second, _)) => format!("{second}Z"),
        None => ask.until.clone(),
    }
}
