//! `tierone triage`: alerts in, decisions out.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use serde::Serialize;

use super::{
    Global, compare, exit,
    rehearsal::{self, SendsView},
    table,
};
use crate::{
    app::{App, Submitted, executors::Sending, reading::Reading, rehearse::Stage},
    domain::{
        alert::Origin,
        id::{SourceId, TenantId},
    },
    inbound::{
        safe_json,
        shown::shown,
        view::{Line, line},
    },
    pipeline::normalise::{Asked, Intake},
};

/// How deep folders are walked.
const FOLDERS_MAX_DEPTH: usize = 16;
const NAME_MAX: usize = 400;

/// The arguments of `triage`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file, a folder, or `-` for standard input.
    path: PathBuf,
    /// The source: a name, a jq file of yours, or `auto`: by the folder's name, else by shape.
    #[arg(long, default_value = "auto", value_name = "S|auto|FILE.jq")]
    source: String,
    /// Whose alerts these are.
    #[arg(long, default_value = "default")]
    tenant: String,
    /// The time of receipt (RFC 3339); otherwise now, or the store's own clock.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Show exactly what would be sent, and neither append nor send anything.
    #[arg(long)]
    dry_run: bool,
}

/// A line, with what would be sent.
#[derive(Serialize)]
struct Rehearsed<'a> {
    #[serde(flatten)]
    line: &'a Line,
    dry_run: SendsView,
}

/// The name and the text of the caller's own jq file.
type OwnSource = (String, String);

/// One payload to read.
struct Payload {
    name: String,
    bytes: std::io::Result<Vec<u8>>,
    asked: Asked,
}

/// Runs it: exit code 0 when all was read, 1 when some was not.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let tenant = TenantId::new(args.tenant.as_str());
    let (source, own) = source(&args.source)?;
    let sending = if args.dry_run {
        Sending::Rehearsal
    } else {
        Sending::Real
    };
    let app = global.open(&tenant, own, sending).await?;
    let now = args.at.unwrap_or_else(|| super::now(&app));
    if args.dry_run {
        let payloads = payloads(&args.path, source.as_ref(), app.sources())?;
        return rehearse(global, &app, &tenant, payloads, now, out).await;
    }
    let mut lines = Vec::new();
    for payload in payloads(&args.path, source.as_ref(), app.sources())? {
        for line in triage(&app, &tenant, payload, now).await? {
            if global.json {
                safe_json::write_line(out, &line)?;
            }
            lines.push(line);
        }
    }
    if !global.json {
        table::write(out, &lines, &app, now)?;
        compare::write(out, &lines)?;
    }
    Ok(code(&lines))
}

fn code(lines: &[Line]) -> u8 {
    if lines.iter().all(is_readable) {
        exit::OK
    } else {
        exit::SOME
    }
}

/// The same without a trace, and with what would be sent about each alert.
async fn rehearse(
    global: &Global,
    app: &App,
    tenant: &TenantId,
    payloads: Vec<Payload>,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<u8> {
    let (mut lines, mut sends, mut stage) = (Vec::new(), Vec::new(), Stage::default());
    for payload in payloads {
        let file = Some(payload.name.clone());
        let rehearsed = match payload.bytes {
            Ok(bytes) => {
                let intake = intake(tenant, payload.name, &bytes, payload.asked, now);
                app.rehearse_intake(&intake, &mut stage).await?
            }
            Err(cause) => {
                app.rehearse_unread(tenant, &payload.name, &cause, now, &mut stage)
                    .await?
            }
        };
        for (submitted, sent) in rehearsed {
            let line = line(file.clone(), submitted);
            if global.json {
                let dry_run = SendsView::of(&sent);
                safe_json::write_line(
                    out,
                    &Rehearsed {
                        line: &line,
                        dry_run,
                    },
                )?;
            }
            lines.push(line);
            sends.push(sent);
        }
    }
    if !global.json {
        table::write(out, &lines, app, now)?;
        writeln!(out, "\ndry run: nothing was appended, and nothing was sent")?;
        for (line, sent) in lines.iter().zip(&sends) {
            if let Some(decision) = table::decision(line) {
                let file = decision.file.as_deref().unwrap_or_default();
                writeln!(out, "\n{}", shown(file, NAME_MAX))?;
                rehearsal::sends(out, sent)?;
            }
        }
    }
    Ok(code(&lines))
}

fn intake<'a>(
    tenant: &TenantId,
    name: String,
    bytes: &'a [u8],
    source: Asked,
    received_at: Timestamp,
) -> Intake<'a> {
    Intake {
        tenant: tenant.clone(),
        name,
        bytes,
        source,
        received_at,
    }
}

