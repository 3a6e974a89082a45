//! `tierone kill`: switches off what tierone does, at once, and on again. `on` means that the kill switch is on.

mod off;
mod on;
mod status;

use std::io::Write;

use clap::{ArgGroup, Subcommand};

use super::Global;
use crate::{
    app::demo,
    config::Config,
    domain::{
        facts::Kill,
        id::{ActionId, TenantId},
    },
    inbound::shown::shown,
};

const NAME_MAX: usize = 120;
const TEXT_MAX: usize = 400;

/// What can be done with kill switches.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Switch everything off, at once; or one tenant, or one action. Undo and what only tells people stay possible.
    On(on::Args),
    /// Switch on again what is off.
    Off(off::Args),
    /// Say what is switched off, by whom, since when and why.
    Status(status::Args),
}

/// How much is switched: everything, unless something less is named.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("less"))]
pub struct Scope {
    /// Only what is done for one tenant.
    #[arg(long, group = "less")]
    tenant_wide: bool,
    /// Only this action, for one tenant.
    #[arg(long, value_name = "ID", group = "less")]
    action: Option<String>,
    /// Which tenant; `default` where none is named.
    #[arg(long, requires = "less")]
    tenant: Option<String>,
}

/// Runs it.
pub async fn run(global: &Global, command: Command, out: &mut impl Write) -> anyhow::Result<u8> {
    match command {
        Command::On(args) => on::run(global, args, out).await,
        Command::Off(args) => off::run(global, args, out).await,
        Command::Status(args) => status::run(global, args, out).await,
    }
}

impl Scope {
    fn tenant(&self) -> TenantId {
        match &self.tenant {
            Some(tenant) => TenantId::new(tenant.as_str()),
            None => demo::tenant(),
        }
    }

    fn kill(&self) -> Kill {
        match &self.action {
            Some(action) => Kill::Action(ActionId::new(action.as_str())),
            None if self.tenant_wide => Kill::Tenant(self.tenant()),
            None => Kill::Global,
        }
    }
}

/// What a switch stops, for people.
fn named(what: &Kill, tenant: &TenantId) -> String {
    let of = |tenant: &TenantId| shown(tenant.as_str(), NAME_MAX);
    match what {
        Kill::Global => "everything".into(),
        Kill::Tenant(tenant) => format!("everything of tenant {}", of(tenant)),
        Kill::Action(action) => format!(
            "action {} of tenant {}",
            shown(action.as_str(), NAME_MAX),
            of(tenant)
        ),
    }
}

/// What a kill switch needs of the config.
struct AtHand {
    config: Config,
    url: String,
    passed_over: Vec<String>,
}

impl AtHand {
    /// What of the config can be read, and the store's URL. A wrong part of it does not keep anything from being switched off.
    fn of(global: &Global) -> Self {
        let (config, wrong) = match &global.config {
            Some(path) => Config::read_what_is_right(path),
            None => (Config::default(), Vec::new()),
        };
        let url = global.store.clone().or_else(|| config.store.url.clone());
        Self {
            config,
            url: url.unwrap_or_else(|| global.site_store()),
            passed_over: wrong.iter().map(ToString::to_string).collect(),
        }
    }

    /// Said last: nobody who stopped reading keeps anything from being switched off.
    fn tell(&self, out: &mut impl Write) -> std::io::Result<()> {
        for wrong in &self.passed_over {
            writeln!(out, "passed over: {}", shown(wrong, TEXT_MAX))?;
        }
        Ok(())
    }
}
