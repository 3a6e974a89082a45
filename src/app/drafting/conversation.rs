//! Conversation: one prompt put to one endpoint. The only place that asks a model again: after a fault that may pass, and, told what was wrong,
//! after a reply that cannot be used. Every try is told to the caller.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::{
    Endpoint, Tried,
    journal::{Account, Next},
    ledger::Ledger,
    terms::Ceilings,
};
use crate::{
    domain::case::Spent,
    pipeline::{
        prompt::{Prompt, Prompts, tokens::Tokens},
        reply::Unusable,
    },
    ports::{ChatRequest, Completion, Fault, Stop, Turn},
};

/// The most tries that end in a fault.
pub const FAULTS_MAX: u32 = 3;
/// The most replies that are sent back as unusable.
pub const REPAIRS_MAX: u32 = 2;
/// The longest that a `Retry-After` is waited for.
pub const WAIT_MAX_MS: u64 = 20_000;
const BACKOFF_FIRST_MS: u64 = 500;
const BACKOFF_MAX_MS: u64 = 8_000;

/// What a conversation needs beside the prompt.
pub(super) struct Means<'a> {
    pub(super) prompts: &'a Prompts,
    pub(super) ceilings: &'a Ceilings,
    pub(super) ledger: &'a Ledger,
    pub(super) now: Timestamp,
}

/// Says of a reply whether it can be used.
pub(super) type Judge<'a> = dyn Fn(&str) -> Result<(), Unusable> + Send + Sync + 'a;

