//! Variants of an attacker's text: the same words in another writing, which a reader may undo and a filter may miss.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

const ZERO_WIDTH_SPACE: char = '\u{200b}';
const RIGHT_TO_LEFT_OVERRIDE: char = '\u{202e}';
const POP_DIRECTIONAL_FORMATTING: char = '\u{202c}';
/// From an ASCII character to its tag (Unicode block Tags, U+E0000).
const TAGS: u32 = 0xe_0000;
/// From a visible ASCII character to its full-width form (U+FF01 for U+0021).
const FULL_WIDTH: u32 = 0xfee0;

/// How an attacker's text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// As it is.
    #[default]
    Plain,
    /// In Base64 (RFC 4648).
    Base64,
    /// With a space of no width after each character.
    ZeroWidth,
    /// Backwards, and turned round by a control character.
    Bidi,
    /// In full-width letters.
    FullWidth,
    /// In tag characters, which nothing shows.
    Tags,
}

impl Variant {
    /// `text`, written so.
    pub fn write(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Base64 => STANDARD.encode(text),
            Self::ZeroWidth => text.chars().flat_map(|c| [c, ZERO_WIDTH_SPACE]).collect(),
            Self::Bidi => {
                let backwards: String = text.chars().rev().collect();
                format!("{RIGHT_TO_LEFT_OVERRIDE}{backwards}{POP_DIRECTIONAL_FORMATTING}")
            }
            Self::FullWidth => shifted(text, FULL_WIDTH, char::is_ascii_graphic),
            Self::Tags => shifted(text, TAGS, char::is_ascii),
        }
    }
}

fn shifted(text: &str, by: u32, which: fn(&char) -> bool) -> String {
    let shift = |c: char| {
        let shifted = Some(c).filter(which).map(|c| u32::from(c) + by);
        shifted.and_then(char::from_u32).unwrap_or(c)
    };
    text.chars().map(shift).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variant_is_another_writing_of_the_same() {
        for (variant, written) in [
            (Variant::Plain, "Ab é"),
            (Variant::Base64, "QWIgw6k="),
            (Variant::ZeroWidth, "A\u{200b}b\u{200b} \u{200b}é\u{200b}"),
            (Variant::Bidi, "\u{202e}é bA\u{202c}"),
            (Variant::FullWidth, "\u{ff21}\u{ff42} é"),
            (Variant::Tags, "\u{e0041}\u{e0062}\u{e0020}é"),
        ] {
            assert_eq!(variant.write("Ab é"), written, "{variant:?}");
        }
    }
}
