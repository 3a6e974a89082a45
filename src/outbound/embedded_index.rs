//! The embedded index of precedents: exact search in process, rebuilt from the store at start. Nothing is kept on disk.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;

use crate::{
    domain::{
        id::{PrecedentId, TenantId},
        precedent::Precedent,
    },
    ports::{Embedding, Fault, Hit, VectorStore},
};

/// An inverted index a tenant.
#[derive(Debug, Default)]
pub struct EmbeddedIndex {
    tenants: RwLock<HashMap<TenantId, Partition>>,
}

#[derive(Debug, Default)]
struct Partition {
    rows: Vec<Arc<Precedent>>,
    places: HashMap<PrecedentId, usize>,
    postings: HashMap<u32, Vec<(usize, f32)>>,
}

#[async_trait]
impl VectorStore for EmbeddedIndex {
    async fn upsert(&self, rows: Vec<(Precedent, Embedding)>) -> Result<(), Fault> {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        for (precedent, embedding) in rows {
            let tenant = precedent.scope.tenant.clone();
            tenants
                .entry(tenant)
                .or_default()
                .put(precedent, &embedding);
        }
        Ok(())
    }

    async fn search(
        &self,
        tenant: &TenantId,
        query: &Embedding,
        limit: usize,
    ) -> Result<Vec<Hit>, Fault> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        Ok(tenants
            .get(tenant)
            .map_or_else(Vec::new, |partition| partition.search(query, limit)))
    }
}

impl Partition {
    fn put(&mut self, precedent: Precedent, embedding: &Embedding) {
        let place = *self
            .places
            .entry(precedent.id.clone())
            .or_insert(self.rows.len());
        let row = Arc::new(precedent);
        match self.rows.get_mut(place) {
            Some(old) => {
                *old = row;
                for postings in self.postings.values_mut() {
                    postings.retain(|(posted, _)| *posted != place);
                }
            }
            None => self.rows.push(row),
        }
        for (token, weight) in &embedding.entries {
            self.postings
                .entry(*token)
                .or_default()
                .push((place, *weight));
        }
    }

    /// Rows by the sum of products of weights with the query, each token scaled by its inverse document frequency
    /// ln(1 + rows / rows with it). Scores are made relative to the query's own.
    fn search(&self, query: &Embedding, limit: usize) -> Vec<Hit> {
        let mut scores = vec![0.0_f32; self.rows.len()];
        let mut whole = 0.0;
        for (token, weight) in &query.entries {
            let postings = self.postings.get(token).map_or(&[][..], Vec::as_slice);
            let idf = self.inverse_frequency(postings.len());
            whole += weight * weight * idf;
            for (place, posted) in postings {
                if let Some(score) = scores.get_mut(*place) {
                    *score += weight * posted * idf;
                }
            }
        }
        let mut ranked: Vec<(u32, &Precedent)> = Vec::new();
        // Most rows are certainly below the worst of the best ones.
        let mut floor = 0.0;
        for (row, score) in self.rows.iter().zip(scores) {
            if score > floor {
                rank(&mut ranked, (ppm(score / whole), row), limit);
                floor = floor_below(&ranked, limit) * whole;
            }
        }
        let hit = |(score_ppm, row): (u32, &Precedent)| Hit {
            precedent: row.clone(),
            score_ppm,
        };
        ranked.into_iter().map(hit).collect()
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a rank needs no more than 24 bits"
    )]
    fn inverse_frequency(&self, with_it: usize) -> f32 {
        (1.0 + self.rows.len() as f32 / with_it.max(1) as f32).ln()
    }
}

/// Puts `row` into its place among the best `limit`: by score, then by id.
fn rank<'a>(ranked: &mut Vec<(u32, &'a Precedent)>, row: (u32, &'a Precedent), limit: usize) {
    let before =
        |other: &(u32, &Precedent)| other.0 > row.0 || (other.0 == row.0 && other.1.id < row.1.id);
    if ranked.len() == limit && ranked.last().is_none_or(before) {
        return;
    }
    ranked.insert(ranked.partition_point(before), row);
    ranked.truncate(limit);
}

/// A share of the query's own score that no row under it can be ranked with, once there are `limit`.
fn floor_below(ranked: &[(u32, &Precedent)], limit: usize) -> f32 {
    match ranked.last() {
        #[expect(clippy::cast_precision_loss, reason = "two millionths are room enough")]
        Some((worst, _)) if ranked.len() == limit => worst.saturating_sub(2) as f32 / 1e6,
        _ => 0.0,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0 and 1 first"
)]
fn ppm(share: f32) -> u32 {
    (f64::from(share).clamp(0.0, 1.0) * 1e6 + 0.5) as u32
}
