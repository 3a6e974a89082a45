//! What an endpoint that answered has said. Providers add fields, leave some out and invent reasons, so that little is asked of it.

use serde_json::Value;

use crate::ports::{Completion, Stop};

/// The completion in an answer; `None` where it is none.
pub fn read(answer: &Value) -> Option<Completion> {
    let choices = answer.get("choices")?.as_array()?;
    let (text, stop) = match choices.first() {
        Some(choice) => said(choice)?,
        None => (String::new(), Stop::Empty),
    };
    // A provider that does not say is taken to have said nought: who counts must count for itself then.
    let tokens = |name: &str| {
        answer
            .get("usage")
            .and_then(|usage| usage.get(name)?.as_u64())
    };
    Some(Completion {
        text,
        stop,
        prompt_tokens: tokens("prompt_tokens").unwrap_or(0),
        reply_tokens: tokens("completion_tokens").unwrap_or(0),
    })
}

/// What there is where a filter held back the prompt, so that there is no answer.
pub fn filtered() -> Completion {
    Completion {
        text: String::new(),
        stop: Stop::Filter,
        prompt_tokens: 0,
        reply_tokens: 0,
    }
}

fn said(choice: &Value) -> Option<(String, Stop)> {
    let message = choice.get("message")?.as_object()?;
    let words = |name: &str| message.get(name).map(text).unwrap_or_default();
    let refusal = words("refusal");
    if !refusal.is_empty() {
        return Some((refusal, Stop::Refusal));
    }
    let content = words("content");
    let called =
        ["tool_calls", "function_call"].map(|name| message.get(name).is_some_and(is_there));
    let stop = match choice.get("finish_reason").and_then(Value::as_str) {
        Some("content_filter") => Stop::Filter,
        Some("length") => Stop::Length,
        Some("tool_calls" | "function_call") => Stop::ToolCall,
        _ if called.contains(&true) => Stop::ToolCall,
        _ if content.trim().is_empty() => Stop::Empty,
        // `stop`, none, or one that nobody knows: whether the words are whole is seen when they are parsed.
        _ => Stop::Ended,
    };
    Some((content, stop))
}

/// Text, or the text of its parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            texts.collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn is_there(called: &Value) -> bool {
    match called {
        Value::Null => false,
        Value::Array(calls) => !calls.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => true,
    }
}
