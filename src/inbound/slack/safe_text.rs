//! Untrusted text in Slack: nothing in it is a mention, a link, an image or a format, addresses are defanged, and what would hide is written out.
//!
//! Every length is in UTF-16 units, of which no character has fewer than Slack counts.

use std::net::Ipv4Addr;

use crate::inbound::shown::shown;

/// Text for a `plain_text` object of at most `max` units, in which nothing is escaped because nothing is read as markup.
pub fn plain(text: &str, max: usize) -> String {
    cut(&defanged(&shown(text, max)), max)
}

/// Text within mrkdwn, as code: no format, no emoji. At most `max` units with its marks.
pub fn code(text: &str, max: usize) -> String {
    let spaced = shown(text, max).replace('`', "'");
    let inner = escaped(&defanged(&spaced), max.saturating_sub(2));
    // Slack shows marks without anything between them as they are.
    let inner = if inner.is_empty() { " " } else { &inner };
    format!("`{inner}`")
}

/// Words of the site's own files for mrkdwn, of at most `max` units: what could be live there is made dead all the same.
pub fn ours(text: &str, max: usize) -> String {
    escaped(&defanged(&shown(text, max)), max)
}

/// `text` cut to `max` units, with `…` at its end where it was longer.
pub fn cut(text: &str, max: usize) -> String {
    if units(text) <= max {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut left = max.saturating_sub(1);
    for character in text.chars() {
        let Some(after) = left.checked_sub(character.len_utf16()) else {
            break;
        };
        left = after;
        kept.push(character);
    }
    if max > 0 {
        kept.push('…');
    }
    kept
}

/// How long Slack may take `text` to be.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Slack's three escapes, cut so that none is halved.
fn escaped(text: &str, max: usize) -> String {
    let mut escaped = String::new();
    let mut left = max;
    for character in text.chars() {
        let mut own = [0; 4];
        let piece = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            other => other.encode_utf8(&mut own),
        };
        match left.checked_sub(units(piece)) {
            Some(after) if after > 0 => {
                left = after;
                escaped.push_str(piece);
            }
            _ => {
                escaped.push('…');
                break;
            }
        }
    }
    escaped
}

/// The text with every address in it broken, so that no client makes a link of it.
fn defanged(text: &str) -> String {
    let mut defanged = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(character) = rest.chars().next() {
        let number = address(rest).filter(|_| !before.is_ascii_digit() && before != '.');
        if let Some(number) = number {
            defanged.push_str(&number.replace('.', "[.]"));
            rest = rest.get(number.len()..).unwrap_or_default();
            before = '0';
            continue;
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
        let after = rest.chars().next().unwrap_or(' ');
        match character {
            '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}'
                if before.is_alphanumeric() && after.is_alphabetic() =>
            {
                defanged.push_str("[.]");
            }
            ':' if rest.starts_with("//") => defanged.push_str("[:]"),
            ':' if is_scheme(&defanged) => defanged.push_str("[:]"),
            '@' => defanged.push_str("[@]"),
            '#' if after.is_alphanumeric() => defanged.push_str("[#]"),
            other => defanged.push(other),
        }
        before = character;
    }
    defanged
}

/// The IPv4 address that `text` begins with.
fn address(text: &str) -> Option<&str> {
    let end = text
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(text.len());
    let number = text.get(..end)?.trim_end_matches('.');
    number.parse::<Ipv4Addr>().ok().map(|_| number)
}

/// Whether `text` ends with the name of a scheme that clients make links of without `//`.
fn is_scheme(text: &str) -> bool {
    let word = text
        .rsplit(|character: char| !character.is_ascii_alphanumeric())
        .next();
    let word = word.unwrap_or_default().to_ascii_lowercase();
    ["mailto", "tel", "sms", "javascript", "data", "slack"].contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_untrusted_text_is_live() {
        for (text, expected) in [
            (
                "<!channel> <@U0MIRA>",
                "`&lt;!channel&gt; &lt;[@]U0MIRA&gt;`",
            ),
            ("a & b", "`a &amp; b`"),
            ("`*bold* _it_` ~x~", "`'*bold* _it_' ~x~`"),
            (
                "https://evil.example/a?b=1",
                "`https[:]//evil[.]example/a?b=1`",
            ),
            ("198.51.100.77:22", "`198[.]51[.]100[.]77:22`"),
            ("1.198.51.100.77", "`1.198.51.100.77`"),
            ("v1.2 took 3.5 s.", "`v1.2 took 3.5 s.`"),
            ("mailto:a@b.com tel:12", "`mailto[:]a[@]b[.]com tel[:]12`"),
            ("@here #general", "`[@]here [#]general`"),
            ("a\u{202e}b\nc", "`a\\u{202e}b\\u{a}c`"),
            ("xn--e1.xn--p1", "`xn--e1[.]xn--p1`"),
            ("b\u{3002}com", "`b[.]com`"),
            ("", "` `"),
        ] {
            assert_eq!(code(text, 100), expected, "{text}");
        }
        assert_eq!(
            plain("see https://a.bc @here", 100),
            "see https[:]//a[.]bc [@]here"
        );
    }

    #[test]
    fn no_cut_halves_an_escape_or_is_longer_than_it_may_be() {
        for max in 0..40 {
            let text = "&<>\u{1f600}a.bc".repeat(5);
            for made in [code(&text, max.max(4)), ours(&text, max.max(4))] {
                assert!(units(&made) <= max.max(4), "{max}: {made}");
                let bare = made
                    .replace("&amp;", "")
                    .replace("&lt;", "")
                    .replace("&gt;", "");
                assert!(!bare.contains(['&', '<', '>']), "{made}");
            }
            assert!(units(&plain(&text, max)) <= max);
        }
    }
}
