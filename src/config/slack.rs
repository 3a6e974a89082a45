//! `[slack]`: the workspace in which people are asked, the secrets that prove it and us, and which channel is whose.

use std::{collections::BTreeMap, path::Path};

use ipnet::IpNet;
use serde::Deserialize;

use super::secret::SecretSource;

/// `[slack]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlackConfig {
    /// The id of the workspace (`T…`). Nobody of another one is listened to.
    pub team: String,
    /// The bot's token (`xoxb-…`).
    pub bot_token: SecretSource,
    /// The app-level token (`xapp-…`), by which tierone opens a connection to Slack (Socket Mode): no port need be open.
    #[serde(default)]
    pub app_token: Option<SecretSource>,
    /// The signing secret, by which Slack's requests to `/v1/slack/…` are known for its own.
    #[serde(default)]
    pub signing_secret: Option<SecretSource>,
    /// Whose cases are shown.
    #[serde(default = "tenant")]
    pub tenant: String,
    /// The channel (`C…`) of every group that is not listed.
    pub channel: String,
    /// Channels by group.
    #[serde(default)]
    pub channels: BTreeMap<String, String>,
    /// While the release is in shadow, the mildest severity of which each case has a card; milder ones are counted by the hour.
    #[serde(default)]
    pub shadow_cards_from: CardsFrom,
    /// Where cases are asked about while their first group is asked; the first route that fits counts.
    #[serde(default, rename = "route")]
    pub routes: Vec<Route>,
    /// The channel in which anyone may ask for something: what is written there is answered with a form.
    #[serde(default)]
    pub intake: Option<String>,
    /// What can be asked for: the topics that the source `request` knows.
    #[serde(default = "topics")]
    pub topics: Vec<String>,
    /// Whether somebody whose address the workspace has verified is the person whose `slack` identity it is.
    #[serde(default)]
    pub verified_emails: bool,
    /// The groups whose people may switch on again, by `/tierone unkill`. Everyone in the people file may switch off.
    #[serde(default)]
    pub operators: Vec<String>,
    /// Slack's Web API.
    #[serde(default = "url")]
    pub url: String,
    /// Milliseconds for name, connection and TLS together.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// Milliseconds for one call, from the first byte to the last.
    #[serde(default = "total_timeout_ms")]
    pub total_timeout_ms: u64,
    /// Networks that are not on the public internet and may be called all the same.
    #[serde(default)]
    pub allow_private: Vec<IpNet>,
}

/// A channel for some cases. What is not said fits every case; nothing of it is a draft's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Cases of this source.
    #[serde(default)]
    pub source: Option<String>,
    /// Cases whose target, or else whose detection, this team owns.
    #[serde(default)]
    pub owner: Option<String>,
    /// Cases of this severity and graver ones.
    #[serde(default)]
    pub severity_from: Option<CardsFrom>,
    /// Cases of this ATT&CK tactic (`TA0010`).
    #[serde(default)]
    pub tactic: Option<String>,
    /// The channel.
    pub channel: String,
}

/// A severity, from which on each case has a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardsFrom {
    /// Every one.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    #[default]
    High,
    /// Critical.
    Critical,
}

impl SlackConfig {
    pub(super) fn within(&mut self, folder: &Path) {
        self.bot_token.within(folder);
        for secret in self.app_token.iter_mut().chain(&mut self.signing_secret) {
            secret.within(folder);
        }
    }
}

fn tenant() -> String {
    "default".into()
}

/// Those of `sources/request.jq`.
fn topics() -> Vec<String> {
    [
        "access-to-bucket",
        "access-to-repository",
        "badge-access-area",
        "badge-lost",
        "certificate-expiring",
        "firewall-opening",
        "how-to-report",
        "laptop-lost",
        "on-call-handover",
        "password-reset",
        "suspicious-email",
        "vpn-not-connecting",
    ]
    .map(Into::into)
    .into()
}

fn url() -> String {
    "https://slack.com/api/".into()
}

const fn connect_timeout_ms() -> u64 {
    3_000
}

const fn total_timeout_ms() -> u64 {
    10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topics_are_those_of_the_source() {
        let source = include_str!("../../sources/request.jq");
        let (_, after) = source.split_once("def topics:").unwrap();
        let (listed, _) = after.split_once('}').unwrap();
        let names = listed.split('"').skip(1).step_by(4);
        let mut names: Vec<String> = names.map(Into::into).collect();
        names.sort();
        assert_eq!(names, topics());
    }
}
