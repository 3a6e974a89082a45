//! A chat model behind an endpoint that speaks OpenAI's chat completions: OpenAI, Azure, vLLM, llama.cpp and others. One call is one try.
//!
//! Nothing here is tried again and nothing is logged: both are the driver's. No fault repeats a body, a key or a prompt.

mod address;
mod body;
mod exchange;
mod ladder;
mod reply;
mod span;
mod verdict;

use async_openai::{Client, error::OpenAIError};
use async_trait::async_trait;
use ipnet::IpNet;
use secrecy::SecretString;
use serde_json::{Map, Value};
use tracing::Instrument as _;

use self::{
    address::Address,
    exchange::Exchange,
    ladder::{Ladder, Rung},
    verdict::{Declined, Peer},
};
use crate::ports::{ChatModel, ChatRequest, Completion, Fault};

/// What an endpoint is made from.
#[derive(Clone, Debug)]
pub struct OpenAiSettings {
    /// Where it is, up to what `/chat/completions` is added to; of Azure, the resource.
    pub base_url: String,
    /// The model's name; of Azure, the deployment's.
    pub name: String,
    /// The key, where there is one.
    pub api_key: Option<SecretString>,
    /// The version of Azure's API, by which it is known to be Azure.
    pub api_version: Option<String>,
    /// Networks that are not public and may be called all the same.
    pub allow_private: Vec<IpNet>,
    /// Milliseconds for name, connection and TLS together.
    pub connect_timeout_ms: u64,
    /// Milliseconds until an answer begins.
    pub first_byte_timeout_ms: u64,
    /// Milliseconds for one try.
    pub total_timeout_ms: u64,
    /// Decoding parameters, sent as they are.
    pub parameters: Map<String, Value>,
    /// What the endpoint calls the bound of a reply.
    pub limit_key: &'static str,
}

/// A chat model behind an endpoint.
#[derive(Debug)]
pub struct OpenAi {
    client: Client<Address>,
    name: String,
    parameters: Map<String, Value>,
    limit_key: &'static str,
    ladder: Ladder,
    peer: Peer,
}

impl OpenAi {
    /// A chat model, or why there can be none. Nothing is called.
    pub fn new(settings: OpenAiSettings) -> Result<Self, Fault> {
        body::check(&settings.parameters)?;
        let address = Address::new(&settings)?;
        let peer = address.peer();
        let exchange = Exchange::new(
            &settings,
            address.guard(&settings.allow_private)?,
            peer.clone(),
        )?;
        // The library's own client would try again three times, unseen.
        let client = Client::build(exchange.client(), address).with_http_service(exchange);
        Ok(Self {
            client,
            name: settings.name,
            parameters: settings.parameters,
            limit_key: settings.limit_key,
            ladder: Ladder::default(),
            peer,
        })
    }

    async fn ask(&self, request: &ChatRequest, rung: Rung) -> Result<Completion, Fault> {
        let body = body::of(self, request, rung);
        let said: Result<Value, OpenAIError> = self.client.chat().create_byot(&body).await;
        match said.map_err(|error| self.peer.declined_by(error)) {
            Ok(said) => self.peer.read(&said),
            Err(Declined::Fault(fault)) => Err(fault),
            Err(Declined::Filter) => Ok(reply::filtered()),
            Err(Declined::Format) => Err(self.peer.no_format(rung, self.ladder.down(rung))),
        }
    }
}

#[async_trait]
impl ChatModel for OpenAi {
    fn name(&self) -> &str {
        &self.name
    }

    async fn complete(&self, request: &ChatRequest) -> Result<Completion, Fault> {
        let span = span::asked(&self.peer, request);
        let rung = self.ladder.rung();
        let said = self.ask(request, rung).instrument(span.clone()).await;
        span::answered(&span, &said);
        said
    }
}

#[cfg(test)]
mod tests;
