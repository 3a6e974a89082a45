//! One URL that executors post to, behind the guard: one try a call, bounded in time and size. Trying again is the driver's.

pub mod guard;

use std::{error::Error, net::IpAddr, time::Duration};

use ipnet::IpNet;
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect::{Action, Attempt, Policy},
};
use secrecy::{ExposeSecret as _, SecretString};

use self::guard::{Guard, Refused, Wire};
use crate::ports::Fault;

/// Bytes of an answer that are read.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// Characters of an answer that a receipt or an error shows.
const SHOWN_MAX_CHARS: usize = 500;
const REDIRECTS_MAX: usize = 3;
const CONTENT: &str = "application/json";
pub(super) const USER_AGENT: &str = concat!("tierone/", env!("CARGO_PKG_VERSION"));

/// What an endpoint is made from.
#[derive(Clone, Debug)]
pub struct EndpointSettings {
    /// Where.
    pub url: String,
    /// Milliseconds for name, connection and TLS together.
    pub connect_timeout_ms: u64,
    /// Milliseconds for one try.
    pub total_timeout_ms: u64,
    /// Networks that are not public and may be called all the same.
    pub allow_private: Vec<IpNet>,
}

/// A URL that may be posted to.
#[derive(Debug)]
pub struct Endpoint {
    client: Client,
    url: Url,
    total_timeout_ms: u64,
    secret: SecretString,
}

/// What a receiver that accepted said.
#[derive(Debug)]
pub struct Accepted {
    /// A status from 200 to 299.
    pub status: StatusCode,
    /// The first [`ANSWER_MAX_BYTES`] at most.
    pub body: Vec<u8>,
    /// Whether that is all.
    pub length: Length,
}

/// Whether an answer was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// It was.
    Whole,
    /// It was longer than the bound.
    TooLong,
}

impl Endpoint {
    /// An endpoint, or why there can be none. `secret` is left out of whatever a receiver's words are shown in.
    pub fn new(settings: &EndpointSettings, secret: SecretString) -> Result<Self, Fault> {
        let url = read(&settings.url)?;
        if settings.connect_timeout_ms == 0
            || settings.connect_timeout_ms > settings.total_timeout_ms
        {
            return Err(Fault::Permanent(format!(
                "connect_timeout_ms is `{}` and total_timeout_ms `{}`; make the first at least 1 and at most the second",
                settings.connect_timeout_ms, settings.total_timeout_ms
            )));
        }
        let wire = match url.scheme() {
            "https" => Wire::Sealed,
            _ => Wire::Plain,
        };
        let guard = Guard::new(&settings.allow_private, wire);
        // The client does not resolve an address that the URL spells out, so the resolver would not see it.
        if let Some(address) = spelled_out(&url) {
            guard.check(address).map_err(permanent)?;
        }
        Ok(Self {
            client: client(settings, guard)?,
            url,
            total_timeout_ms: settings.total_timeout_ms,
            secret,
        })
    }

    /// Posts `body` once. Any answer but an accepting one is a fault.
    pub async fn post(&self, mut headers: HeaderMap, body: String) -> Result<Accepted, Fault> {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(CONTENT));
        let request = self.client.post(self.url.clone()).headers(headers);
        let response = request.body(body).send().await;
        let mut response = response.map_err(|error| self.not_sent(error))?;
        let status = response.status();
        let wait_ms = wait_ms(response.headers());
        match beginning(&mut response).await {
            Ok((body, length)) if status.is_success() => Ok(Accepted {
                status,
                body,
                length,
            }),
            Ok((body, _)) => Err(self.declined(status, wait_ms, &body)),
            Err(_) if !status.is_success() => Err(self.declined(status, wait_ms, b"")),
            Err(error) => Err(Fault::InDoubt(format!(
                "the receiver answered `{}` and broke off: {}; it may have acted",
                status.as_u16(),
                causes(&error.without_url())
            ))),
        }
    }

    /// What [`Self::post`] would send. A query is left out, as it may be a secret.
    pub fn preview(&self, headers: &[(&str, &str)], body: &str) -> String {
        let mut url = self.url.clone();
        if url.query().is_some() {
            url.set_query(Some("..."));
        }
        let own = [("content-type", CONTENT), ("user-agent", USER_AGENT)];
        let headers = own.iter().chain(headers);
        let lines: Vec<String> = headers
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        format!("POST {url}\n{}\n\n{body}", lines.join("\n"))
    }

    /// The beginning of what a receiver said, without the secret.
    pub fn shown(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        let text = match self.secret.expose_secret() {
            "" => text.into_owned(),
            secret => text.replace(secret, "<secret>"),
        };
        text.trim().chars().take(SHOWN_MAX_CHARS).collect()
    }

    fn declined(&self, status: StatusCode, wait_ms: Option<u64>, body: &[u8]) -> Fault {
        let code = status.as_u16();
        let said = self.shown(body);
        let cause = match said.as_str() {
            "" => format!("the receiver answered `{code}`"),
            said => format!("the receiver answered `{code}`: {said}"),
        };
        match (code, wait_ms) {
            (408 | 425 | 429 | 503, Some(wait_ms)) => Fault::Busy { cause, wait_ms },
            (408 | 425 | 429, None) => Fault::Transient(cause),
            (413, _) => Fault::TooLarge(cause),
            (500..=599, _) => Fault::InDoubt(format!("{cause}; it may have acted")),
            (300..=399, _) => Fault::Permanent(format!(
                "the receiver redirects (`{code}`), and only 307 and 308 to the same host are followed, {REDIRECTS_MAX} at most; \
                set url to where it leads"
            )),
            _ => Fault::Permanent(cause),
        }
    }

    fn not_sent(&self, error: reqwest::Error) -> Fault {
        let error = error.without_url();
        if let Some(refused) = refused(&error) {
            return permanent(refused);
        }
        let host = self.url.host_str().unwrap_or_default();
        if error.is_connect() {
            return Fault::Transient(format!(
                "no connection to `{host}`: {}; nothing was sent",
                causes(&error)
            ));
        }
        if error.is_timeout() {
            return Fault::InDoubt(format!(
                "`{host}` gave no answer in {} ms; it may have acted",
                self.total_timeout_ms
            ));
        }
        if error.is_builder() {
            return Fault::Permanent(format!("the request cannot be made: {}", causes(&error)));
        }
        Fault::InDoubt(format!(
            "`{host}` broke off before it answered: {}; it may have acted",
            causes(&error)
        ))
    }
}

