//! The command line: one file a command. A command returns what to print and an exit code; only `main` ends the program.

mod asked;
mod calibrate;
mod cases;
mod compare;
mod complaint;
mod config;
mod eval;
mod keys;
mod kill;
mod policy;
mod precedents;
mod read_alert;
mod rehearsal;
mod release;
mod serve;
mod store;
pub mod story;
mod table;
mod triage;
mod who;
mod whole_file;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

pub use self::complaint::Complaint;
use crate::{
    app::{App, StoreChoice, demo, executors::Sending},
    config::{Config, store_beside},
    domain::id::TenantId,
    telemetry,
};

/// The store of a site that names none.
const SITE_STORE: &str = "sqlite://tierone.db";

/// A tier-one triage agent that acts alone only when no human judgment is required.
#[derive(Debug, Parser)]
#[command(name = "tierone", version)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
struct Global {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The store: `sqlite://PATH` (live), `demo://PATH` or `simulated://PATH`. Without one, a throw-away demo store.
    #[arg(long, global = true, value_name = "URL")]
    store: Option<String>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Alerts in, decisions out.
    Triage(triage::Args),
    /// Alerts in by HTTP, until told to end.
    Serve(serve::Args),
    /// Switch off what tierone does, at once, and on again.
    #[command(subcommand)]
    Kill(kill::Command),
    /// What people decided before: bringing it in, confirming it, taking it out.
    #[command(subcommand)]
    Precedents(precedents::Command),
    /// The whole store: looking through it, copying it, putting a copy in its place.
    #[command(subcommand)]
    Store(store::Command),
    /// The configuration.
    #[command(subcommand)]
    Config(config::Command),
    /// Try a change on cases before it acts on alerts.
    #[command(subcommand)]
    Eval(eval::Command),
    /// What each class of action has earned by what people decided blind.
    Calibrate(calibrate::Args),
    /// What is running, what attests it, and how much of it may be done alone.
    #[command(subcommand)]
    Release(release::Command),
    /// API keys for the service.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Cases and their stories.
    #[command(subcommand)]
    Cases(cases::Command),
    /// The site's policy: its tests, and what the gate said of a case.
    #[command(subcommand)]
    Policy(policy::Command),
    #[command(hide = true)]
    ReadAlert(read_alert::Args),
}

/// Exit codes of every command.
pub mod exit {
    /// Everything went well.
    pub const OK: u8 = 0;
    /// Some of it did not.
    pub const SOME: u8 = 1;
    /// It was denied or refused, and nothing was changed.
    pub const DENIED: u8 = 1;
    /// The command or the configuration is wrong.
    pub const USAGE: u8 = 2;
    /// Too little was seen to say, of an evaluation.
    pub const INCONCLUSIVE: u8 = 3;
    /// The store could not be used.
    pub const STORE: u8 = 4;
}

/// Runs the program on the process's own arguments and output.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            let json = std::env::args_os().any(|argument| argument == "--json");
            return complaint::report_usage(&error, json);
        }
        Err(help) => {
            return match help.print() {
                // A reader that had enough of the help is no error.
                Ok(()) | Err(_) => ExitCode::from(exit::OK),
            };
        }
    };
    telemetry::start();
    let json = cli.global.json;
    let mut out = anstream::AutoStream::auto(io::stdout()).lock();
    let done = cli
        .runtime()
        .and_then(|runtime| runtime.block_on(Box::pin(cli.dispatch(&mut out))));
    let flushed = out.flush();
    match done.and_then(|code| flushed.map(|()| code).map_err(Into::into)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => complaint::report(&error, json),
    }
}

impl Cli {
    /// A command does one thing after the other: on one thread it wakes no other for each, and a child needs no memory for more. The service
    /// uses every core.
    fn runtime(&self) -> anyhow::Result<Runtime> {
        let mut builder = match self.command {
            Command::Serve(_) => Builder::new_multi_thread(),
            _ => Builder::new_current_thread(),
        };
        let runtime = builder.enable_all().build();
        runtime.context("no threads can be started; look at the limits of this account")
    }

    async fn dispatch(self, out: &mut impl Write) -> anyhow::Result<u8> {
        match self.command {
            Command::Triage(args) => Box::pin(triage::run(&self.global, args, out)).await,
            Command::Cases(command) => Box::pin(cases::run(&self.global, command, out)).await,
            Command::Serve(args) => Box::pin(serve::run(&self.global, args)).await,
            Command::Kill(command) => Box::pin(kill::run(&self.global, command, out)).await,
            Command::Precedents(command) => {
                Box::pin(precedents::run(&self.global, command, out)).await
            }
            Command::Store(command) => Box::pin(store::run(&self.global, command, out)).await,
            Command::Config(command) => Box::pin(config::run(&self.global, command, out)).await,
            Command::Eval(command) => eval::run(&self.global, &command, out).await,
            Command::Calibrate(args) => Box::pin(calibrate::run(&self.global, args, out)).await,
            Command::Release(command) => Box::pin(release::run(&self.global, command, out)).await,
            Command::Keys(command) => keys::run(&self.global, command, out).await,
            Command::Policy(command) => policy::run(&self.global, command, out).await,
            Command::ReadAlert(args) => read_alert::run(&args),
        }
    }
}

impl Global {
    fn config(&self) -> anyhow::Result<Config> {
        Ok(match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        })
    }

    /// The URL of the site's own store: for what makes no sense in a throw-away one.
    fn url(&self) -> anyhow::Result<String> {
        if let Some(url) = &self.store {
            return Ok(url.clone());
        }
        Ok(self
            .config()?
            .store
            .url
            .unwrap_or_else(|| self.site_store()))
    }

    /// The store of a site that names none: beside its config, where it has one.
    fn site_store(&self) -> String {
        match &self.config {
            Some(path) => store_beside(path, SITE_STORE),
            None => SITE_STORE.into(),
        }
    }

    /// The site's own store, which is made where there is none.
    async fn open_site(&self, sending: Sending) -> anyhow::Result<Box<App>> {
        let choice = StoreChoice::At(self.url()?);
        self.open_as(&choice, &demo::tenant(), None, sending).await
    }

    /// The site's own store, which must be there.
    async fn open_there(&self, tenant: &TenantId) -> anyhow::Result<Box<App>> {
        let choice = StoreChoice::There(self.url()?);
        self.open_as(&choice, tenant, None, Sending::DryRun).await
    }

    async fn open(
        &self,
        tenant: &TenantId,
        own_source: Option<(String, String)>,
        sending: Sending,
    ) -> anyhow::Result<Box<App>> {
        let url = self.store.clone().or(self.config()?.store.url);
        let choice = url.map_or(StoreChoice::Throwaway, StoreChoice::At);
        self.open_as(&choice, tenant, own_source, sending).await
    }

    async fn open_as(
        &self,
        choice: &StoreChoice,
        tenant: &TenantId,
        own_source: Option<(String, String)>,
        sending: Sending,
    ) -> anyhow::Result<Box<App>> {
        let config = self.config()?;
        let opening = App::open(&config, choice, tenant, own_source, sending);
        Box::pin(opening).await.map(Box::new)
    }
}

/// The time of the command: the store's own, in one that has its own.
fn now(app: &App) -> Timestamp {
    app.clock().unwrap_or_else(wall_clock)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge of the program: from here on time is an argument"
)]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}
