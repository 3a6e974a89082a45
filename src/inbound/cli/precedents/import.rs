//! `tierone precedents import`: what was decided elsewhere, from CSV or JSON lines. All of a file or nothing.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::bail;
use serde::Serialize;

use super::sheet::{Format, Mapping, Sheet, is_field, read};
use crate::{
    app::{
        App,
        executors::Sending,
        import::{
            Done, Imported, Storing,
            row::{FIELDS, Wrong},
        },
    },
    domain::id::TenantId,
    inbound::{
        cli::{Global, exit, now, who},
        safe_json,
        shown::shown,
    },
};

/// Rows that are complained of one by one.
const WRONG_MAX: usize = 100;
const TEXT_MAX: usize = 200;

/// The arguments of `precedents import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file.
    file: PathBuf,
    /// Fill a field from a column: summary, disposition, source, `detection_id`, `received_at`, `closed_at`, action, cluster, breadth,
    /// `seen_draft`, reply, region, facet.NAME or parameter.NAME. A column of a field's own name needs no mapping.
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = mapped)]
    map: Vec<(String, String)>,
    /// Give a field to every row.
    #[arg(long, value_name = "FIELD=TEXT", value_parser = set)]
    set: Vec<(String, String)>,
    /// How the file is written; otherwise what its name ends in.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Read and check everything, and bring nothing in.
    #[arg(long)]
    dry_run: bool,
    /// Whose they are.
    #[arg(long, default_value = "default")]
    tenant: String,
}

#[derive(Serialize)]
struct Summary<'a> {
    file: String,
    dry_run: bool,
    added: u64,
    present: u64,
    repeated: u64,
    ignored_columns: Vec<&'a str>,
}

#[derive(Serialize)]
struct WrongView<'a> {
    line: u64,
    field: &'a str,
    value: &'a str,
    cause: &'a str,
    cure: &'a str,
}

/// Runs it: exit code 2, and nothing brought in, where any row is wrong.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let format = match args.format {
        Some(format) => format,
        None => Format::of(&args.file)?,
    };
    let mapping = Mapping::new(args.map, args.set)?;
    let sheet = read(&args.file, format, &mapping)?;
    let app = global.open_site(Sending::DryRun).await?;
    let tenant = TenantId::new(args.tenant);
    let storing = if args.dry_run || !sheet.wrong.is_empty() {
        Storing::DryRun
    } else {
        Storing::Real
    };
    match import(&app, &tenant, &sheet, storing).await? {
        Imported::Done(done) => {
            let summary = summary(&args.file, args.dry_run, done, &sheet);
            tell(global, out, &summary)?;
            Ok(exit::OK)
        }
        Imported::Refused(wrong) => {
            complain(global, out, &wrong)?;
            bail!(
                "`{}` was not imported, and nothing was changed: {} of {} rows are wrong; mend them and import the file again",
                args.file.display(),
                rows(&wrong),
                sheet.rows.len() + sheet.wrong.len()
            )
        }
    }
}

/// What comes of the rows, with the lines that were no rows among those that are wrong.
async fn import(
    app: &App,
    tenant: &TenantId,
    sheet: &Sheet,
    storing: Storing,
) -> anyhow::Result<Imported> {
    let claimant = who::claimant()?;
    let imported = app.import(tenant, &claimant, &sheet.rows, storing, now(app));
    Ok(match imported.await? {
        Imported::Done(done) if sheet.wrong.is_empty() => Imported::Done(done),
        Imported::Done(_) => Imported::Refused(sheet.wrong.clone()),
        Imported::Refused(mut wrong) => {
            wrong.extend(sheet.wrong.iter().cloned());
            wrong.sort_by_key(|wrong| wrong.line);
            Imported::Refused(wrong)
        }
    })
}

/// How many rows have something wrong with them.
fn rows(wrong: &[Wrong]) -> usize {
    let mut lines: Vec<u64> = wrong.iter().map(|wrong| wrong.line).collect();
    lines.dedup();
    lines.len()
}

fn summary<'a>(file: &Path, dry_run: bool, done: Done, sheet: &'a Sheet) -> Summary<'a> {
    Summary {
        file: file.display().to_string(),
        dry_run,
        added: done.added,
        present: done.present,
        repeated: done.repeated,
        ignored_columns: sheet.ignored.iter().map(String::as_str).collect(),
    }
}

fn tell(global: &Global, out: &mut impl Write, summary: &Summary<'_>) -> anyhow::Result<()> {
    if global.json {
        return Ok(safe_json::write_line(out, summary)?);
    }
    let verb = if summary.dry_run {
        "would be brought in (dry run: nothing was)"
    } else {
        "were brought in"
    };
    writeln!(
        out,
        "{} precedents {verb}, {} were here before, {} rows repeat another",
        summary.added, summary.present, summary.repeated
    )?;
    if !summary.ignored_columns.is_empty() {
        let columns = shown(&summary.ignored_columns.join(", "), TEXT_MAX);
        writeln!(out, "columns that no field was made of: {columns}")?;
    }
    writeln!(
        out,
        "they rank what people see, in a running service from its next start, and count in no decision until a curator confirms each: \
         tierone precedents confirm ID"
    )?;
    Ok(())
}

fn complain(global: &Global, out: &mut impl Write, wrong: &[Wrong]) -> anyhow::Result<()> {
    for wrong in wrong.iter().take(WRONG_MAX) {
        let view = WrongView {
            line: wrong.line,
            field: &wrong.field,
            value: &wrong.value,
            cause: &wrong.cause,
            cure: wrong.cure,
        };
        if global.json {
            safe_json::write_line(out, &view)?;
            continue;
        }
        writeln!(
            out,
            "line {}: {} `{}`: {}; {}",
            view.line,
            shown(view.field, TEXT_MAX),
            shown(view.value, TEXT_MAX),
            shown(view.cause, TEXT_MAX * 2),
            view.cure
        )?;
    }
    if wrong.len() > WRONG_MAX && !global.json {
        writeln!(out, "and {} more", wrong.len() - WRONG_MAX)?;
    }
    Ok(())
}

/// A field's name has no `=`; a column's may.
fn mapped(text: &str) -> Result<(String, String), String> {
    let (column, field) = text.rsplit_once('=').ok_or("it has no `=`")?;
    if column.is_empty() {
        return Err("it has no column before `=`".into());
    }
    Ok((column.into(), known(field)?))
}

fn set(text: &str) -> Result<(String, String), String> {
    let (field, text) = text.split_once('=').ok_or("it has no `=`")?;
    if text.trim().is_empty() {
        return Err("it has nothing after `=`".into());
    }
    Ok((known(field)?, text.trim().into()))
}

fn known(field: &str) -> Result<String, String> {
    if is_field(field) {
        return Ok(field.into());
    }
    Err(format!(
        "`{field}` is no field; use {}, facet.NAME or parameter.NAME",
        FIELDS.join(", ")
    ))
}
