//! `tierone cases`: what is open, its story, and what people say to it.

mod answer;
mod approve;
mod list;
mod question;
mod show;
mod undo;

use std::io::Write;

use anyhow::{Context as _, bail};
use clap::Subcommand;

use super::Global;
use crate::domain::id::{CaseId, TenantId};

/// What can be done with cases.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the cases that are open.
    List(list::Args),
    /// Tell the story of one case, and what is asked about it.
    Show(About),
    /// Ask why it stands where it does; answered from its own record.
    Question(question::Args),
    /// Take a case.
    Claim(About),
    /// Approve what is asked, or ask for something else instead.
    Approve(approve::Args),
    /// Say no to what is asked, and end the case.
    Reject(answer::Reject),
    /// End the case without what is asked.
    Resolve(answer::Resolve),
    /// Hand a case to a group.
    Escalate(answer::Escalate),
    /// Put a case off.
    Snooze(answer::Snooze),
    /// Open a case again that was closed wrongly.
    Reopen(answer::Reopen),
    /// Take back what was done.
    Undo(undo::Args),
}

/// Which case, and whose.
#[derive(Debug, clap::Args)]
pub struct About {
    /// Its id.
    id: String,
    /// Whose it is.
    #[arg(long, default_value = "default")]
    tenant: String,
}

/// Runs it.
pub async fn run(global: &Global, command: Command, out: &mut impl Write) -> anyhow::Result<u8> {
    match command {
        Command::List(args) => list::run(global, args, out).await,
        Command::Show(about) => show::run(global, &about, out).await,
        Command::Question(args) => question::run(global, args, out).await,
        Command::Claim(about) => answer::claim(global, &about, out).await,
        Command::Approve(args) => approve::run(global, args, out).await,
        Command::Reject(args) => answer::reject(global, args, out).await,
        Command::Resolve(args) => answer::resolve(global, args, out).await,
        Command::Escalate(args) => answer::escalate(global, args, out).await,
        Command::Snooze(args) => answer::snooze(global, args, out).await,
        Command::Reopen(args) => answer::reopen(global, args, out).await,
        Command::Undo(args) => undo::run(global, args, out).await,
    }
}

impl About {
    fn tenant(&self) -> TenantId {
        TenantId::new(self.tenant.as_str())
    }

    fn id(&self) -> anyhow::Result<CaseId> {
        case_id(&self.id)
    }
}

/// A case id as the user gave it.
pub fn case_id(text: &str) -> anyhow::Result<CaseId> {
    text.parse()
        .with_context(|| format!("`{text}` is no case id; take one from `cases list`"))
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

/// A reason, if it is one.
pub(super) fn said(reason: String) -> anyhow::Result<String> {
    if reason.trim().is_empty() {
        bail!("the reason is empty; say why in a few words");
    }
    Ok(reason)
}
