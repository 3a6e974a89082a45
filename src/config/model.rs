//! `[model]`: which model writes drafts, where it is, how long it may take, and what it may cost.

use std::{
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    path::{Path, PathBuf},
};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value};
use toml::Table;

use super::{micros::Micros, secret::SecretSource};

/// Keys of `[model]` that are not about its endpoint.
const SHARED: [&str; 7] = [
    "second_key",
    "daily_tokens_max",
    "daily_cost_max",
    "case_tokens_max",
    "case_cost_max",
    "recordings",
    "fallback",
];

/// `[model]`: the keys of an endpoint, and those that hold for all endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelConfig {
    /// The endpoint that is asked first.
    pub endpoint: EndpointConfig,
    /// What holds for all of them.
    pub shared: SharedConfig,
}

/// One endpoint: `[model]` itself, or one of `[[model.fallback]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    /// Where it is, up to what `/chat/completions` is added to; of Azure, the resource. A private address that is spelled out is called;
    /// a name that leads to one only where `allow_private` has its network. `http` goes to private addresses only.
    pub base_url: Option<String>,
    /// The model's name; of Azure, the deployment's.
    pub name: String,
    /// The key. An endpoint on `https` must have one.
    pub api_key: Option<SecretSource>,
    /// The version of Azure's API, by which it is known to be Azure.
    pub api_version: Option<String>,
    /// Where what is sent stays, as `[residency]` calls it.
    pub region: Option<String>,
    /// Networks that are not on the public internet and may be called all the same.
    #[serde(default)]
    pub allow_private: Vec<IpNet>,
    /// Tokens of prompt and reply together.
    #[serde(default = "context_tokens")]
    pub context_tokens: NonZeroU32,
    /// Tokens of a reply.
    #[serde(default = "reply_tokens")]
    pub reply_tokens: NonZeroU32,
    /// Milliseconds for name, connection and TLS together.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: NonZeroU64,
    /// Milliseconds until an answer begins, from the first byte that is sent. Most servers begin when they are done.
    #[serde(default = "first_byte_timeout_ms")]
    pub first_byte_timeout_ms: NonZeroU64,
    /// Milliseconds for one try.
    #[serde(default = "total_timeout_ms")]
    pub total_timeout_ms: NonZeroU64,
    /// Calls at once.
    #[serde(default = "concurrency")]
    pub concurrency: NonZeroUsize,
    /// What a million tokens of prompt cost.
    pub input_price: Option<Micros>,
    /// What a million tokens of reply cost.
    pub output_price: Option<Micros>,
    /// Decoding parameters, sent as they are. Absent: `temperature = 0`. Some models take none: then this is an empty table.
    #[serde(default = "parameters")]
    pub parameters: Map<String, Value>,
    /// What the endpoint calls the bound of a reply.
    #[serde(default)]
    pub reply_limit: ReplyLimit,
}

/// What holds for all endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedConfig {
    /// Whether a plan whose every other condition holds still needs the model's agreement.
    #[serde(default)]
    pub second_key: SecondKey,
    /// Tokens of one day (UTC), prompts and replies together.
    #[serde(default = "daily_tokens_max")]
    pub daily_tokens_max: NonZeroU64,
    /// What one day (UTC) may cost; it needs prices.
    pub daily_cost_max: Option<Micros>,
    /// Tokens of one case.
    #[serde(default = "case_tokens_max")]
    pub case_tokens_max: NonZeroU64,
    /// What one case may cost; it needs prices.
    pub case_cost_max: Option<Micros>,
    /// Whether replies are kept, or come from those that were.
    pub recordings: Option<RecordingsConfig>,
    /// Endpoints that are asked, in this order, where the first gives no draft.
    #[serde(default)]
    pub fallback: Vec<EndpointConfig>,
}

/// `[model.recordings]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingsConfig {
    /// Where they are, one file each.
    pub folder: PathBuf,
    /// What is done with them.
    pub mode: RecordingsMode,
}

/// What is done with recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingsMode {
    /// Replies come from them, and nothing is called.
    Replay,
    /// Endpoints are called, and their replies are kept.
    Record,
}

/// Whether the model is asked for its agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondKey {
    /// Always: without it nothing is done alone.
    #[default]
    Always,
    /// Only where a person is asked anyway.
    WhenAsking,
}

/// What an endpoint calls the bound of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyLimit {
    /// As OpenAI does now.
    #[default]
    MaxCompletionTokens,
    /// As OpenAI did, and many others do.
    MaxTokens,
}

impl ModelConfig {
    /// All endpoints, in the order in which they are asked.
    pub fn endpoints(&self) -> impl Iterator<Item = &EndpointConfig> {
        std::iter::once(&self.endpoint).chain(&self.shared.fallback)
    }

    pub(super) fn within(&mut self, folder: &Path) {
        let keys = std::iter::once(&mut self.endpoint).chain(&mut self.shared.fallback);
        for key in keys.filter_map(|endpoint| endpoint.api_key.as_mut()) {
            key.within(folder);
        }
        if let Some(recordings) = &mut self.shared.recordings {
            recordings.folder = folder.join(&recordings.folder);
        }
    }
}

