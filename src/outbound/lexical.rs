//! The built-in embedder: token overlap, no download, no network. Stemming and BM25 are not here.

use std::collections::BTreeMap;

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use unicode_segmentation::UnicodeSegmentation;

use crate::ports::{Embedder, Embedding, Fault};

/// The most bytes of one text that are embedded.
const TEXT_MAX_BYTES: usize = 16 * 1024;

/// Embeds a text as its distinct tokens, each weighted by 1 + ln(times it occurs), scaled to length 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lexical;

#[async_trait]
impl Embedder for Lexical {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Embedding>, Fault> {
        Ok(texts.iter().map(|text| embed(text)).collect())
    }
}

fn embed(text: &str) -> Embedding {
    let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
    for token in tokens(text) {
        *counts.entry(id(&token)).or_default() += 1.0;
    }
    let weights = counts.into_iter().map(|(id, count)| (id, 1.0 + count.ln()));
    let entries: Vec<(u32, f32)> = weights.collect();
    let length = entries
        .iter()
        .map(|(_, weight)| weight * weight)
        .sum::<f32>()
        .sqrt();
    Embedding {
        entries: entries
            .into_iter()
            .map(|(id, weight)| (id, weight / length))
            .collect(),
    }
}

/// Lower-case words by Unicode's rules (UAX 29), and each run without spaces as a whole, so that `svc-backup` stays one.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    let end = text.floor_char_boundary(TEXT_MAX_BYTES);
    let text = text.get(..end).unwrap_or_default().to_lowercase();
    let words: Vec<String> = text.unicode_words().map(ToOwned::to_owned).collect();
    let runs: Vec<String> = text
        .split_whitespace()
        .map(|run| run.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
        .filter(|run| run.contains(|c: char| !c.is_alphanumeric()))
        .collect();
    words.into_iter().chain(runs)
}

/// A token's id: the first four bytes of its SHA-256.
fn id(token: &str) -> u32 {
    let digest = Sha256::digest(token.as_bytes());
    digest
        .iter()
        .take(4)
        .fold(0, |id, byte| (id << 8) | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(left: &str, right: &str) -> f32 {
        let right: BTreeMap<u32, f32> = embed(right).entries.into_iter().collect();
        let entries = embed(left).entries.into_iter();
        entries
            .map(|(id, weight)| weight * right.get(&id).unwrap_or(&0.0))
            .sum()
    }

    #[test]
    fn a_text_is_nearest_to_itself_and_ids_stay_whole() {
        assert!((overlap("svc-backup failed", "svc-backup failed") - 1.0).abs() < 1e-5);
        assert!(tokens("on svc-backup, now").any(|token| token == "svc-backup"));
        assert!(overlap("disk full", "disk failing") > overlap("disk full", "door open"));
    }

    #[test]
    fn ids_rise_and_are_unique() {
        let entries = embed("a b c a b a").entries;
        assert!(entries.is_sorted_by(|left, right| left.0 < right.0));
    }
}
