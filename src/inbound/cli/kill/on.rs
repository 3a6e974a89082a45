//! `tierone kill on`: switches off at once, also where the store, the people file or the config do not work.

use std::io::Write;

use anyhow::bail;
use serde::Serialize;

use super::{AtHand, NAME_MAX, Scope, named};
use crate::{
    app::{
        kill::{Stop, Stopped, file::Written, switch_off},
        rules,
    },
    config::Config,
    domain::{facts::Kill, id::ActionId},
    inbound::{
        cli::{Global, exit, wall_clock, who},
        safe_json,
        shown::shown,
    },
};

const TEXT_MAX: usize = 400;

/// The arguments of `kill on`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scope: Scope,
    /// Why. It can be left out, to be quick.
    #[arg(long, default_value = "")]
    reason: String,
}

#[derive(Serialize)]
struct OnView {
    off: String,
    recorded: bool,
    operation: Option<u64>,
    by: Option<String>,
    not_recorded_because: Option<String>,
    kill_file: Option<String>,
    kill_file_state: &'static str,
    kill_file_cause: Option<String>,
}

/// Runs it: exit code 0 where it is off and on record, 1 where it is off and one of the two ways failed, 4 where nothing is off.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let at_hand = AtHand::of(global);
    let (what, tenant) = (args.scope.kill(), args.scope.tenant());
    if let Kill::Action(action) = &what {
        knows(&at_hand.config, action)?;
    }
    let stop = Stop {
        tenant: tenant.clone(),
        what: what.clone(),
        reason: args.reason,
        by: who::claimant_or_number(),
    };
    let stopped = switch_off(&at_hand.config, &at_hand.url, stop, wall_clock()).await?;
    let off = match &stopped.recorded {
        Ok(_) => named(&what, &tenant),
        Err(_) => named(&Kill::Global, &tenant),
    };
    if global.json {
        safe_json::write_line(out, &view(off, &stopped))?;
    } else {
        tell(out, &off, &what, &stopped)?;
        at_hand.tell(out)?;
    }
    let whole = stopped.recorded.is_ok() && !matches!(stopped.file, Written::Failed(..));
    Ok(if whole { exit::OK } else { exit::SOME })
}

/// An action that is misspelt would go on. Where the catalogue cannot be read, any name is taken.
fn knows(config: &Config, action: &ActionId) -> anyhow::Result<()> {
    let Ok(catalogue) = rules::catalogue(config) else {
        return Ok(());
    };
    if catalogue.action(action).is_none() {
        let ids: Vec<&str> = catalogue
            .actions
            .iter()
            .map(|action| action.id.as_str())
            .collect();
        bail!(
            "nothing is switched off: the catalogue has no action `{action}`; name one of {}, or leave --action out to switch everything off",
            ids.join(", ")
        );
    }
    Ok(())
}

fn tell(out: &mut impl Write, off: &str, what: &Kill, stopped: &Stopped) -> std::io::Result<()> {
    match &stopped.recorded {
        Ok(operation) => writeln!(
            out,
            "{off} is switched off, on the word of {} (operation {} of its chain)",
            shown(operation.by.as_str(), NAME_MAX),
            operation.number
        )?,
        Err(cause) => {
            let more = match what {
                Kill::Global => "",
                Kill::Tenant(_) | Kill::Action(_) => ", which is more than you asked for",
            };
            writeln!(
                out,
                "{off} is switched off by the kill file alone{more}: it is NOT on record, because {}",
                shown(&format!("{cause:#}"), TEXT_MAX)
            )?;
            writeln!(
                out,
                "when the store works again, run `tierone kill on` once more, so that the store says so too"
            )?;
        }
    }
    let shown_path = |path: &std::path::Path| shown(&path.display().to_string(), TEXT_MAX);
    match &stopped.file {
        Written::NotNeeded | Written::NotNamed => Ok(()),
        Written::Made(path) => writeln!(out, "kill file {} was made", shown_path(path)),
        Written::Stood(path) => writeln!(out, "kill file {} was there before", shown_path(path)),
        Written::Failed(path, cause) => writeln!(
            out,
            "kill file {} could NOT be made: {}; the store alone switches it off",
            shown_path(path),
            shown(cause, TEXT_MAX)
        ),
    }
}

fn view(off: String, stopped: &Stopped) -> OnView {
    let (state, path, cause) = match &stopped.file {
        Written::NotNeeded => ("not_needed", None, None),
        Written::NotNamed => ("not_named", None, None),
        Written::Made(path) => ("made", Some(path), None),
        Written::Stood(path) => ("was_there", Some(path), None),
        Written::Failed(path, cause) => ("failed", Some(path), Some(cause.clone())),
    };
    let operation = stopped.recorded.as_ref().ok();
    OnView {
        off,
        recorded: operation.is_some(),
        operation: operation.map(|operation| operation.number),
        by: operation.map(|operation| operation.by.to_string()),
        not_recorded_because: match &stopped.recorded {
            Ok(_) => None,
            Err(cause) => Some(format!("{cause:#}")),
        },
        kill_file: path.map(|path| path.display().to_string()),
        kill_file_state: state,
        kill_file_cause: cause,
    }
}
