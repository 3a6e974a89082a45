//! `tierone precedents`: what people decided before, here or elsewhere, and which of it counts.

mod confirm;
mod export;
mod import;
mod list;
mod quarantine;
mod sheet;
mod view;

use std::io::Write;

use clap::Subcommand;

use super::Global;
use crate::domain::id::{PrecedentId, TenantId};

/// What can be done with precedents.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring in what was decided elsewhere: it ranks what people see, and counts in no decision.
    Import(import::Args),
    /// Have one that was brought in, or the wider scope of one, count from now on: a second person's word, for one at a time.
    Confirm(Which),
    /// Take one out of the evidence, for good.
    Quarantine(quarantine::Args),
    /// List them, and say of each whether it counts.
    List(list::Args),
    /// Print them as JSON, one a line, as `import` reads them.
    Export(export::Args),
}

/// Which precedent, and whose.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// Its id.
    id: String,
    /// Whose it is.
    #[arg(long, default_value = "default")]
    tenant: String,
}

/// Runs it.
pub async fn run(global: &Global, command: Command, out: &mut impl Write) -> anyhow::Result<u8> {
    match command {
        Command::Import(args) => import::run(global, args, out).await,
        Command::Confirm(which) => confirm::run(global, &which, out).await,
        Command::Quarantine(args) => quarantine::run(global, args, out).await,
        Command::List(args) => list::run(global, args, out).await,
        Command::Export(args) => export::run(global, args, out).await,
    }
}

impl Which {
    fn tenant(&self) -> TenantId {
        TenantId::new(self.tenant.as_str())
    }

    fn id(&self) -> PrecedentId {
        PrecedentId::new(self.id.as_str())
    }
}
