//! Slack's Web API, behind the same guard as every receiver: one try a call, bounded in time and size. What is shown, and when it is tried
//! again, is not decided here.
//!
//! The library for Slack was read and left out: it takes no guard of addresses, resolves the name of its socket by itself, and queues without a bound.

mod socket;

pub use self::socket::Socket;

use std::time::Duration;

use ipnet::IpNet;
use reqwest::{
    Client, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::endpoint::{
    USER_AGENT, causes,
    guard::{Guard, Wire},
    read, refused, spelled_out, wait_ms,
};
use crate::ports::Fault;

/// Bytes of an answer that are read; `users.info` and an echoed card are far smaller.
const ANSWER_MAX_BYTES: usize = 1_024 * 1_024;
/// The host to which Slack's own `response_url`s lead.
const HOOKS: &str = "hooks.slack.com";
/// How long Slack is left alone where it asks to be, and does not say how long.
const WAIT_MS: u64 = 1_000;
const CONTENT: &str = "application/json; charset=utf-8";

/// What the API is made from.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// Where; it ends with `/`.
    pub url: String,
    /// Milliseconds for name, connection and TLS together.
    pub connect_timeout_ms: u64,
    /// Milliseconds for one call.
    pub total_timeout_ms: u64,
    /// Networks that are not public and may be called all the same.
    pub allow_private: Vec<IpNet>,
    /// The bot's token.
    pub bot_token: SecretString,
    /// The app-level token.
    pub app_token: Option<SecretString>,
}

/// Slack's Web API.
#[derive(Debug)]
pub struct Api {
    client: Client,
    url: Url,
    settings: ApiSettings,
}

/// With which token a method is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Bot,
    App,
}

impl Api {
    /// The API, or why it cannot be called.
    pub fn new(settings: ApiSettings) -> Result<Self, Fault> {
        let url = read(&settings.url)?;
        if !url.path().ends_with('/') {
            return Err(Fault::Permanent(format!(
                "url `{}` does not end with `/`, so no method can be added to it; add one",
                settings.url
            )));
        }
        let guard = Guard::new(&settings.allow_private, wire(&url));
        if let Some(address) = spelled_out(&url) {
            let checked = guard.check(address);
            checked.map_err(|refused| Fault::Permanent(refused.to_string()))?;
        }
        // Fails when a provider is there already, and that is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .timeout(Duration::from_millis(settings.total_timeout_ms))
            .dns_resolver(guard)
            .user_agent(USER_AGENT)
            .build();
        let client = client.map_err(|error| {
            Fault::Permanent(format!(
                "no https client can be made: {}; install the system's CA certificates",
                causes(&error)
            ))
        })?;
        Ok(Self {
            client,
            url,
            settings,
        })
    }

    /// Calls `method` with the bot's token. What Slack refuses is [`Fault::Permanent`] and begins with Slack's own word for it.
    pub async fn call(&self, method: &str, body: &Value) -> Result<Value, Fault> {
        self.called(method, body, Token::Bot).await
    }

    /// Posts to an address that Slack named for answers, where it is one of Slack's or of the configured server.
    pub async fn respond(&self, address: &str, body: &Value) -> Result<(), Fault> {
        let url = self.own(address)?;
        let (status, _, said) = self.post(url, body, None).await?;
        if status.is_success() {
            return Ok(());
        }
        let said: String = said.chars().take(200).collect();
        Err(Fault::Permanent(format!(
            "an answer was refused with `{}`: {said}",
            status.as_u16()
        )))
    }

    /// Opens a connection over which Slack sends (Socket Mode).
    pub async fn socket(&self) -> Result<Socket, Fault> {
        let body = Value::Object(serde_json::Map::new());
        let opened = self.called("apps.connections.open", &body, Token::App);
        let opened = opened.await?;
        let url = opened.get("url").and_then(Value::as_str).unwrap_or("");
        let within = Duration::from_millis(self.settings.total_timeout_ms);
        let connected = Socket::connect(url, &self.settings.allow_private);
        let connected = tokio::time::timeout(within, connected).await;
        connected.unwrap_or_else(|_| {
            Err(Fault::Transient(format!(
                "the socket did not open in {} ms",
                within.as_millis()
            )))
        })
    }

