//! Drafting: has models write drafts. Which endpoint may be asked, how often and for how much is decided here; what is asked and what of a reply
//! counts is the pipeline's. Whatever comes of it, there is a draft, and without a model's it is no key.

mod breaker;
mod conversation;
pub mod journal;
mod ledger;
mod question;
mod record;
mod rehearsing;
mod spending;
pub mod terms;

use std::sync::Arc;

use moka::future::Cache;
use tokio::sync::Semaphore;

pub(super) use self::rehearsing::Rehearsing;
use self::{
    breaker::Breaker,
    conversation::{Means, converse},
    journal::{Account, Journal, Next},
    ledger::Ledger,
    terms::Ceilings,
};
use crate::{
    app::{
        models::{Configured, Terms, from_config},
        rules,
    },
    config::Config,
    domain::{canonical::Digest, case::Spent, facts, id::TenantId, residency::Region},
    pipeline::{
        prompt::{
            Prompt, Prompts,
            budget::{Limits, fit},
            handles::Handles,
            sheet::{Sheet, Subject},
            tokens::Tokens,
        },
        redact::Redaction,
        reply::{Grounded, ground},
    },
    ports::ChatModel,
};

/// How many replies are kept for prompts that come again.
const REUSED_MAX: u64 = 4_096;
/// For how long.
const REUSED_FOR: std::time::Duration = std::time::Duration::from_hours(1);

/// How often a case waits for the answer to another one's question that then nobody needs.
const WAITS_MAX: u8 = 3;

/// The models of a site, and what they were asked.
pub struct Models {
    endpoints: Vec<Endpoint>,
    prompts: Prompts,
    redaction: Redaction,
    ceilings: Ceilings,
    ledger: Ledger,
    /// By tenant, region and prompts: what it said, in handles.
    replies: Cache<Digest, Arc<Said>>,
}

/// One endpoint.
struct Endpoint {
    /// What it is called in events: the model, and where it is.
    name: String,
    model: Arc<dyn ChatModel>,
    terms: Terms,
    places: Semaphore,
    breaker: Breaker,
}

/// A reply that could be used once: nothing in it is about one alert only.
#[derive(Debug)]
struct Said {
    model: String,
    endpoint: String,
    text: String,
    prompt: Digest,
}

/// One try at an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Which.
    pub endpoint: String,
    /// What came of it.
    pub outcome: String,
    /// What it took.
    pub taken: Spent,
    /// The words of a reply that could be used, as they were said.
    pub said: Option<String>,
}

/// What a draft is to be written about, and what it may take.
pub struct Errand<'a> {
    /// The matter.
    pub subject: Subject<'a>,
    /// What the case took before.
    pub spent: Spent,
    /// Chance, for the fence.
    pub chance: [u8; 32],
}

/// What a model wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Which.
    pub model: String,
    /// What, in terms of this alert.
    pub grounded: Grounded,
    /// The digest of the prompt.
    pub prompt: Digest,
}

/// What is put to an endpoint.
struct Put<'a> {
    endpoint: &'a Endpoint,
    prompt: Prompt,
}

impl Models {
    /// Those of the configuration, with these prompts; `None` where it names none.
    pub fn from_config(config: &Config, prompts: rules::Files) -> anyhow::Result<Option<Self>> {
        let Some(model) = &config.model else {
            return Ok(None);
        };
        Ok(Some(Self::new(
            from_config(model)?,
            Prompts::read(prompts)?,
            rules::redaction()?.clone(),
            Ceilings::of(&model.shared),
        )))
    }

    /// These models, asked in this order.
    pub fn new(
        configured: Vec<Configured>,
        prompts: Prompts,
        redaction: Redaction,
        ceilings: Ceilings,
    ) -> Self {
        let mut endpoints: Vec<Endpoint> = Vec::new();
        for one in configured {
            let name = named(&one, &endpoints);
            endpoints.push(Endpoint {
                name,
                model: one.model,
                places: Semaphore::new(one.terms.concurrency.max(1)),
                terms: one.terms,
                breaker: Breaker::default(),
            });
        }
        Self {
            endpoints,
            prompts,
            redaction,
            ceilings,
            ledger: Ledger::default(),
            replies: Cache::builder()
                .max_capacity(REUSED_MAX)
                .time_to_live(REUSED_FOR)
                .build(),
        }
    }

    /// Has a draft written. Every try goes into `journal`. On an error it says why there is no draft.
    pub async fn write(
        &self,
        errand: &Errand<'_>,
        journal: &mut dyn Journal,
    ) -> Result<Written, String> {
        let subject = &errand.subject;
        let region = Region::of(subject.alert, subject.rules);
        let sheet = Sheet::of(subject, &self.redaction);
        let puts = self.puts(&sheet, &region, errand.chance)?;
        if puts.is_empty() {
            return Err(format!("no endpoint may have the data of {region}"));
        }
        let key = key(&subject.alert.tenant, &region, &puts)?;
        let mut account = Account {
            journal,
            spent: errand.spent,
            next: Next::GoOn,
        };
        let mut asked = Asked::No;
        let mut waits = 0..WAITS_MAX;
        let said = loop {
            let asking = async {
                asked = Asked::Yes;
                self.ask(&puts, subject, &sheet.handles, &mut account).await
            };
            match self.replies.try_get_with(key, asking).await {
                Ok(said) => break said,
                // Another case was the one that asked, and nobody needed its answer any more.
                Err(why)
                    if *why == Failure::Stopped && asked == Asked::No && waits.next().is_some() => {
                }
                Err(why) => return Err(why.to_string()),
            }
        };
        if asked == Asked::No {
            account.note(Tried::reused(&said.endpoint)).await;
        }
        // It may cite what the endpoint that said it was shown, which may be more than another one had room for.
        let put = puts.iter().find(|put| put.endpoint.name == said.endpoint);
        let put = put.ok_or("the endpoint that said it was not asked")?;
        let shown = put.prompt.shown(&sheet.handles);
        let grounded = ground(&said.text, &shown, subject.alert);
        Ok(Written {
            model: said.model.clone(),
            grounded: grounded
                .map_err(|why| format!("a reply to the same prompt does not fit: {why}"))?,
            prompt: said.prompt,
        })
    }

