//! `[webhook]` and `[pagerduty]`: whom executors call, how long they wait, and which private networks they may reach.

use std::path::Path;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::secret::SecretSource;

/// `[webhook]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where orders are posted. `https`, or `http` to an address that `allow_private` names.
    pub url: String,
    /// The signing secret of Standard Webhooks: `whsec_` and base64, or base64 alone.
    #[serde(skip_serializing)]
    pub secret: SecretSource,
    /// Milliseconds for name, connection and TLS together.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// Milliseconds for one try, from the first byte to the last.
    #[serde(default = "total_timeout_ms")]
    pub total_timeout_ms: u64,
    /// Networks that are not on the public internet and may be called all the same.
    #[serde(default)]
    pub allow_private: Vec<IpNet>,
    /// Whether the receiver does nothing when it gets a `webhook-id` again. Where it does not look at the id, say `false`: then
    /// nothing is sent twice, and a person decides where nobody knows whether an order arrived.
    #[serde(default = "yes")]
    pub idempotent: bool,
}

/// `[pagerduty]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PagerdutyConfig {
    /// Where events are sent; `/v2/enqueue` is added.
    #[serde(default = "pagerduty_url")]
    pub url: String,
    /// The integration key of the service.
    #[serde(skip_serializing)]
    pub routing_key: SecretSource,
    /// Milliseconds for name, connection and TLS together.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// Milliseconds for one try, from the first byte to the last.
    #[serde(default = "total_timeout_ms")]
    pub total_timeout_ms: u64,
    /// Networks that are not on the public internet and may be called all the same.
    #[serde(default)]
    pub allow_private: Vec<IpNet>,
}

impl WebhookConfig {
    pub(super) fn within(&mut self, folder: &Path) {
        self.secret.within(folder);
    }
}

impl PagerdutyConfig {
    pub(super) fn within(&mut self, folder: &Path) {
        self.routing_key.within(folder);
    }
}

const fn connect_timeout_ms() -> u64 {
    900
}

const fn total_timeout_ms() -> u64 {
    10_000
}

const fn yes() -> bool {
    true
}

fn pagerduty_url() -> String {
    "https://events.pagerduty.com".into()
}
