//! Folded: a text in the form in which names are looked for: without what hides, refanged, compatible forms and cases as one. Each place in it
//! leads back to the text as it is shown.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use super::fence::clean;
use crate::pipeline::normalise::refanged;

/// A text as a model sees it, but for what is covered.
pub(in crate::pipeline) fn plain(text: &str) -> String {
    refanged(&clean(text))
}

/// A plain text, folded.
pub(in crate::pipeline) struct Folded {
    /// The folded text.
    pub(in crate::pipeline) text: String,
    /// For each byte of it, the place of its character in the plain text; behind the last one, where that ends.
    places: Vec<usize>,
}

impl Folded {
    /// Folds `plain`. Composed and decomposed characters become one, and so do the ways of writing a small sigma or a sharp s.
    pub(in crate::pipeline) fn of(plain: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(plain.len()),
            places: Vec::with_capacity(plain.len() + 1),
        };
        for (place, character) in plain.char_indices() {
            if character.is_ascii() {
                folded.text.push(character.to_ascii_lowercase());
            } else {
                let parts = character.nfkd().flat_map(char::to_uppercase);
                folded.text.extend(parts.flat_map(char::to_lowercase));
            }
            folded.places.resize(folded.text.len(), place);
        }
        folded.places.push(plain.len());
        folded
    }

    /// The part of the plain text that this part is of: whole characters.
    pub(in crate::pipeline) fn place(&self, part: Range<usize>) -> Range<usize> {
        let place = |at: usize| self.places.get(at).copied();
        let start = place(part.start).unwrap_or_default();
        let last = part.end.checked_sub(1).and_then(place).unwrap_or(start);
        let rest = self.places.get(part.end..).unwrap_or_default();
        let end = rest.iter().find(|place| **place > last).copied();
        start..end.unwrap_or(last)
    }
}

/// A name as it is looked for.
pub(in crate::pipeline) fn folded(name: &str) -> String {
    Folded::of(&plain(name)).text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_folded_text_leads_back_to_whole_characters() {
        let plain = "x MÜLLER\u{308} ﬁn Straße";
        let folded = Folded::of(plain);
        for (part, expected) in [
            ("mu\u{308}ller", "MÜLLER"),
            ("fi", "ﬁ"),
            ("f", "ﬁ"),
            ("strasse", "Straße"),
            ("x", "x"),
        ] {
            let start = folded.text.find(part).unwrap();
            let place = folded.place(start..start + part.len());
            assert!(
                plain.get(place.clone()).unwrap().starts_with(expected),
                "{part}: {place:?}"
            );
        }
        assert_eq!(folded.place(0..folded.text.len()), 0..plain.len());
    }

    #[test]
    fn one_name_is_one_however_it_is_written() {
        for (one, other) in [
            ("Müller", "MU\u{308}LLER"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("ｊｓｍｉｔｈ", "jsmith"),
            ("ana\u{a0}lima", "Ana  Lima"),
            ("js\u{200b}mith", "jsmith"),
            ("Strauß", "STRAUSS"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
    }
}
