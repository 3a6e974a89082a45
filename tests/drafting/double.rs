//! A chat model that says what a test tells it to, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use tierone::{
    app::{
        drafting::{Models, terms::Ceilings},
        models::{Configured, Terms},
        rules,
    },
    config::Config,
    ports::{ChatModel, ChatRequest, Completion, Fault, Stop, Turn},
};

type Answer = dyn Fn(usize, &ChatRequest) -> Result<Completion, Fault> + Send + Sync;

/// A chat model by a function of how often it was asked before and of what it is asked.
pub struct Double {
    name: &'static str,
    answer: Box<Answer>,
    asked: Mutex<Vec<ChatRequest>>,
}

impl Double {
    pub fn new(
        name: &'static str,
        answer: impl Fn(usize, &ChatRequest) -> Result<Completion, Fault> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            answer: Box::new(answer),
            asked: Mutex::default(),
        })
    }

    /// One that says this whatever it is asked.
    pub fn says(text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        Self::new("double", move |_, _| Ok(said(&text)))
    }

    /// What it was asked.
    pub fn asked(&self) -> Vec<ChatRequest> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl ChatModel for Double {
    fn name(&self) -> &str {
        self.name
    }

    async fn complete(&self, request: &ChatRequest) -> Result<Completion, Fault> {
        let place = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(request.clone());
            asked.len() - 1
        };
        tokio::task::yield_now().await;
        (self.answer)(place, request)
    }
}

/// A reply that ended by itself.
pub fn said(text: &str) -> Completion {
    stopped(text, Stop::Ended)
}

/// A reply that ended like this.
pub fn stopped(text: &str, stop: Stop) -> Completion {
    Completion {
        text: text.into(),
        stop,
        prompt_tokens: 100,
        reply_tokens: 10,
    }
}

/// A form with this in it, in place of doing nothing.
pub fn form(change: Value) -> String {
    let mut form = json!({
        "disposition": "undetermined",
        "action": "none",
        "parameters": [],
        "citations": [],
        "missing": [],
        "rationale": "nothing is known",
        "reply": null,
    });
    if let Value::Object(fields) = change {
        for (key, value) in fields {
            form[key] = value;
        }
    }
    form.to_string()
}

/// The first text of the user.
pub fn user(request: &ChatRequest) -> &str {
    match &request.turns[0] {
        Turn::Asked(text) | Turn::Said(text) => text,
    }
}

/// Terms with nothing special about them.
pub fn terms() -> Terms {
    Terms {
        region: None,
        context_tokens: 8_192,
        reply_tokens: 512,
        concurrency: 4,
        prices: None,
    }
}

/// Models with these endpoints.
pub fn models(endpoints: &[(Arc<Double>, Terms)], ceilings: Ceilings) -> Models {
    let configured = endpoints.iter().map(|(model, terms)| Configured {
        model: model.clone(),
        terms: terms.clone(),
    });
    Models::new(
        configured.collect(),
        rules::prompts(&Config::default()).unwrap(),
        super::ask::redaction().clone(),
        ceilings,
    )
}