/// What one try came to.
enum Came {
    Answered(String),
    Unusable {
        said: String,
        why: Unusable,
    },
    Faulted(Fault),
    /// It will not answer this, however it is asked.
    Denied(&'static str),
}

/// The words of a reply that `judge` can use, or why there are none. Every try goes into `account`, which says whether there may be another one.
pub(super) async fn converse(
    endpoint: &Endpoint,
    prompt: &Prompt,
    means: &Means<'_>,
    judge: &Judge<'_>,
    account: &mut Account<'_>,
) -> Result<String, String> {
    let mut request = ChatRequest {
        system: prompt.system.clone(),
        turns: vec![Turn::Asked(prompt.user.clone())],
        schema: prompt.schema.clone(),
        reply_tokens_max: endpoint.terms.reply_tokens,
    };
    let (mut faults, mut repairs) = (0, 0);
    loop {
        let Some(has) = room(endpoint, &request) else {
            return Err("what was said so far leaves no room for another reply".into());
        };
        let (came, taken) = once(endpoint, &request, has, account.spent, means, judge).await?;
        let next = account.note(Tried::new(&endpoint.name, &came, taken)).await;
        match came {
            Came::Answered(text) => return Ok(text),
            Came::Denied(why) => return Err(why.into()),
            Came::Unusable { why, .. } if repairs == REPAIRS_MAX || next == Next::Stop => {
                return Err(format!("its replies could not be used, last: {why}"));
            }
            Came::Unusable { said, why } => {
                repairs += 1;
                let error = why.told;
                let asked = means
                    .prompts
                    .text("repair.txt", serde_json::json!({ "error": error }));
                request.turns.push(Turn::Said(said));
                request
                    .turns
                    .push(Turn::Asked(asked.map_err(|cause| cause.to_string())?));
            }
            Came::Faulted(fault) => {
                faults += 1;
                let wait = wait_ms(&fault, faults, jitter());
                match wait.filter(|_| faults < FAULTS_MAX && next == Next::GoOn) {
                    Some(wait) => sleep(Duration::from_millis(wait)).await,
                    None => return Err(fault.to_string()),
                }
            }
        }
    }
}

/// The tokens of a request, where they and the longest reply fit.
fn room(endpoint: &Endpoint, request: &ChatRequest) -> Option<usize> {
    let schema = request.schema.to_string();
    let turns = request.turns.iter().map(|turn| match turn {
        Turn::Asked(text) | Turn::Said(text) => text.as_str(),
    });
    let texts = turns.chain([request.system.as_str(), schema.as_str()]);
    let has = Tokens::of_model(endpoint.model.name()).of_request(texts);
    (has <= endpoint.limits().prompt()).then_some(has)
}

async fn once(
    endpoint: &Endpoint,
    request: &ChatRequest,
    has: usize,
    spent: Spent,
    means: &Means<'_>,
    judge: &Judge<'_>,
) -> Result<(Came, Spent), String> {
    let prompt_tokens = has as u64;
    let most = endpoint.spent(prompt_tokens, u64::from(endpoint.terms.reply_tokens));
    let _place = endpoint
        .places
        .acquire()
        .await
        .map_err(|closed| closed.to_string())?;
    if !endpoint.breaker.lets(Instant::now()) {
        return Err("it failed several times in a row and is left alone for a while".into());
    }
    let reserved = means.ledger.reserve(means.ceilings, spent, most, means.now);
    reserved.map_err(|what| format!("{what} would be more than its ceiling"))?;
    let result = endpoint.model.complete(request).await;
    let taken = result.as_ref().map_or_else(
        |_| Spent::default(),
        |said| taken(endpoint, said, prompt_tokens),
    );
    means.ledger.settle(most, taken);
    match &result {
        Ok(_) | Err(Fault::Permanent(_) | Fault::TooLarge(_)) => endpoint.breaker.answered(),
        Err(Fault::Transient(_) | Fault::Busy { .. } | Fault::InDoubt(_)) => {
            endpoint.breaker.failed(Instant::now());
        }
    }
    Ok((
        result.map_or_else(Came::Faulted, |said| came(said, judge)),
        taken,
    ))
}

/// What a completion took; where the provider does not say, as much as we counted.
fn taken(endpoint: &Endpoint, said: &Completion, prompt_tokens: u64) -> Spent {
    let prompt = if said.prompt_tokens == 0 {
        prompt_tokens
    } else {
        said.prompt_tokens
    };
    let reply = if said.reply_tokens == 0 {
        said.text.len() as u64
    } else {
        said.reply_tokens
    };
    endpoint.spent(prompt, reply)
}

fn came(said: Completion, judge: &Judge<'_>) -> Came {
    let unusable = |text: String, why| Came::Unusable {
        said: text,
        why: Unusable::plain(why),
    };
    match said.stop {
        Stop::Ended => match judge(&said.text) {
            Ok(()) => Came::Answered(said.text),
            Err(why) => Came::Unusable {
                said: said.text,
                why,
            },
        },
        Stop::Length => unusable(said.text, "it was cut because it is too long, be shorter"),
        Stop::ToolCall => unusable(said.text, "it calls a tool, and there is none"),
        Stop::Empty => unusable(said.text, "it is empty"),
        Stop::Refusal => Came::Denied("it refused"),
        Stop::Filter => Came::Denied("the provider's filter held the reply back"),
    }
}

/// How long to wait after the fault of this number; `None` where nothing is gained by asking again.
pub fn wait_ms(fault: &Fault, number: u32, jitter: u64) -> Option<u64> {
    let doubled = BACKOFF_FIRST_MS.saturating_mul(1 << number.saturating_sub(1).min(16));
    let whole = doubled.min(BACKOFF_MAX_MS);
    let own = whole / 2 + jitter % (whole / 2);
    match fault {
        Fault::Transient(_) | Fault::InDoubt(_) => Some(own),
        Fault::Busy { wait_ms, .. } if *wait_ms <= WAIT_MAX_MS => Some(own.max(*wait_ms)),
        Fault::Busy { .. } | Fault::Permanent(_) | Fault::TooLarge(_) => None,
    }
}

fn jitter() -> u64 {
    getrandom::u64().unwrap_or(0)
}

impl Tried {
    fn new(endpoint: &str, came: &Came, taken: Spent) -> Self {
        Self {
            endpoint: endpoint.into(),
            outcome: match came {
                Came::Answered(_) => "answered".into(),
                Came::Unusable { why, .. } => format!("answered, and it could not be used: {why}"),
                Came::Faulted(fault) => fault.to_string(),
                Came::Denied(why) => (*why).into(),
            },
            taken,
            said: match came {
                Came::Answered(text) => Some(text.clone()),
                Came::Unusable { .. } | Came::Faulted(_) | Came::Denied(_) => None,
            },
        }
    }
}
