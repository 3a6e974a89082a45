//! `tierone kill off`: switches on again what is off. It takes a person of the people file, and a reason.

use std::{io::Write, path::Path};

use serde::Serialize;

use super::{NAME_MAX, Scope, named};
use crate::{
    app::kill::{SwitchedOn, file::Removed},
    inbound::{
        cli::{Global, cases::said, exit, now, who},
        safe_json,
        shown::shown,
    },
};

const TEXT_MAX: usize = 400;

/// The arguments of `kill off`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scope: Scope,
    /// Why.
    #[arg(long)]
    reason: String,
}

#[derive(Serialize)]
struct OffView {
    on: String,
    operation: u64,
    by: String,
    kill_file: Option<String>,
    kill_file_state: &'static str,
    kill_file_cause: Option<String>,
    still_off: Vec<String>,
}

/// Runs it: exit code 1 where the kill file could not be removed, so that everything is off all the same.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let reason = said(args.reason)?;
    let (what, tenant) = (args.scope.kill(), args.scope.tenant());
    let on = named(&what, &tenant);
    let app = global.open_there(&tenant).await?;
    let (claimant, now) = (who::claimant()?, now(&app));
    let switched = app.switch_on(&tenant, &claimant, what, reason, now).await?;
    let whole = !matches!(switched.file, Removed::Failed(..));
    if global.json {
        safe_json::write_line(out, &view(on, switched))?;
    } else {
        tell(out, &on, &switched)?;
    }
    Ok(if whole { exit::OK } else { exit::SOME })
}

fn tell(out: &mut impl Write, on: &str, switched: &SwitchedOn) -> std::io::Result<()> {
    let operation = &switched.operation;
    writeln!(
        out,
        "{on} is switched on again, on the word of {} (operation {} of its chain)",
        shown(operation.by.as_str(), NAME_MAX),
        operation.number
    )?;
    let shown_path = |path: &Path| shown(&path.display().to_string(), TEXT_MAX);
    match &switched.file {
        Removed::Nothing => {}
        Removed::Gone(path) => writeln!(out, "kill file {} was removed", shown_path(path))?,
        Removed::Failed(path, cause) => writeln!(
            out,
            "kill file {} could NOT be removed: {}; everything is off until you remove it",
            shown_path(path),
            shown(cause, TEXT_MAX)
        )?,
    }
    for still in &switched.still {
        writeln!(out, "still off: {}", shown(still, TEXT_MAX))?;
    }
    Ok(())
}

fn view(on: String, switched: SwitchedOn) -> OffView {
    let (state, path, cause) = match switched.file {
        Removed::Nothing => ("none", None, None),
        Removed::Gone(path) => ("removed", Some(path), None),
        Removed::Failed(path, cause) => ("failed", Some(path), Some(cause)),
    };
    OffView {
        on,
        operation: switched.operation.number,
        by: switched.operation.by.to_string(),
        kill_file: path.map(|path| path.display().to_string()),
        kill_file_state: state,
        kill_file_cause: cause,
        still_off: switched.still,
    }
}
