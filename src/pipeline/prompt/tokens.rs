//! Tokens: how many a text has for a model. Exact where its encoding is known, else an estimate with a margin. Tables are loaded on first use.

use std::collections::HashSet;

use tiktoken_rs::{CoreBPE, bpe_for_model, o200k_base_singleton};

/// Tokens that a provider adds around the turns of a request.
const FRAME: usize = 64;
/// The part of a count that is added where the encoding is not the model's: a quarter.
const MARGIN_DIVISOR: usize = 4;

/// A counter for one model.
#[derive(Clone, Copy)]
pub struct Tokens {
    table: &'static CoreBPE,
    margin: Margin,
}

/// How well the encoding is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Margin {
    /// It is the model's.
    Exact,
    /// It is another one's.
    Quarter,
}

impl Tokens {
    /// The counter for the model of this name. The first for each encoding reads its table.
    pub fn of_model(name: &str) -> Self {
        bpe_for_model(name).map_or_else(
            |_| Self {
                table: o200k_base_singleton(),
                margin: Margin::Quarter,
            },
            |table| Self {
                table,
                margin: Margin::Exact,
            },
        )
    }

    /// How well the encoding is known.
    pub const fn margin(&self) -> Margin {
        self.margin
    }

    /// The most tokens that a request of these texts has.
    pub fn of_request<'a>(&self, texts: impl Iterator<Item = &'a str>) -> usize {
        let counted: usize = texts.map(|text| self.counted(text)).sum();
        let margin = match self.margin {
            Margin::Exact => 0,
            Margin::Quarter => counted.div_ceil(MARGIN_DIVISOR),
        };
        counted + margin + FRAME
    }

    /// Where the table's pattern gives up, each byte counts as a token, which is the most that there can be.
    fn counted(&self, text: &str) -> usize {
        self.table
            .count(text, &HashSet::new())
            .unwrap_or(text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_model_is_counted_exactly_and_another_with_a_quarter_more() {
        let texts = ["a door was held open for 95 seconds", "<|endoftext|>"];
        let known = Tokens::of_model("gpt-4o");
        let other = Tokens::of_model("a-model-of-our-own");
        assert_eq!(
            (known.margin(), other.margin()),
            (Margin::Exact, Margin::Quarter)
        );
        let exact = known.of_request(texts.into_iter()) - FRAME;
        let guessed = other.of_request(texts.into_iter()) - FRAME;
        assert_eq!(guessed, exact + exact.div_ceil(4));
        assert!(exact > texts[0].split(' ').count());
    }

    #[test]
    fn a_long_word_without_an_end_is_counted() {
        let word = "x".repeat(64 << 10);
        let tokens = Tokens::of_model("gpt-4o").of_request([word.as_str()].into_iter());
        assert!(tokens > 64 && tokens <= word.len() + FRAME, "{tokens}");
    }
}
