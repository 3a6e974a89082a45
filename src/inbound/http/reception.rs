//! Reception: what every handler has at hand, and whether there is room for one more.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    coding::{Coding, TooLarge},
    problem::Problem,
};
use crate::{
    app::{
        App,
        slack::Slack,
        worker::{WorkerBounds, Workers},
    },
    config::server::ServerConfig,
    inbound::slack::bot::Bot,
};

/// Who can reach the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Programs on this machine only.
    Loopback,
    /// Others too.
    Beyond,
}

/// What every handler has at hand.
pub struct Reception {
    pub(super) app: Arc<App>,
    pub(super) workers: Workers,
    pub(super) exposure: Exposure,
    pub(super) config: ServerConfig,
    /// The bot, where a workspace is configured.
    pub(super) slack: Option<Arc<Bot>>,
    posts: Semaphore,
}

impl Exposure {
    /// Who can reach `listen`.
    pub fn of(listen: SocketAddr) -> Self {
        if listen.ip().to_canonical().is_loopback() {
            Self::Loopback
        } else {
            Self::Beyond
        }
    }
}

impl Reception {
    /// A reception over `app`, with its workers started.
    pub fn open(app: Arc<App>, config: ServerConfig, exposure: Exposure) -> Arc<Self> {
        Self::with_slack(app, config, exposure, None)
    }

    /// The same, which is asked about in a workspace too.
    pub fn with_slack(
        app: Arc<App>,
        config: ServerConfig,
        exposure: Exposure,
        slack: Option<Slack>,
    ) -> Arc<Self> {
        let bounds = WorkerBounds {
            workers: config.workers.get(),
            queue_max: config.queue_max.get(),
        };
        let largest = config.posts_max_bytes.max(config.body_max_bytes).get();
        let workers = Workers::start(Arc::clone(&app), bounds);
        let bot = slack.map(|slack| Bot::new(Arc::clone(&app), workers.clone(), slack));
        Arc::new(Self {
            slack: bot,
            workers,
            app,
            exposure,
            posts: Semaphore::new(usize::try_from(places(largest)).unwrap_or(usize::MAX >> 3)),
            config,
        })
    }

    /// A place for one post of the announced length while it is read and stored, if the queue has room too. One that announces none,
    /// or is packed, takes the place of the largest.
    pub(super) fn place(&self, headers: &HeaderMap) -> Result<SemaphorePermit<'_>, Problem> {
        let busy = || Problem::busy(self.config.retry_after_seconds.get());
        if !self.workers.has_room() {
            return Err(busy());
        }
        let max = self.config.body_max_bytes.get();
        let bytes = match Coding::of(headers)? {
            Coding::Identity => announced(headers).unwrap_or(max),
            Coding::Gzip | Coding::Zstd => max,
        };
        if bytes > max {
            return Err(too_large(max));
        }
        self.posts
            .try_acquire_many(places(bytes))
            .map_err(|_| busy())
    }

    /// The body, of at most `max` bytes and in time.
    pub(super) async fn body(
        &self,
        headers: &HeaderMap,
        body: Body,
        max: usize,
    ) -> Result<Vec<u8>, Problem> {
        let coding = Coding::of(headers)?;
        if announced(headers).is_some_and(|bytes| bytes > max) {
            return Err(too_large(max));
        }
        let within = Duration::from_secs(self.config.body_timeout_seconds.get());
        match tokio::time::timeout(within, to_bytes(body, max)).await {
            Ok(Ok(bytes)) => unpacked(coding, bytes.into(), max).await,
            Ok(Err(error)) if is_too_large(&error) => Err(too_large(max)),
            Ok(Err(_)) => Err(Problem::unreadable("the body broke off; send it again")),
            Err(_) => Err(Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                &format!(
                    "the body did not come within {} s; send it again",
                    within.as_secs()
                ),
            )),
        }
    }
}

/// The places that this many bytes take: one a KiB.
fn places(bytes: usize) -> u32 {
    u32::try_from(bytes / 1_024)
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

/// The length that the head of a request announces.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether the bound was met: axum says so in the error that the error comes from.
fn is_too_large(error: &axum::Error) -> bool {
    std::error::Error::source(error)
        .is_some_and(|source| source.to_string() == "length limit exceeded")
}

/// What a body holds. To unpack takes a processor for a while, which no other request should wait for.
async fn unpacked(coding: Coding, bytes: Vec<u8>, max: usize) -> Result<Vec<u8>, Problem> {
    if coding == Coding::Identity {
        return Ok(bytes);
    }
    let unpacked = tokio::task::spawn_blocking(move || coding.unpacked(bytes, max));
    let unpacked = unpacked.await.map_err(|_| Problem::broken())?;
    unpacked.map_err(|TooLarge| too_large(max))
}

fn too_large(max: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        &format!(
            "the body is larger than {max} bytes; send less at once, or raise server.body_max_bytes"
        ),
    )
}
