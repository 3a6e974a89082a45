//! Untrusted text as a person may see it: what does not print, or changes how its neighbours print, is written out.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Whether a character is a control, format, surrogate, private or separator character, or not assigned: it would not be seen
/// as what it is.
pub fn is_hidden(character: char) -> bool {
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

/// `text` with each hidden character written as `\u{…}`, and cut after `max` characters with `…`.
pub fn shown(text: &str, max: usize) -> String {
    let mut shown = String::new();
    for (place, character) in text.chars().enumerate() {
        if place == max {
            shown.push('…');
            break;
        }
        if is_hidden(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_hide_is_written_out() {
        for (text, expected) in [
            ("plain, é and 日本", "plain, é and 日本"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{200b}b\nc", "a\\u{200b}b\\u{a}c"),
            ("\u{e0041}", "\\u{e0041}"),
            ("\u{9b}1m", "\\u{9b}1m"),
        ] {
            assert_eq!(shown(text, 100), expected);
        }
        assert_eq!(shown("abcdef", 3), "abc…");
    }
}
