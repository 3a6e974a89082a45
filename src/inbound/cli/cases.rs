//! `tierone cases`: a case as a readable story.

use std::io::Write;

use anyhow::Context as _;
use clap::Subcommand;

use super::{Global, exit, story};
use crate::{
    domain::id::{CaseId, TenantId},
    inbound::safe_json,
};

/// What can be done with cases.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tell the story of one case.
    Show {
        /// Its id.
        id: String,
        /// Whose it is.
        #[arg(long, default_value = "default")]
        tenant: String,
    },
}

/// Runs it.
pub async fn run(global: &Global, command: Command, out: &mut impl Write) -> anyhow::Result<u8> {
    let Command::Show { id, tenant } = command;
    let tenant = TenantId::new(tenant);
    let id = case_id(&id)?;
    let app = global.open(&tenant, None).await?;
    let found = app.find(&tenant, id).await?;
    let found = found.with_context(|| not_found(global, id))?;
    if global.json {
        for event in &found.events {
            safe_json::write_line(out, event)?;
        }
    } else {
        story::write(out, &app, &found).await?;
    }
    Ok(exit::OK)
}

/// A case id as the user gave it.
pub fn case_id(text: &str) -> anyhow::Result<CaseId> {
    text.parse()
        .with_context(|| format!("`{text}` is no case id; take one from `triage --json`"))
}

/// What is said where there is no such case.
pub(super) fn not_found(global: &Global, id: CaseId) -> String {
    match &global.store {
        Some(store) => format!("no case `{id}` in store `{store}`; check the id and the tenant"),
        None => format!(
            "no case `{id}` in a throw-away store; name the store that `triage` wrote with --store"
        ),
    }
}