async fn triage(
    app: &App,
    tenant: &TenantId,
    payload: Payload,
    now: Timestamp,
) -> anyhow::Result<Vec<Line>> {
    let file = Some(payload.name.clone());
    let submitted = match payload.bytes {
        Ok(bytes) => {
            let intake = intake(tenant, payload.name, &bytes, payload.asked, now);
            app.submit(&intake).await?
        }
        Err(cause) => {
            app.submit_unread(tenant, &payload.name, &cause, now)
                .await?
        }
    };
    let shown = |submitted: Submitted| Ok(line(file.clone(), submitted.shown(app.kind())?));
    submitted.into_iter().map(shown).collect()
}

fn is_readable(line: &Line) -> bool {
    match line {
        Line::Control(_) => true,
        Line::Decision(decision) => decision.reasons.iter().all(|finding| {
            finding.code != crate::domain::decision::Code::Readable || finding.holds
        }),
    }
}

/// The name that was asked for, and the caller's own jq file where it is one.
fn source(asked: &str) -> anyhow::Result<(Option<SourceId>, Option<OwnSource>)> {
    if asked == "auto" {
        return Ok((None, None));
    }
    let path = Path::new(asked);
    if path.extension().is_none_or(|ending| ending != "jq") {
        return Ok((Some(SourceId::new(asked)), None));
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("source `{asked}` cannot be read; give the path of a jq file"))?;
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok((Some(SourceId::new(stem.as_str())), Some((stem, text))))
}

fn payloads(
    path: &Path,
    source: Option<&SourceId>,
    sources: &Reading,
) -> anyhow::Result<Vec<Payload>> {
    if let Some(id) = source.filter(|id| !sources.contains(id)) {
        let names: Vec<&str> = sources.names().map(SourceId::as_str).collect();
        bail!(
            "source `{id}` is not known; use one of {}, auto, or a jq file",
            names.join(", ")
        );
    }
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        let bytes = std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map(|_| bytes);
        return Ok(vec![Payload {
            name: "-".into(),
            bytes,
            asked: asked(source, None),
        }]);
    }
    let files = files(path)?;
    if files.is_empty() {
        bail!(
            "folder `{}` has no files; give a folder with alerts in it",
            path.display()
        );
    }
    let payload = |file: PathBuf| Payload {
        name: file.display().to_string(),
        bytes: std::fs::read(&file),
        asked: asked(source, folder_source(&file, sources)),
    };
    Ok(files.into_iter().map(payload).collect())
}

/// The source named on the command line, else by the file's folder, else by shape.
fn asked(named: Option<&SourceId>, folder: Option<SourceId>) -> Asked {
    match named.cloned().or(folder) {
        Some(id) => Asked::Source {
            id,
            origin: Origin::Named,
        },
        None => Asked::Auto,
    }
}

/// The source whose name the file's folder has.
fn folder_source(file: &Path, sources: &Reading) -> Option<SourceId> {
    let folder = file.parent()?.file_name()?.to_str()?;
    let id = SourceId::new(folder);
    sources.contains(&id).then_some(id)
}

/// The files at or below `path`, by path; what begins with a dot is left out.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let metadata = std::fs::metadata(path).with_context(|| {
        format!(
            "`{}` cannot be read; give a file, a folder or -",
            path.display()
        )
    })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    walk(path, FOLDERS_MAX_DEPTH, &mut files)?;
    files.sort();
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if depth == 0 {
        bail!(
            "folder `{}` is nested too deep; give a folder nearer to the files",
            folder.display()
        );
    }
    let listing = std::fs::read_dir(folder).with_context(|| {
        format!(
            "folder `{}` cannot be listed; check its permissions",
            folder.display()
        )
    })?;
    for entry in listing {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), depth - 1, files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}
