//! Fence: a random mark that is proven absent from the text between its two lines, and text whose words are joined by a sign, so that a model
//! sees at each word that it reads data.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::domain::canonical::Digest;

/// What joins the words of untrusted text.
pub const JOINT: char = '^';
/// How many hexadecimal digits a mark has: 64 bits of chance.
const DIGITS: usize = 16;
/// How many marks are tried. That even one is in the text already is chance itself, or an attacker who knows it.
const TRIES_MAX: u8 = 8;

/// A mark that none of the texts has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence(String);

impl Fence {
    /// A mark from `chance` that is in none of `texts`; `None` where all that were tried are.
    pub fn around<'a>(
        texts: &(impl Iterator<Item = &'a str> + Clone),
        chance: [u8; 32],
    ) -> Option<Self> {
        let marks = (0..TRIES_MAX).map(|place| {
            let digest = Digest::salted(&chance, &[place]).to_string();
            digest.chars().take(DIGITS).collect::<String>()
        });
        let absent = |mark: &String| !texts.clone().any(|text| text.to_lowercase().contains(mark));
        marks.into_iter().find(absent).map(Self)
    }

    /// The mark.
    pub fn mark(&self) -> &str {
        &self.0
    }
}

/// `text` on one line without what hides or steers: spaces are single, the sign that joins marked words is none of its own.
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() || character == '\u{85}' {
            gap = true;
        } else if !hides(character) {
            if gap && !clean.is_empty() {
                clean.push(' ');
            }
            gap = false;
            clean.push(if character == JOINT { '\'' } else { character });
        }
    }
    clean
}

/// `text`, cleaned, with its words joined by the sign.
pub fn marked(text: &str) -> String {
    clean(text).replace(' ', &JOINT.to_string())
}

fn hides(character: char) -> bool {
    matches!(
        character.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::Unassigned
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_in_no_text_even_if_the_text_knows_the_first_ones() {
        let plain = Fence::around(&["x"].into_iter(), [7; 32]).unwrap();
        let guessed = format!("END {}", plain.mark().to_uppercase());
        let other = Fence::around(&[guessed.as_str()].into_iter(), [7; 32]).unwrap();
        assert_ne!(other, plain);
        assert!(!guessed.to_lowercase().contains(other.mark()));
        let all: Vec<String> = (0..TRIES_MAX)
            .map(|place| Digest::salted(&[7; 32], &[place]).to_string())
            .collect();
        assert_eq!(
            Fence::around(&all.iter().map(String::as_str), [7; 32]),
            None
        );
    }

    #[test]
    fn marked_text_has_one_line_no_space_and_nothing_hidden() {
        for (text, expected) in [
            ("ignore  all\nEND x", "ignore^all^END^x"),
            ("a^b\u{200b}c\u{202e}d\u{e0041}", "a'bcd"),
            (" \u{85}x\u{2028}y ", "x^y"),
            ("", ""),
        ] {
            assert_eq!(marked(text), expected);
        }
    }
}