impl SecondKey {
    /// The word, as in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::WhenAsking => "when_asking",
        }
    }
}

impl ReplyLimit {
    /// The key, as it is sent.
    pub const fn key(self) -> &'static str {
        match self {
            Self::MaxCompletionTokens => "max_completion_tokens",
            Self::MaxTokens => "max_tokens",
        }
    }
}

/// One table of two kinds of keys, of which an unknown one is an error in whichever it is: serde's `flatten` would let it pass.
impl<'de> Deserialize<'de> for ModelConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (shared, own): (Table, Table) = Table::deserialize(deserializer)?
            .into_iter()
            .partition(|(key, _)| SHARED.contains(&key.as_str()));
        Ok(Self {
            endpoint: own.try_into().map_err(|error| said::<D>(&error))?,
            shared: shared.try_into().map_err(|error| said::<D>(&error))?,
        })
    }
}

/// Only the message: the rest would show what was written, and that may be a secret.
fn said<'de, D: Deserializer<'de>>(error: &toml::de::Error) -> D::Error {
    D::Error::custom(error.message())
}

const fn context_tokens() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(8_191)
}

const fn reply_tokens() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(799)
}

const fn connect_timeout_ms() -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add(2_999)
}

const fn first_byte_timeout_ms() -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add(29_999)
}

const fn total_timeout_ms() -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add(59_999)
}

const fn concurrency() -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(3)
}

const fn daily_tokens_max() -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add(4_999_999)
}

const fn case_tokens_max() -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add(19_999)
}

fn parameters() -> Map<String, Value> {
    Map::from_iter([("temperature".to_owned(), Value::from(0))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn model(text: &str) -> Result<ModelConfig, toml::de::Error> {
        toml::from_str::<Config>(text).map(|config| config.model.unwrap())
    }

    #[test]
    fn a_name_is_enough_and_the_rest_is_bounded() {
        let model = model("[model]\nname = \"m\"\n").unwrap();
        let endpoint = &model.endpoint;
        assert_eq!(endpoint.context_tokens.get(), 8_192);
        assert_eq!(endpoint.parameters["temperature"], 0);
        assert_eq!(model.shared.second_key, SecondKey::Always);
        assert_eq!(model.shared.daily_tokens_max.get(), 5_000_000);
        assert_eq!(model.endpoints().count(), 1);
    }

    #[test]
    fn every_shared_key_is_read_as_one() {
        let text = "[model]\nname = \"m\"\nbase_url = \"http://127.0.0.1:8000/v1\"\nsecond_key = \"when_asking\"\ndaily_tokens_max = 9\n\
            daily_cost_max = 1.5\ncase_tokens_max = 8\ncase_cost_max = 0.25\nrecordings = { folder = \"r\", mode = \"replay\" }\n\
            parameters = {}\n[[model.fallback]]\nname = \"n\"\nregion = \"eu\"\nreply_limit = \"max_tokens\"\n";
        let mut model = model(text).unwrap();
        model.within(Path::new("/site"));
        let shared = &model.shared;
        assert_eq!(shared.second_key, SecondKey::WhenAsking);
        assert_eq!(shared.daily_tokens_max.get(), 9);
        assert_eq!(shared.daily_cost_max, Some(Micros(1_500_000)));
        assert_eq!(shared.case_tokens_max.get(), 8);
        assert_eq!(shared.case_cost_max, Some(Micros(250_000)));
        let recordings = shared.recordings.as_ref().unwrap();
        assert_eq!(recordings.folder, Path::new("/site/r"));
        assert_eq!(recordings.mode, RecordingsMode::Replay);
        assert!(model.endpoint.parameters.is_empty());
        let names: Vec<&str> = model.endpoints().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["m", "n"]);
        let other = &model.shared.fallback[0];
        assert_eq!(other.reply_limit.key(), "max_tokens");
        assert_eq!(other.region.as_deref(), Some("eu"));
    }

    #[test]
    fn an_unknown_key_is_an_error_wherever_it_is() {
        for text in [
            "[model]\nname = \"m\"\nurk = 1\n",
            "[model]\nname = \"m\"\n[[model.fallback]]\nname = \"n\"\nurk = 1\n",
            "[model]\nname = \"m\"\n[[model.fallback]]\nname = \"n\"\nfallback = []\nurk = 1\n",
            "[model]\nname = \"m\"\nrecordings = { folder = \"r\", mode = \"replay\", urk = 1 }\n",
        ] {
            let error = model(text).unwrap_err().to_string();
            assert!(
                error.contains("urk") || error.contains("fallback"),
                "{error}"
            );
        }
    }

    #[test]
    fn nothing_is_bounded_by_nought_and_no_secret_is_repeated() {
        for key in [
            "context_tokens",
            "total_timeout_ms",
            "concurrency",
            "daily_tokens_max",
        ] {
            let text = format!("[model]\nname = \"m\"\napi_key = \"hush-hush\"\n{key} = 0\n");
            let error = model(&text).unwrap_err().to_string();
            assert!(error.contains("nonzero"), "{key}: {error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
