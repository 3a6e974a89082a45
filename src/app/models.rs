//! Which chat models there are, in the order in which they are asked, and on which terms: as the configuration says.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    config::{
        Config,
        model::{EndpointConfig, ModelConfig, RecordingsConfig, RecordingsMode},
    },
    domain::canonical::{Digest, NotCanonical},
    outbound::{
        openai::{OpenAi, OpenAiSettings},
        recorder::Recorder,
        recording::Recordings,
        replay::Replay,
    },
    ports::{ChatModel, Fault},
};

/// A chat model, and its terms.
#[derive(Clone)]
pub struct Configured {
    /// The model.
    pub model: Arc<dyn ChatModel>,
    /// Its terms.
    pub terms: Terms,
}

/// On which terms a model is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Where what is sent stays.
    pub region: Option<String>,
    /// Tokens of prompt and reply together.
    pub context_tokens: u32,
    /// Tokens of a reply.
    pub reply_tokens: u32,
    /// Calls at once.
    pub concurrency: usize,
    /// What it costs, where that is known.
    pub prices: Option<Prices>,
}

/// What a million tokens cost, in millionths of the site's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// Of prompts.
    pub prompt: u64,
    /// Of replies.
    pub reply: u64,
}

/// The models of a site, or what is wrong with the first that cannot be used. Nothing is called.
pub fn from_config(config: &ModelConfig) -> Result<Vec<Configured>, Fault> {
    check(config)?;
    let recordings = config.shared.recordings.as_ref();
    let one = |endpoint| configured(endpoint, recordings);
    config.endpoints().map(one).collect()
}

/// Everything that is wrong with the models that are configured. Nothing is called.
pub fn faults(config: &ModelConfig) -> Vec<Fault> {
    let recordings = config.shared.recordings.as_ref();
    let own = config
        .endpoints()
        .map(|endpoint| configured(endpoint, recordings).map(drop));
    let all = std::iter::once(check(config)).chain(own);
    all.filter_map(Result::err).collect()
}

/// The digest of everything about models that shapes a draft. Keys are not in it.
pub fn digest(config: &Config) -> Option<Result<Digest, NotCanonical>> {
    let model = config.model.as_ref()?;
    let endpoints: Vec<Value> = model.endpoints().map(shape).collect();
    let second_key = model.shared.second_key.word();
    let recordings = model.shared.recordings.as_ref();
    let recorded = recordings.map(|recordings| recordings.mode);
    Some(Digest::of(
        &json!({ "endpoints": endpoints, "second_key": second_key, "recorded": recorded }),
    ))
}

fn shape(endpoint: &EndpointConfig) -> Value {
    let place = endpoint
        .base_url
        .as_deref()
        .map(|url| match reqwest::Url::parse(url) {
            Ok(url) => format!("{}{}", url.origin().ascii_serialization(), url.path()),
            Err(_) => "unreadable".into(),
        });
    json!({
        "place": place,
        "name": endpoint.name,
        "api_version": endpoint.api_version,
        "region": endpoint.region,
        "context_tokens": endpoint.context_tokens,
        "reply_tokens": endpoint.reply_tokens,
        "reply_limit": endpoint.reply_limit.key(),
        "parameters": endpoint.parameters,
    })
}

/// What is wrong between one key and another.
fn check(config: &ModelConfig) -> Result<(), Fault> {
    let shared = &config.shared;
    let capped = shared.daily_cost_max.is_some() || shared.case_cost_max.is_some();
    for endpoint in config.endpoints() {
        let name = &endpoint.name;
        if capped && prices(endpoint).is_none() {
            return Err(Fault::Permanent(format!(
                "[model] cannot be used: costs are capped and `{name}` has no prices; set its input_price and output_price"
            )));
        }
        if endpoint.reply_tokens >= endpoint.context_tokens {
            return Err(Fault::Permanent(format!(
                "[model] cannot be used: reply_tokens of `{name}` leave no room for a prompt; make them fewer than context_tokens"
            )));
        }
    }
    Ok(())
}

fn configured(
    endpoint: &EndpointConfig,
    recordings: Option<&RecordingsConfig>,
) -> Result<Configured, Fault> {
    let model = model(endpoint, recordings).map_err(|fault| in_table(&endpoint.name, fault))?;
    Ok(Configured {
        model,
        terms: Terms {
            region: endpoint.region.clone(),
            context_tokens: endpoint.context_tokens.get(),
            reply_tokens: endpoint.reply_tokens.get(),
            concurrency: endpoint.concurrency.get(),
            prices: prices(endpoint),
        },
    })
}

fn model(
    endpoint: &EndpointConfig,
    recordings: Option<&RecordingsConfig>,
) -> Result<Arc<dyn ChatModel>, Fault> {
    let Some(config) = recordings else {
        return Ok(Arc::new(openai(endpoint)?));
    };
    let recordings = Recordings {
        folder: config.folder.clone(),
        model: endpoint.name.clone(),
        parameters: endpoint.parameters.clone(),
    };
    Ok(match config.mode {
        RecordingsMode::Replay => Arc::new(Replay::new(recordings)?),
        RecordingsMode::Record => Arc::new(Recorder::new(openai(endpoint)?, recordings)?),
    })
}

fn openai(endpoint: &EndpointConfig) -> Result<OpenAi, Fault> {
    let Some(base_url) = endpoint.base_url.clone() else {
        let what = "it has no base_url; set it, such as \"https://api.openai.com/v1\"";
        return Err(Fault::Permanent(what.into()));
    };
    let key = endpoint.api_key.as_ref().map(|key| {
        let read = key.read();
        read.map_err(|cause| Fault::Permanent(format!("api_key: {cause}")))
    });
    OpenAi::new(OpenAiSettings {
        base_url,
        name: endpoint.name.clone(),
        api_key: key.transpose()?,
        api_version: endpoint.api_version.clone(),
        allow_private: endpoint.allow_private.clone(),
        connect_timeout_ms: endpoint.connect_timeout_ms.get(),
        first_byte_timeout_ms: endpoint.first_byte_timeout_ms.get(),
        total_timeout_ms: endpoint.total_timeout_ms.get(),
        parameters: endpoint.parameters.clone(),
        limit_key: endpoint.reply_limit.key(),
    })
}

fn prices(endpoint: &EndpointConfig) -> Option<Prices> {
    Some(Prices {
        prompt: endpoint.input_price?.0,
        reply: endpoint.output_price?.0,
    })
}

fn in_table(name: &str, fault: Fault) -> Fault {
    match fault {
        Fault::Permanent(cause) => {
            Fault::Permanent(format!("model `{name}` cannot be used: {cause}"))
        }
        other @ (Fault::Transient(_)
        | Fault::Busy { .. }
        | Fault::InDoubt(_)
        | Fault::TooLarge(_)) => other,
    }
}

#[cfg(test)]
mod tests;
