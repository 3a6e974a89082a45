//! Why there is no reply, in words of ours: cause and cure, and nothing of what was sent or received.

use async_openai::error::OpenAIError;
use serde_json::Value;

use super::{ladder::Rung, reply};
use crate::{
    outbound::endpoint::{causes, refused, tls},
    ports::{Completion, Fault},
};

/// Whom faults and spans name.
#[derive(Clone, Debug)]
pub struct Peer {
    pub host: String,
    pub port: u16,
    pub model: String,
    pub provider: Provider,
}

/// Whose API it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// OpenAI's, or one like it.
    OpenAi,
    /// Azure's.
    Azure,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Declined {
    /// For a reason that is the caller's.
    #[error("{0}")]
    Fault(Fault),
    /// The provider's filter held the prompt back.
    #[error("the provider's filter held the prompt back")]
    Filter,
    /// The endpoint does not take the way in which the reply's form was asked for.
    #[error("the endpoint takes no such response_format")]
    Format,
}

impl Provider {
    /// The word, as in OpenTelemetry.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Azure => "azure.ai.openai",
        }
    }
}

impl Peer {
    /// The completion in an answer. Some send an error as if it were one.
    pub fn read(&self, answer: &Value) -> Result<Completion, Fault> {
        let error = answer.get("error").filter(|error| !error.is_null());
        let declined = match (reply::read(answer), error) {
            (Some(completion), None) => return Ok(completion),
            (_, Some(error)) => self.judged(
                ErrorBody::status(error),
                None,
                &ErrorBody::of(answer),
                "answered with an error as if it were a reply",
            ),
            (None, None) => self.no_completion("has no choices as a completion has"),
        };
        match declined {
            Declined::Fault(fault) => Err(fault),
            Declined::Filter => Ok(reply::filtered()),
            Declined::Format => Err(self.permanent(
                "takes no response_format, and does not say so by its status; name another model",
            )),
        }
    }

    /// What an answer with this status means. `body` is looked at for words that are known, and never repeated.
    pub fn declined(&self, status: u16, wait_ms: Option<u64>, body: &[u8]) -> Declined {
        let body = serde_json::from_slice(body).unwrap_or_default();
        let what = format!("answered `{status}`");
        self.judged(status, wait_ms, &ErrorBody::of(&body), &what)
    }

    fn judged(
        &self,
        status: u16,
        wait_ms: Option<u64>,
        said: &ErrorBody<'_>,
        what: &str,
    ) -> Declined {
        let unfit = matches!(status, 400 | 422);
        if unfit && said.is_about_the_format() {
            return Declined::Format;
        }
        if unfit && said.names("content_filter") {
            return Declined::Filter;
        }
        let cause = format!("`{}` {what}", self.host);
        if said.names("insufficient_quota") || status == 402 {
            return Declined::Fault(Fault::Permanent(format!(
                "{cause}: the account has nothing left; add to it, or use another key"
            )));
        }
        if status == 413 || (unfit && said.is_too_long()) {
            return Declined::Fault(Fault::TooLarge(format!(
                "{cause}: prompt and reply are more than it takes; correct context_tokens and reply_tokens"
            )));
        }
        Declined::Fault(match passing(status) {
            Some(why) => later(format!("{cause}: {why}"), wait_ms),
            None => Fault::Permanent(format!("{cause}{}", self.lasting(status, said))),
        })
    }

    /// What a status means that will be the same the next time.
    fn lasting(&self, status: u16, said: &ErrorBody<'_>) -> String {
        let model = &self.model;
        match status {
            401 => ": the key is not valid; put a valid one where api_key says".into(),
            403 => format!(": the key may not use `{model}`; grant it, or use another key"),
            404 => format!(": there is no `{model}` there; correct name, base_url or api_version"),
            300..=399 => {
                ", a redirect, which is not followed; set base_url to where it leads".into()
            }
            _ => {
                let what = said
                    .known_key()
                    .map_or("the request".to_owned(), |key| format!("`{key}`"));
                format!(
                    ": it does not take {what}; correct parameters and reply_limit, or name another model"
                )
            }
        }
    }

    /// What an error of the library means.
    pub fn declined_by(&self, error: OpenAIError) -> Declined {
        let OpenAIError::Boxed(cause) = error else {
            return self
                .fault("cannot be asked: the request cannot be made; correct base_url and name");
        };
        match cause.downcast::<Declined>() {
            Ok(declined) => *declined,
            Err(_) => {
                self.fault("cannot be asked: the request was not sent; correct base_url and name")
            }
        }
    }

    /// There was no answer at all.
    pub fn not_sent(&self, error: reqwest::Error) -> Declined {
        let error = error.without_url();
        let host = &self.host;
        let fault = if let Some(refused) = refused(&error) {
            Fault::Permanent(refused.to_string())
        } else if let Some(cause) = tls(&error) {
            Fault::Permanent(format!(
                "no TLS with `{host}`: {cause}; correct base_url, or have the system trust its certificate"
            ))
        } else if error.is_connect() {
            Fault::Transient(format!(
                "no connection to `{host}`: {}; start it, or correct base_url",
                causes(&error)
            ))
        } else {
            Fault::Transient(format!(
                "`{host}` broke off before it answered: {}; look whether it is well",
                causes(&error)
            ))
        };
        Declined::Fault(fault)
    }

