//! What we need from outside: the ports that adapters implement, and errors named by what the caller does next.

use async_trait::async_trait;

use crate::domain::{
    alert::Alert,
    draft::Disposition,
    event::{LookAlike, Probe},
    id::{ActionId, PrecedentId, TenantId},
    order::{Authorized, Order},
    precedent::Precedent,
    proposal::Plan,
};

/// Why a dependency did not do its part, by what the caller does next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It was not done and may work later: the driver tries again, within bounds.
    #[error("transient fault: {0}")]
    Transient(String),
    /// It was not done, and it said when to come back.
    #[error("busy: {cause}")]
    Busy {
        /// What it said.
        cause: String,
        /// How long it asks to be left alone.
        wait_ms: u64,
    },
    /// Nobody knows whether it was done: only what does no harm twice is tried again, else a person decides.
    #[error("in doubt: {0}")]
    InDoubt(String),
    /// It will not work as asked: nobody tries again, a person sees why.
    #[error("permanent fault: {0}")]
    Permanent(String),
    /// It may work with less.
    #[error("too large: {0}")]
    TooLarge(String),
}

/// A sparse vector: token ids, strictly rising and unique, each with its weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embedding {
    /// The entries.
    pub entries: Vec<(u32, f32)>,
}

/// Turns text into vectors.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// One embedding a text, in the order of the texts.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Embedding>, Fault>;
}

/// Finds the precedents nearest to an embedding. It ranks what people and models see, and nothing else.
#[async_trait]
pub trait VectorStore: Send + Sync {
    /// Adds precedents with their embeddings, replacing those of the same id.
    async fn upsert(&self, rows: Vec<(Precedent, Embedding)>) -> Result<(), Fault>;

    /// At most `limit` precedents of `tenant`, best first, ties by id.
    async fn search(
        &self,
        tenant: &TenantId,
        query: &Embedding,
        limit: usize,
    ) -> Result<Vec<Hit>, Fault>;
}

/// A precedent that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The precedent.
    pub precedent: Precedent,
    /// Similarity in millionths.
    pub score_ppm: u32,
}

/// Completes prompts. One call is one try: who tries again is the driver, and each try is an event.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// The model's name, as it is shown.
    fn name(&self) -> &str;

    /// What it says to `request`.
    async fn complete(&self, request: &ChatRequest) -> Result<Completion, Fault>;
}

/// What is put to a chat model.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    /// What it is told once.
    pub system: String,
    /// The turns after that: what it is asked, what it said, what was wrong with it.
    pub turns: Vec<Turn>,
    /// The JSON schema that its reply must meet.
    pub schema: serde_json::Value,
    /// The most tokens of its reply.
    pub reply_tokens_max: u32,
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// What it is asked.
    Asked(String),
    /// What it said.
    Said(String),
}

/// What a chat model said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Its words; empty where it had none.
    pub text: String,
    /// Why it stopped.
    pub stop: Stop,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the reply.
    pub reply_tokens: u64,
}

/// Why a chat model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It had said everything.
    Ended,
    /// Its reply was cut at the most tokens.
    Length,
    /// It refused.
    Refusal,
    /// The provider's filter held the reply back.
    Filter,
    /// It called a tool, though none was offered.
    ToolCall,
    /// It said nothing.
    Empty,
}

/// Writes drafts. Whatever it says, it is a second key and nothing else.
#[async_trait]
pub trait Drafting: Send + Sync {
    /// The model's name, as it is shown.
    fn name(&self) -> &str;

    /// A reply to what it is shown.
    async fn reply(&self, shown: &Shown<'_>) -> Result<Reply, Fault>;
}

/// What a model is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// The plan.
    pub plan: &'a Plan,
    /// The look-alikes.
    pub found: &'a [LookAlike],
}

/// What a model says.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What it takes the alert for.
    pub disposition: Disposition,
    /// What it would do.
    pub action: Option<ActionId>,
    /// With what, by parameter.
    pub parameters: std::collections::BTreeMap<String, String>,
    /// Why.
    pub rationale: String,
    /// On which precedents.
    pub citations: Vec<PrecedentId>,
    /// Text for whoever asked.
    pub reply: Option<String>,
    /// Tokens used, prompt and reply together.
    pub tokens: u64,
}

/// Carries out actions. It is given an order only with the authorisation of a `Started` event.
#[async_trait]
pub trait Executor: Send + Sync {
    /// Whether an order may be given to it twice under the same idempotency key.
    fn repetition(&self) -> Repetition;

    /// Exactly what would be sent, secrets left out.
    fn preview(&self, order: &Order) -> Result<String, Fault>;

    /// Exactly what would be sent to undo what was done under this order, secrets left out.
    fn preview_undo(&self, order: &Order, undo: &str) -> Result<String, Fault>;

    /// Carries `authorized` out and says what came of it.
    async fn execute(&self, authorized: &Authorized) -> Result<String, Fault>;

    /// Undoes what was done under this order.
    async fn undo(&self, authorized: &Authorized, undo: &str) -> Result<String, Fault>;

    /// Runs a probe on what was done.
    async fn verify(&self, order: &Order, probe: &str) -> Result<Probe, Fault>;
}

/// Whether an order may be given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// A second order under the same key has no second effect.
    Idempotent,
    /// A second order may have a second effect: only a person may repeat it.
    Unsafe,
}