    async fn called(&self, method: &str, body: &Value, token: Token) -> Result<Value, Fault> {
        let url = self.url.join(method).map_err(|cause| {
            Fault::Permanent(format!("method `{method}` makes no address: {cause}"))
        })?;
        let token = match token {
            Token::Bot => Some(&self.settings.bot_token),
            Token::App => self.settings.app_token.as_ref(),
        };
        let (status, wait, said) = self.post(url, body, token).await?;
        let cause = || format!("{method} was answered with `{}`", status.as_u16());
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait_ms = wait.unwrap_or(WAIT_MS);
            return Err(Fault::Busy {
                cause: cause(),
                wait_ms,
            });
        }
        if status.is_server_error() {
            return Err(Fault::Transient(cause()));
        }
        let answer: Value = serde_json::from_str(&said)
            .map_err(|_| Fault::Transient(format!("{}, which is no JSON", cause())))?;
        match answer.get("error").and_then(Value::as_str) {
            None if answer.get("ok") == Some(&Value::Bool(true)) => Ok(answer),
            None => Err(Fault::Transient(format!("{}, without `ok`", cause()))),
            Some("ratelimited" | "rate_limited") => Err(Fault::Busy {
                cause: cause(),
                wait_ms: wait.unwrap_or(WAIT_MS),
            }),
            Some("internal_error" | "fatal_error" | "service_unavailable" | "request_timeout") => {
                Err(Fault::Transient(cause()))
            }
            Some(error) => {
                let error: String = error.chars().take(100).collect();
                Err(Fault::Permanent(format!("{error}: {method} was refused")))
            }
        }
    }

    async fn post(
        &self,
        url: Url,
        body: &Value,
        token: Option<&SecretString>,
    ) -> Result<(StatusCode, Option<u64>, String), Fault> {
        let mut request = self.client.post(url);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        let request = request
            .header(CONTENT_TYPE, HeaderValue::from_static(CONTENT))
            .body(body.to_string());
        let mut response = request.send().await.map_err(not_sent)?;
        let (status, wait) = (response.status(), wait_ms(response.headers()));
        let mut said = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(not_sent)? {
            said.extend_from_slice(&chunk);
            if said.len() > ANSWER_MAX_BYTES {
                return Err(Fault::Permanent("the answer is too long".into()));
            }
        }
        Ok((status, wait, String::from_utf8_lossy(&said).into_owned()))
    }

    /// An address that answers may be posted to.
    fn own(&self, address: &str) -> Result<Url, Fault> {
        let url = read(address)?;
        let is_slack = url.scheme() == "https" && url.host_str() == Some(HOOKS);
        if (is_slack && url.port().is_none()) || url.origin() == self.url.origin() {
            return Ok(url);
        }
        Err(Fault::Permanent(
            "an answer was to go to an address that is not Slack's; it was not sent".into(),
        ))
    }
}

fn wire(url: &Url) -> Wire {
    match url.scheme() {
        "https" | "wss" => Wire::Sealed,
        _ => Wire::Plain,
    }
}

/// What did not arrive is tried again: what Slack is told does no harm twice.
fn not_sent(error: reqwest::Error) -> Fault {
    let error = error.without_url();
    match refused(&error) {
        Some(refused) => Fault::Permanent(refused.to_string()),
        None => Fault::Transient(causes(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(url: &str) -> Result<Api, Fault> {
        Api::new(ApiSettings {
            url: url.into(),
            connect_timeout_ms: 1_000,
            total_timeout_ms: 1_000,
            allow_private: vec!["127.0.0.1/32".parse().unwrap()],
            bot_token: SecretString::from("xoxb-hush"),
            app_token: None,
        })
    }

    #[test]
    fn answers_go_to_slack_or_to_the_configured_server_and_nowhere_else() {
        let real = api("https://slack.com/api/").unwrap();
        let double = api("http://127.0.0.1:3000/api/").unwrap();
        for (api, address, goes) in [
            (&real, "https://hooks.slack.com/commands/T1/2/3", true),
            (&real, "http://hooks.slack.com/commands/T1/2/3", false),
            (&real, "https://hooks.slack.com:8443/x", false),
            (&real, "https://hooks.slack.com.evil.example/x", false),
            (&real, "https://evil.example/hooks.slack.com", false),
            (&real, "https://a@hooks.slack.com/x", false),
            (&real, "http://169.254.169.254/latest", false),
            (&real, "file:///etc/passwd", false),
            (&double, "http://127.0.0.1:3000/_hooks/response/1", true),
            (&double, "http://127.0.0.1:3001/_hooks/response/1", false),
        ] {
            assert_eq!(api.own(address).is_ok(), goes, "{address}");
        }
    }

    #[test]
    fn an_api_that_cannot_be_called_says_why() {
        for (url, expected) in [
            ("https://slack.com/api", "does not end with `/`"),
            ("http://10.0.0.1/api/", "not public"),
            ("ftp://slack.com/api/", "scheme"),
        ] {
            let error = api(url).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("hush"));
        }
    }
}