    /// What may be put to which endpoint. Where no prompt is short enough for an endpoint, it is left out.
    fn puts(
        &self,
        sheet: &Sheet,
        region: &Region,
        chance: [u8; 32],
    ) -> Result<Vec<Put<'_>>, String> {
        let mut puts = Vec::new();
        let mut why = None;
        for endpoint in self
            .endpoints
            .iter()
            .filter(|one| region.lets(one.terms.region.as_deref()))
        {
            let tokens = Tokens::of_model(endpoint.model.name());
            match fit(sheet, &self.prompts, tokens, endpoint.limits(), chance) {
                Ok(prompt) => puts.push(Put { endpoint, prompt }),
                Err(cause) => why = Some(format!("{}: {cause}", endpoint.name)),
            }
        }
        why.filter(|_| puts.is_empty()).map_or(Ok(puts), Err)
    }

    async fn ask(
        &self,
        puts: &[Put<'_>],
        subject: &Subject<'_>,
        handles: &Handles,
        account: &mut Account<'_>,
    ) -> Result<Arc<Said>, Failure> {
        let means = Means {
            prompts: &self.prompts,
            ceilings: &self.ceilings,
            ledger: &self.ledger,
            now: subject.now,
        };
        let mut causes = Vec::new();
        for Put { endpoint, prompt } in puts {
            let shown = prompt.shown(handles);
            let judge = |text: &str| ground(text, &shown, subject.alert).map(drop);
            match converse(endpoint, prompt, &means, &judge, account).await {
                Ok(text) => {
                    return Ok(Arc::new(Said {
                        model: endpoint.model.name().to_owned(),
                        endpoint: endpoint.name.clone(),
                        text,
                        prompt: prompt.digest,
                    }));
                }
                Err(cause) => causes.push(format!("{}: {cause}", endpoint.name)),
            }
            if account.next == Next::Stop {
                return Err(Failure::Stopped);
            }
        }
        Err(Failure::All(causes.join("; ")))
    }

    /// The endpoint of this name, with where it is; `None` where it is not configured any more.
    pub fn place(&self, name: &str) -> Option<facts::Endpoint> {
        let own = self.endpoints.iter().find(|one| one.name == name)?;
        Some(facts::Endpoint {
            name: name.to_owned(),
            region: own.terms.region.clone(),
        })
    }
}

/// Why no endpoint wrote anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Failure {
    /// The case for which they were asked changed meanwhile.
    #[error("the case changed while the model was asked")]
    Stopped,
    /// Each failed.
    #[error("{0}")]
    All(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Yes,
    No,
}

/// What came of it where nothing was asked.
const REUSED: &str = "not called: the same prompt was answered before";

impl Tried {
    /// Nothing was asked.
    fn reused(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.into(),
            outcome: REUSED.into(),
            taken: Spent::default(),
            said: None,
        }
    }

    /// Whether something was asked.
    pub fn was_called(&self) -> bool {
        self.outcome != REUSED
    }
}

impl Endpoint {
    const fn limits(&self) -> Limits {
        Limits {
            context_tokens: self.terms.context_tokens,
            reply_tokens: self.terms.reply_tokens,
        }
    }

    fn spent(&self, prompt_tokens: u64, reply_tokens: u64) -> Spent {
        Spent {
            tokens: prompt_tokens.saturating_add(reply_tokens),
            cost_micros: self.terms.cost_micros(prompt_tokens, reply_tokens),
        }
    }
}

/// A name that no other endpoint has.
fn named(one: &Configured, others: &[Endpoint]) -> String {
    let model = one.model.name();
    let name = match &one.terms.region {
        Some(region) => format!("{model} in {region}"),
        None => model.to_owned(),
    };
    let alike = others
        .iter()
        .filter(|other| other.model.name() == model && other.terms.region == one.terms.region);
    match alike.count() {
        0 => name,
        others => format!("{name}, {}", others + 1),
    }
}

/// What a reply is kept under: a tenant never gets what was said to another, nor a region. Any of the endpoints may be the one that answers, so
/// what each would be asked counts.
fn key(tenant: &TenantId, region: &Region, puts: &[Put<'_>]) -> Result<Digest, String> {
    let asked = puts
        .iter()
        .map(|put| (&put.endpoint.name, put.prompt.digest));
    let asked: Vec<(&String, Digest)> = asked.collect();
    Digest::of(&(tenant, region, asked)).map_err(|cause| cause.to_string())
}