/// The URL, or why it is none that can be posted to. Its text is not repeated: a path may be a secret.
pub(super) fn read(text: &str) -> Result<Url, Fault> {
    let url = Url::parse(text).map_err(|cause| {
        Fault::Permanent(format!("the url cannot be read: {cause}; correct it"))
    })?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(Fault::Permanent(format!(
            "a url of scheme `{}` cannot be posted to; use https",
            url.scheme()
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let what = "the url has a name or password in it; take it out, the signature or key proves who sends";
        return Err(Fault::Permanent(what.into()));
    }
    Ok(url)
}

/// The address that a URL has instead of a name.
pub(super) fn spelled_out(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let host = host.strip_prefix('[').unwrap_or(host);
    host.strip_suffix(']').unwrap_or(host).parse().ok()
}

/// No proxy, no connection kept, no retries of the library's own: what leaves, leaves because the driver said so.
fn client(settings: &EndpointSettings, guard: Guard) -> Result<Client, Fault> {
    // Fails when a provider is there already, and that is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::custom(same_place))
        .referer(false)
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
        .timeout(Duration::from_millis(settings.total_timeout_ms))
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

/// Follows where method, body, scheme, host and port stay. A 301, 302 or 303 would turn the order into a question.
fn same_place(attempt: Attempt<'_>) -> Action {
    let first = attempt.previous().first();
    let same = first.is_some_and(|first| first.origin() == attempt.url().origin());
    let as_it_is = matches!(attempt.status().as_u16(), 307 | 308);
    if same && as_it_is && attempt.previous().len() <= REDIRECTS_MAX {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

async fn beginning(response: &mut Response) -> Result<(Vec<u8>, Length), reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = ANSWER_MAX_BYTES.saturating_sub(body.len());
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok((body, Length::TooLong));
        }
    }
    Ok((body, Length::Whole))
}

/// `Retry-After` in seconds (RFC 9110, 10.2.3). A date is left to the driver's own pace.
pub(super) fn wait_ms(headers: &HeaderMap) -> Option<u64> {
    let seconds: u64 = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(seconds.saturating_mul(1_000))
}

/// The guard's word, where it was the guard.
pub(super) fn refused(error: &reqwest::Error) -> Option<&Refused> {
    chain(error).find_map(|cause| cause.downcast_ref())
}

fn permanent(refused: impl std::fmt::Display) -> Fault {
    Fault::Permanent(refused.to_string())
}

/// What TLS says, where it was TLS.
pub(super) fn tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    chain(error).find_map(held)
}

/// An `io::Error` hides what it holds from `source`, and may hold another.
fn held<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    match cause.downcast_ref::<std::io::Error>() {
        Some(io) => held(io.get_ref()?),
        None => cause.downcast_ref(),
    }
}

/// All that an error says, from the outside in.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let causes: Vec<String> = chain(error).map(ToString::to_string).collect();
    causes.join(": ")
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |&error| {
        error.source()
    })
}
