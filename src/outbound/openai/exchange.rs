//! One request and its answer, bounded in time and size, judged by its status before it is parsed. What is handed on is JSON.
//!
//! It takes the place of the library's own sender, which tries again, waits as long as it is told, reads without end, and logs a body that
//! it cannot parse.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use reqwest::{Client, Request, Response, redirect::Policy};
use serde_json::Value;
use tokio::time::timeout;
use tower_service::Service;

use super::{
    OpenAiSettings,
    verdict::{Declined, Peer},
};
use crate::{
    outbound::endpoint::{USER_AGENT, causes, guard::Guard, wait_ms},
    ports::Fault,
};

/// Bytes of an answer that are read.
pub const ANSWER_MAX_BYTES: usize = 1 << 20;
/// Bytes of an error's body that are read.
const ERROR_MAX_BYTES: usize = 64 << 10;

/// The sender.
#[derive(Clone, Debug)]
pub struct Exchange {
    client: Client,
    first_byte_timeout_ms: u64,
    total_timeout_ms: u64,
    peer: Peer,
}

type Answered = Pin<Box<dyn Future<Output = Result<Response, OpenAIError>> + Send>>;

impl Exchange {
    /// A sender to what `guard` allows.
    pub fn new(settings: &OpenAiSettings, guard: Guard, peer: Peer) -> Result<Self, Fault> {
        let (connect, first) = (settings.connect_timeout_ms, settings.first_byte_timeout_ms);
        let total = settings.total_timeout_ms;
        if connect == 0 || connect > first || first > total {
            return Err(Fault::Permanent(format!(
                "connect_timeout_ms is `{connect}`, first_byte_timeout_ms `{first}` and total_timeout_ms `{total}`; \
                make the first at least 1 and none longer than the next"
            )));
        }
        Ok(Self {
            client: client(connect, guard)?,
            first_byte_timeout_ms: first,
            total_timeout_ms: total,
            peer,
        })
    }

    /// The client beneath.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    async fn bounded(&self, request: Request) -> Result<Vec<u8>, Declined> {
        let total = Duration::from_millis(self.total_timeout_ms);
        let whole = timeout(total, self.whole(request)).await;
        whole.unwrap_or_else(|_| {
            Err(self.peer.slow(
                "gave no whole answer",
                self.total_timeout_ms,
                "total_timeout_ms",
            ))
        })
    }

    async fn whole(&self, request: Request) -> Result<Vec<u8>, Declined> {
        let first = Duration::from_millis(self.first_byte_timeout_ms);
        let begun = timeout(first, self.client.execute(request)).await;
        let begun = begun.map_err(|_| {
            self.peer.slow(
                "began no answer",
                self.first_byte_timeout_ms,
                "first_byte_timeout_ms",
            )
        })?;
        let mut response = begun.map_err(|error| self.peer.not_sent(error))?;
        let status = response.status();
        if !status.is_success() {
            let wait_ms = wait_ms(response.headers());
            // What cannot be read of an error changes nothing: its status is known.
            let body = read(&mut response, ERROR_MAX_BYTES).await;
            let body = body.map(|(body, _)| body).unwrap_or_default();
            return Err(self.peer.declined(status.as_u16(), wait_ms, &body));
        }
        match read(&mut response, ANSWER_MAX_BYTES).await {
            Ok((body, Length::Whole)) => self.json(body),
            Ok((_, Length::TooLong)) => Err(self.peer.too_long(ANSWER_MAX_BYTES)),
            Err(error) => Err(self.peer.broke_off(error)),
        }
    }

    /// Parsed here, so that the library, which shows what it cannot parse, can.
    fn json(&self, body: Vec<u8>) -> Result<Vec<u8>, Declined> {
        match serde_json::from_slice::<Value>(&body) {
            Ok(_) => Ok(body),
            Err(_) => Err(self.peer.no_completion("is no JSON")),
        }
    }
}

impl Service<HttpRequestFactory> for Exchange {
    type Response = Response;
    type Error = OpenAIError;
    type Future = Answered;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Answered {
        let own = self.clone();
        Box::pin(async move {
            let request = factory.build().await?;
            match own.bounded(request).await {
                Ok(body) => Ok(http::Response::new(body).into()),
                Err(declined) => Err(OpenAIError::Boxed(Box::new(declined))),
            }
        })
    }
}

/// Whether an answer was read to its end.
enum Length {
    Whole,
    TooLong,
}

async fn read(response: &mut Response, max: usize) -> Result<(Vec<u8>, Length), reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if chunk.len() > max - body.len() {
            return Ok((body, Length::TooLong));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body, Length::Whole))
}

/// No proxy, no redirect, no connection kept, no retries of the library's own: what leaves, leaves because the driver said so.
fn client(connect_timeout_ms: u64, guard: Guard) -> Result<Client, Fault> {
    // Fails when a provider is there already, and that is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .connect_timeout(Duration::from_millis(connect_timeout_ms))
        .dns_resolver(guard)
        .user_agent(USER_AGENT)
        .build();
    client.map_err(|error| {
        Fault::Permanent(format!(
            "no https client can be made: {}; install the system's CA certificates",
            causes(&error)
        ))
    })
}