    /// An answer began and did not end.
    pub fn broke_off(&self, error: reqwest::Error) -> Declined {
        Declined::Fault(Fault::Transient(format!(
            "`{}` broke off in the middle of its answer: {}; look whether it is well",
            self.host,
            causes(&error.without_url())
        )))
    }

    /// It took too long.
    pub fn slow(&self, what: &str, within_ms: u64, key: &str) -> Declined {
        Declined::Fault(Fault::Transient(format!(
            "`{}` {what} in {within_ms} ms; raise {key}, or use a faster model",
            self.host
        )))
    }

    /// It said too much.
    pub fn too_long(&self, max: usize) -> Declined {
        self.fault(&format!(
            "answered with more than {max} bytes; correct base_url, or have it keep to the bound of a reply"
        ))
    }

    /// It answered with something else.
    pub fn no_completion(&self, what: &str) -> Declined {
        self.fault(&format!(
            "answered with what {what}; correct base_url, which /chat/completions is added to"
        ))
    }

    /// It does not take this way of asking for the reply's form; `next` is how it is asked from now on.
    pub fn no_format(&self, refused: Rung, next: Option<Rung>) -> Fault {
        let word = refused.word();
        match next {
            Some(next) => Fault::Transient(format!(
                "`{}` takes no response_format `{word}`; from the next try on it is asked for `{}`",
                self.host,
                next.word()
            )),
            None => {
                self.permanent("takes no response_format, though none was sent; name another model")
            }
        }
    }

    fn fault(&self, what: &str) -> Declined {
        Declined::Fault(self.permanent(what))
    }

    fn permanent(&self, what: &str) -> Fault {
        Fault::Permanent(format!("`{}` {what}", self.host))
    }
}

fn later(cause: String, wait_ms: Option<u64>) -> Fault {
    match wait_ms {
        Some(wait_ms) => Fault::Busy { cause, wait_ms },
        None => Fault::Transient(cause),
    }
}

/// What a status means that may be another the next time.
const fn passing(status: u16) -> Option<&'static str> {
    match status {
        429 => Some("it is asked too often; lower concurrency, or have its limit raised"),
        408 | 425 => Some("it waited for the request in vain; look at the network between"),
        503 => Some("it is not ready; wait, or look whether it is well"),
        500..=599 => Some("it failed; look whether it is well"),
        _ => None,
    }
}

/// Keys of a request that endpoints are known to refuse.
const KEYS: [&str; 7] = [
    "temperature",
    "top_p",
    "seed",
    "reasoning_effort",
    "max_tokens",
    "max_completion_tokens",
    "model",
];

/// What is known of an error's body.
struct ErrorBody<'a> {
    words: Vec<&'a str>,
    about: Vec<&'a str>,
    message: &'a str,
}

impl<'a> ErrorBody<'a> {
    /// As OpenAI writes it: `{"error": {"code", "type", "param", "message"}}`; as others do: the same without `error`, or with `detail`.
    fn of(body: &'a Value) -> Self {
        let error = body
            .get("error")
            .filter(|error| error.is_object())
            .unwrap_or(body);
        let word = |name: &str| error.get(name).and_then(Value::as_str);
        let details = error.get("detail").and_then(Value::as_array);
        let places = details
            .into_iter()
            .flatten()
            .filter_map(|detail| detail.get("loc")?.as_array());
        let message = word("message").or_else(|| body.get("error")?.as_str());
        Self {
            words: ["code", "type"].into_iter().filter_map(word).collect(),
            about: word("param")
                .into_iter()
                .chain(places.flatten().filter_map(Value::as_str))
                .collect(),
            message: message.unwrap_or_default(),
        }
    }

    /// The status that an error says it has, where it came as a success; 400 where it says none.
    fn status(error: &Value) -> u16 {
        let code = error.get("code").and_then(Value::as_u64);
        let code = code.and_then(|code| u16::try_from(code).ok());
        code.filter(|code| (300..600).contains(code)).unwrap_or(400)
    }

    fn names(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    fn is_about_the_format(&self) -> bool {
        const FORMAT: &str = "response_format";
        self.about.iter().any(|place| place.starts_with(FORMAT)) || self.message.contains(FORMAT)
    }

    /// What it is about, where that is a key that we may have sent: no other word of a body is repeated.
    fn known_key(&self) -> Option<&'static str> {
        KEYS.into_iter().find(|key| self.about.contains(key))
    }

    fn is_too_long(&self) -> bool {
        ["context_length_exceeded", "exceed_context_size_error"]
            .iter()
            .any(|word| self.names(word))
            || self.message.contains("maximum context length")
    }
}
