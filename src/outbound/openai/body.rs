//! What is posted.

use serde_json::{Map, Value, json};

use super::{OpenAi, ladder::Rung};
use crate::ports::{ChatRequest, Fault, Turn};

/// What the adapter itself says, and no decoding parameter may.
const RESERVED: [&str; 12] = [
    "model",
    "messages",
    "response_format",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "stream",
    "stream_options",
    "store",
    "tools",
    "tool_choice",
    "functions",
];

/// Whether these parameters can be sent.
pub fn check(parameters: &Map<String, Value>) -> Result<(), Fault> {
    match parameters
        .keys()
        .find(|key| RESERVED.contains(&key.as_str()))
    {
        None => Ok(()),
        Some(key) => Err(Fault::Permanent(format!(
            "`{key}` is no decoding parameter; take it out of parameters"
        ))),
    }
}

/// The body for `request`, with what is asked of the reply's form on this rung.
pub fn of(model: &OpenAi, request: &ChatRequest, rung: Rung) -> Value {
    let mut body = model.parameters.clone();
    let mut add = |key: &str, value: Value| body.insert(key.to_owned(), value);
    add("model", model.name.as_str().into());
    add("messages", messages(request));
    add(model.limit_key, request.reply_tokens_max.into());
    add("stream", false.into());
    match rung {
        Rung::Schema => {
            let schema = json!({ "name": "reply", "strict": true, "schema": request.schema });
            add(
                "response_format",
                json!({ "type": "json_schema", "json_schema": schema }),
            );
        }
        Rung::Object => {
            add("response_format", json!({ "type": "json_object" }));
        }
        Rung::Plain => {}
    }
    Value::Object(body)
}

fn messages(request: &ChatRequest) -> Value {
    let system = json!({ "role": "system", "content": request.system });
    let turns = request.turns.iter().map(|turn| match turn {
        Turn::Asked(text) => json!({ "role": "user", "content": text }),
        Turn::Said(text) => json!({ "role": "assistant", "content": text }),
    });
    std::iter::once(system).chain(turns).collect()
}
