//! `tierone kill status`: every switch that is off, by whom, since when and why, and the kill file.

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use serde::Serialize;

use super::{AtHand, NAME_MAX, named};
use crate::{
    app::kill::{Switch, Switches, file::FileSwitch, switches, word},
    domain::id::TenantId,
    inbound::{
        cli::{Global, exit},
        safe_json,
        shown::shown,
    },
};

const TEXT_MAX: usize = 400;
const REASON_MAX: usize = 80;

/// The arguments of `kill status`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only what is off for this tenant.
    #[arg(long)]
    tenant: Option<String>,
}

#[derive(Serialize)]
struct StatusView {
    off: Vec<SwitchView>,
    kill_file: FileView,
    unreadable: Option<String>,
}

#[derive(Serialize)]
struct SwitchView {
    what: String,
    tenant: String,
    by: Option<String>,
    since: Option<String>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct FileView {
    path: Option<String>,
    state: &'static str,
    by: Option<String>,
    since: Option<String>,
    reason: Option<String>,
}

/// Runs it: exit code 4 where the store cannot be read, which counts as everything being off.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let at_hand = AtHand::of(global);
    let tenant = args.tenant.map(TenantId::new);
    let switches = switches(&at_hand.config, &at_hand.url, tenant.as_ref()).await;
    let readable = switches.unreadable.is_none();
    if global.json {
        let off = switches.off.iter().map(switch).collect();
        let view = StatusView {
            off,
            kill_file: file(&switches.file),
            unreadable: switches.unreadable,
        };
        safe_json::write_line(out, &view)?;
    } else {
        tell(out, &switches)?;
        at_hand.tell(out)?;
    }
    Ok(if readable { exit::OK } else { exit::STORE })
}

fn tell(out: &mut impl Write, switches: &Switches) -> std::io::Result<()> {
    if let Some(cause) = &switches.unreadable {
        let cause = shown(cause, TEXT_MAX);
        writeln!(
            out,
            "everything counts as switched off, because the store cannot be read: {cause}"
        )?;
    }
    let path = |path: &std::path::Path| shown(&path.display().to_string(), TEXT_MAX);
    match &switches.file {
        FileSwitch::NotNamed => writeln!(out, "kill file: the config names none")?,
        FileSwitch::Absent(at) => writeln!(out, "kill file: {} is not there", path(at))?,
        FileSwitch::Present(at, note) => {
            let by = note.as_ref().map_or("made by hand".into(), |note| {
                format!(
                    "made by {} at {}: {}",
                    shown(note.by.as_str(), NAME_MAX),
                    note.at,
                    shown(&note.reason, REASON_MAX)
                )
            });
            writeln!(
                out,
                "kill file: everything is switched off by {}, {by}",
                path(at)
            )?;
        }
        FileSwitch::Unreadable(at, cause) => writeln!(
            out,
            "kill file: everything counts as switched off, because it cannot be told whether {} is there: {}",
            path(at),
            shown(cause, TEXT_MAX)
        )?,
    }
    if switches.off.is_empty() {
        return match switches.unreadable {
            None => writeln!(out, "nothing is switched off in the store"),
            Some(_) => Ok(()),
        };
    }
    table(out, &switches.off)
}

fn table(out: &mut impl Write, off: &[Switch]) -> std::io::Result<()> {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["OFF", "SINCE", "BY", "BECAUSE"]);
    for switch in off {
        let unknown = || "unknown: look with `tierone store check`".to_owned();
        let flip = switch.flip.as_ref();
        table.add_row([
            named(&switch.what, &switch.tenant),
            flip.map_or_else(unknown, |flip| flip.at.to_string()),
            flip.map_or_else(String::new, |flip| shown(flip.by.as_str(), NAME_MAX)),
            flip.and_then(|flip| flip.reason.as_deref())
                .map_or_else(String::new, |reason| shown(reason, REASON_MAX)),
        ]);
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", line.strip_prefix(' ').unwrap_or(line).trim_end())?;
    }
    Ok(())
}

fn switch(switch: &Switch) -> SwitchView {
    let flip = switch.flip.as_ref();
    SwitchView {
        what: word(&switch.what),
        tenant: switch.tenant.to_string(),
        by: flip.map(|flip| flip.by.to_string()),
        since: flip.map(|flip| flip.at.to_string()),
        reason: flip.and_then(|flip| flip.reason.clone()),
    }
}

fn file(file: &FileSwitch) -> FileView {
    let (path, state, note) = match file {
        FileSwitch::NotNamed => (None, "not_named", None),
        FileSwitch::Absent(path) => (Some(path), "absent", None),
        FileSwitch::Present(path, note) => (Some(path), "present", note.as_ref()),
        FileSwitch::Unreadable(path, _) => (Some(path), "unreadable", None),
    };
    FileView {
        path: path.map(|path| path.display().to_string()),
        state,
        by: note.map(|note| note.by.to_string()),
        since: note.map(|note| note.at.to_string()),
        reason: note.map(|note| note.reason.clone()),
    }
}
