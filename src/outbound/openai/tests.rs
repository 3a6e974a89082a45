//! The adapter over real sockets: what it sends, what it makes of each answer, and what nobody gets to see.

mod faults;
mod sent;
mod traced;

use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;
use crate::{
    outbound::tests::receiver::{Receiver, Reply, reply},
    ports::{Stop, Turn},
};

/// In the key, the prompt and every body: no fault, span or log line may have it.
const PLANTED: &str = "PLANTED";

fn settings(base_url: &str) -> OpenAiSettings {
    OpenAiSettings {
        base_url: base_url.into(),
        name: "small-1".into(),
        api_key: Some(SecretString::from("sk-PLANTED-key")),
        api_version: None,
        allow_private: Vec::new(),
        connect_timeout_ms: 5_000,
        first_byte_timeout_ms: 10_000,
        total_timeout_ms: 10_000,
        parameters: Map::from_iter([("temperature".to_owned(), Value::from(0))]),
        limit_key: "max_completion_tokens",
    }
}

fn request() -> ChatRequest {
    ChatRequest {
        system: "Answer in JSON. PLANTED-system".into(),
        turns: vec![
            Turn::Asked("PLANTED-prompt".into()),
            Turn::Said("PLANTED-reply".into()),
            Turn::Asked("That was no JSON.".into()),
        ],
        schema: json!({ "type": "object", "properties": { "a": { "type": "string" } } }),
        reply_tokens_max: 80,
    }
}

fn at(receiver: &Receiver) -> String {
    format!("http://127.0.0.1:{}/v1", receiver.port)
}

/// An answer with these choices.
fn answer(choices: &Value) -> Reply {
    let usage = json!({ "prompt_tokens": 31, "completion_tokens": 7, "total_tokens": 38 });
    let body =
        json!({ "id": "1", "object": "chat.completion", "choices": choices, "usage": usage });
    reply("200 OK", "", body.to_string())
}

/// A choice of this message that stopped for this reason.
fn choice(message: &Value, finish_reason: &str) -> Reply {
    answer(&json!([{ "index": 0, "message": message, "finish_reason": finish_reason }]))
}

fn good() -> Reply {
    choice(
        &json!({ "role": "assistant", "content": "{\"a\":\"PLANTED\"}" }),
        "stop",
    )
}
