//! `tierone store`: looking through a store, copying it, and putting a copy in its place.

mod backup;
mod check;
mod restore;

use std::{io::Write, path::PathBuf};

use clap::Subcommand;

use super::Global;
use crate::{
    domain::soundness::{Damage, Depth, Soundness},
    inbound::shown::shown,
};

const TEXT_MAX: usize = 400;

/// What can be done with a whole store.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look through every page, chain, fold and row, and say what is damaged. Nothing is changed.
    Check,
    /// Copy the store as it is at this moment, while others write, and look through the copy.
    Backup {
        /// The new file.
        file: PathBuf,
    },
    /// Put a backup in the place of the store, once it was looked through.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Move a store that is there aside, and keep it.
        #[arg(long)]
        replace: bool,
    },
}

/// Runs it.
pub async fn run(global: &Global, command: Command, out: &mut impl Write) -> anyhow::Result<u8> {
    match command {
        Command::Check => check::run(global, out).await,
        Command::Backup { file } => backup::run(global, &file, out).await,
        Command::Restore { file, replace } => restore::run(global, &file, replace, out).await,
    }
}

/// How much was looked at, in a sentence.
fn looked(soundness: &Soundness) -> String {
    let counted = soundness.counted;
    match soundness.depth {
        Depth::Whole => format!(
            "{} cases with {} events, {} operations, {} precedents and {} API keys were looked at",
            counted.cases, counted.events, counted.operations, counted.precedents, counted.keys
        ),
        Depth::Pages(schema) => format!(
            "only the pages of the file were looked at: its schema is {schema}, older than this build's; a command that writes to the \
             store, such as `tierone cases list`, brings it up"
        ),
    }
}

/// What is damaged, a line each, with what to do.
fn damages(out: &mut impl Write, soundness: &Soundness) -> std::io::Result<()> {
    for Damage { what, cause, cure } in &soundness.damages {
        writeln!(
            out,
            "{} {}; {}",
            shown(what, TEXT_MAX),
            shown(cause, TEXT_MAX),
            shown(cure, TEXT_MAX)
        )?;
    }
    if soundness.more > 0 {
        writeln!(out, "and {} more", soundness.more)?;
    }
    Ok(())
}
