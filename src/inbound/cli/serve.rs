//! `tierone serve`: alerts in by HTTP, day and night, until it is told to end.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, bail};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use super::{Global, exit};
use crate::{
    app::{
        App, executors::Sending, inspect::Keys, release::private_key, slack::Slack, worker::Stopped,
    },
    inbound::http::{Exposure, Reception, serve},
    telemetry,
};

/// The arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address and port, instead of the configured ones.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Do everything but send: the receipt of an action is what would have been sent.
    #[arg(long)]
    dry_run: bool,
}

/// Runs it until SIGTERM or SIGINT; a second one ends it at once.
pub async fn run(global: &Global, args: Args) -> anyhow::Result<u8> {
    let mut ends = Ends::new()?;
    telemetry::keep_figures()?;
    let sending = if args.dry_run {
        Sending::DryRun
    } else {
        Sending::Real
    };
    let site = global.config()?;
    if let Some(key) = private_key::found(&site).into_iter().next() {
        return Err(key);
    }
    let slack = Slack::from_config(&site)?;
    let mut config = site.server;
    config.listen = args.listen.unwrap_or(config.listen);
    let app = Arc::<App>::from(global.open_site(sending).await?);
    app.index_everyone().await?;
    let exposure = Exposure::of(config.listen);
    let callers = callers(&app, config.listen, exposure).await?;
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!(
            "`{}` cannot be listened on; name another address with server.listen",
            config.listen
        )
    })?;
    let address = listener.local_addr()?;
    tracing::info!(%address, callers, store = app.kind().word(), ?sending, "listening");
    let stop = CancellationToken::new();
    let reception = Reception::with_slack(app, config, exposure, slack);
    let mut served = tokio::spawn(serve(listener, reception, stop.clone()));
    tokio::select! {
        () = ends.next() => stop.cancel(),
        ended = &mut served => bail!("the listener ended by itself: {ended:?}; report it"),
    }
    tokio::select! {
        () = ends.next() => {
            tracing::warn!("told a second time: ending at once");
            Ok(exit::SOME)
        }
        stopped = &mut served => {
            match stopped.context("the listener broke off; report it")? {
                Stopped::Idle => tracing::info!("ended"),
                Stopped::Busy => tracing::warn!("ended with work under way; the next start takes it up"),
            }
            Ok(exit::OK)
        }
    }
}

/// Who is let in, in words; an error where anyone on the network would be.
async fn callers(
    app: &App,
    listen: SocketAddr,
    exposure: Exposure,
) -> anyhow::Result<&'static str> {
    let keys = app.key_count().await?;
    let keys = Keys {
        made: keys.made,
        valid: keys.valid,
    };
    let_in(listen, exposure, keys)
}

/// The same, by how many keys there are.
pub(super) fn let_in(
    listen: SocketAddr,
    exposure: Exposure,
    keys: Keys,
) -> anyhow::Result<&'static str> {
    match exposure {
        Exposure::Beyond if keys.valid == 0 => bail!(
            "`{listen}` is reached from other machines, and there is no valid API key: anyone could send alerts and read cases; \
             make a key with `tierone keys create`, or listen on 127.0.0.1"
        ),
        Exposure::Loopback if keys.made == 0 => {
            Ok("anyone on this machine, to send alerts and to look, until the first key is made")
        }
        Exposure::Beyond | Exposure::Loopback => Ok("holders of an API key"),
    }
}

/// The two ways in which the system asks a process to end.
struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Ends {
    fn new() -> anyhow::Result<Self> {
        let of = |kind| signal(kind).context("signals cannot be listened for");
        Ok(Self {
            terminate: of(SignalKind::terminate())?,
            interrupt: of(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
