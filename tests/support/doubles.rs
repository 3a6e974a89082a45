//! Doubles for what a case calls: a model that says what it is told to, and retrieval that is down, empty, shuffled or hostile.

use std::collections::BTreeMap;

use async_trait::async_trait;
use tierone::{
    domain::{
        draft::Disposition,
        id::{ActionId, TenantId},
        precedent::Precedent,
    },
    ports::{Drafting, Embedder, Embedding, Fault, Hit, Reply, Shown, VectorStore},
};

/// A model that says this.
pub struct Says(pub Result<Reply, Fault>);

#[async_trait]
impl Drafting for Says {
    fn name(&self) -> &'static str {
        "double"
    }

    async fn reply(&self, _: &Shown<'_>) -> Result<Reply, Fault> {
        self.0.clone()
    }
}

/// A model that copies the plan.
pub struct Echo;

#[async_trait]
impl Drafting for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    async fn reply(&self, shown: &Shown<'_>) -> Result<Reply, Fault> {
        Ok(match shown.plan.proposal() {
            None => reply(Disposition::Undetermined, None, &[]),
            Some(proposal) => Reply {
                parameters: proposal
                    .parameters
                    .iter()
                    .map(|(name, parameter)| (name.clone(), parameter.value.clone()))
                    .collect(),
                ..reply(proposal.disposition, Some(proposal.action.as_str()), &[])
            },
        })
    }
}

/// A model that is sure of this.
pub fn reply(disposition: Disposition, action: Option<&str>, parameters: &[(&str, &str)]) -> Reply {
    Reply {
        disposition,
        action: action.map(ActionId::new),
        parameters: parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        rationale: "confidence 1.0: every condition holds, fire".into(),
        citations: vec![],
        reply: Some("done".into()),
        tokens: 1,
    }
}

/// An embedder that is down.
pub struct Down;

#[async_trait]
impl Embedder for Down {
    async fn embed(&self, _: &[String]) -> Result<Vec<Embedding>, Fault> {
        Err(Fault::Transient("down".into()))
    }
}

#[async_trait]
impl VectorStore for Down {
    async fn upsert(&self, _: Vec<(Precedent, Embedding)>) -> Result<(), Fault> {
        Err(Fault::Permanent("down".into()))
    }

    async fn search(&self, _: &TenantId, _: &Embedding, _: usize) -> Result<Vec<Hit>, Fault> {
        Err(Fault::Permanent("down".into()))
    }
}

/// An embedder that answers nothing.
pub struct Mute;

#[async_trait]
impl Embedder for Mute {
    async fn embed(&self, _: &[String]) -> Result<Vec<Embedding>, Fault> {
        Ok(vec![])
    }
}

/// An index that finds these, whatever is asked and however many.
pub struct Finds(pub Vec<Precedent>);

#[async_trait]
impl VectorStore for Finds {
    async fn upsert(&self, _: Vec<(Precedent, Embedding)>) -> Result<(), Fault> {
        Ok(())
    }

    async fn search(&self, _: &TenantId, _: &Embedding, _: usize) -> Result<Vec<Hit>, Fault> {
        let hits = self.0.iter().cloned().map(|precedent| Hit {
            precedent,
            score_ppm: 1_000_000,
        });
        Ok(hits.collect())
    }
}
