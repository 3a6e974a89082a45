//! What a trace shows of a call, by the names of OpenTelemetry's conventions for generative AI (in development, hence plain names): no bodies.

use tracing::{Span, field::Empty, info_span};

use super::verdict::Peer;
use crate::ports::{ChatRequest, Completion, Fault, Stop};

/// The span of a call that begins.
pub fn asked(peer: &Peer, request: &ChatRequest) -> Span {
    info_span!(
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = peer.provider.word(),
        gen_ai.request.model = peer.model,
        gen_ai.request.max_tokens = request.reply_tokens_max,
        gen_ai.output.type = "json",
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        server.address = peer.host,
        server.port = peer.port,
        error.type = Empty,
    )
}

/// What came of it.
pub fn answered(span: &Span, said: &Result<Completion, Fault>) {
    match said {
        Ok(completion) => {
            span.record("gen_ai.response.finish_reasons", reason(completion.stop));
            span.record("gen_ai.usage.input_tokens", completion.prompt_tokens);
            span.record("gen_ai.usage.output_tokens", completion.reply_tokens);
        }
        Err(fault) => {
            span.record("error.type", kind(fault));
        }
    }
}

const fn reason(stop: Stop) -> &'static str {
    match stop {
        Stop::Ended => "stop",
        Stop::Length => "length",
        Stop::Refusal => "refusal",
        Stop::Filter => "content_filter",
        Stop::ToolCall => "tool_calls",
        Stop::Empty => "empty",
    }
}

const fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::Transient(_) => "transient",
        Fault::Busy { .. } => "busy",
        Fault::InDoubt(_) => "in_doubt",
        Fault::Permanent(_) => "permanent",
        Fault::TooLarge(_) => "too_large",
    }
}
