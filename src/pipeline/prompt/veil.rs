//! Veil: what a model sees of a text. Secrets and what is people's own are taken out, what the alert names becomes its handle, and what else has
//! the shape of an address or a name is withheld. What a handle stands for never leaves.

use aho_corasick::AhoCorasick;

use super::folded::{Folded, folded, plain};
use crate::pipeline::{
    normalise::shaped,
    redact::{Redaction, Span, Taken},
};

/// The most bytes of one text that are looked at. What is behind them is not seen.
const TEXT_MAX_BYTES: usize = 16 << 10;
/// Values up to this length, folded, are only replaced where they stand as a word of their own.
const WORD_MAX_BYTES: usize = 8;

/// What covers every text of one prompt.
pub struct Veil<'a> {
    redaction: &'a Redaction,
    names: Option<AhoCorasick>,
    stand_ins: Vec<String>,
}

/// A part of a text with what stands in its place. Where two meet, the smaller rank does.
struct Cover {
    start: usize,
    end: usize,
    rank: u8,
    by: String,
}

impl<'a> Veil<'a> {
    /// A veil that puts something in the place of each of these values. Of two that are written alike the first counts.
    pub fn new(
        redaction: &'a Redaction,
        names: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let (values, stand_ins): (Vec<String>, Vec<String>) = names
            .into_iter()
            .map(|(value, stand_in)| (folded(&value), stand_in))
            .filter(|(value, _)| !value.is_empty())
            .unzip();
        Self {
            redaction,
            // A pattern that cannot be built would have to be larger than memory; then no text is shown at all.
            names: AhoCorasick::new(values).ok(),
            stand_ins,
        }
    }

    /// `text` as a model may see it.
    pub fn cover(&self, text: &str) -> String {
        let Some(names) = &self.names else {
            return String::new();
        };
        let text = plain(whole_words(text));
        let mut covers: Vec<Cover> = self.redaction.spans(&text).iter().map(taken).collect();
        covers.extend(self.named(names, &text));
        covers.extend(shaped(&text).into_iter().map(|(kind, place)| Cover {
            start: place.start,
            end: place.end,
            rank: SHAPE,
            by: format!("[{kind}]"),
        }));
        covered(&text, covers)
    }

    /// The names in `text`. Every one is found, also within another; those that meet are one, which is called as the longest of the first.
    fn named(&self, names: &AhoCorasick, text: &str) -> Vec<Cover> {
        let folded = Folded::of(text);
        let mut found: Vec<Cover> = Vec::new();
        for hit in names.find_overlapping_iter(&folded.text) {
            let place = folded.place(hit.range());
            if hit.len() <= WORD_MAX_BYTES && !is_word(text, place.start, place.end) {
                continue;
            }
            let stand_in = self.stand_ins.get(hit.pattern().as_usize());
            let mut cover = Cover {
                start: place.start,
                end: place.end,
                rank: NAME,
                by: stand_in.cloned().unwrap_or_default(),
            };
            // They come in the order of their ends.
            while let Some(last) = found.pop_if(|last| cover.start < last.end) {
                let alike = (last.start, last.end) == (cover.start, cover.end);
                if last.start < cover.start || alike {
                    cover.by = last.by;
                }
                cover.start = cover.start.min(last.start);
                cover.end = cover.end.max(last.end);
            }
            found.push(cover);
        }
        found
    }
}

const NAME: u8 = 1;
const SHAPE: u8 = 3;

/// A secret is one whatever else it is; a number or a time is that only where it is nothing else.
fn taken(span: &Span) -> Cover {
    let rank = match span.taken {
        Taken::Secret => 0,
        Taken::Personal | Taken::Number | Taken::Time | Taken::Opaque => 2,
    };
    Cover {
        start: span.start,
        end: span.end,
        rank,
        by: span.taken.placeholder().into(),
    }
}

/// `text` with every cover in its place. Covers that meet become one, so that no rest of any of them is seen.
fn covered(text: &str, mut covers: Vec<Cover>) -> String {
    covers.sort_by_key(|cover| (cover.start, cover.rank));
    let mut merged: Vec<Cover> = Vec::new();
    for cover in covers {
        match merged.last_mut() {
            Some(last) if cover.start < last.end => {
                last.end = last.end.max(cover.end);
                if cover.rank < last.rank {
                    last.rank = cover.rank;
                    last.by = cover.by;
                }
            }
            _ => merged.push(cover),
        }
    }
    let (mut seen, mut at) = (String::with_capacity(text.len()), 0);
    for cover in merged {
        seen.push_str(text.get(at..cover.start).unwrap_or_default());
        seen.push_str(&cover.by);
        at = cover.end;
    }
    seen.push_str(text.get(at..).unwrap_or_default());
    seen
}

/// The start of a text that is not too long, ending between two words, so that no secret is cut until no rule knows it.
fn whole_words(text: &str) -> &str {
    if text.len() <= TEXT_MAX_BYTES {
        return text;
    }
    let start = text
        .get(..text.floor_char_boundary(TEXT_MAX_BYTES))
        .unwrap_or_default();
    start
        .rsplit_once(char::is_whitespace)
        .map_or("", |(words, _)| words)
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[(&str, &str)], text: &str, expected: &str) {
        let redaction = Redaction::read(include_str!("../../../policies/redaction.toml")).unwrap();
        let names = names
            .iter()
            .map(|(value, handle)| ((*value).to_owned(), (*handle).to_owned()));
        assert_eq!(Veil::new(&redaction, names).cover(text), expected);
    }

    #[test]
    fn values_become_handles_and_what_else_has_a_shape_is_withheld() {
        let names = [
            ("svc-backup", "E1"),
            ("203.0.113.9", "E2"),
            ("svc-backup-2", "E3"),
            ("db", "E4"),
        ];
        check(
            &names,
            "SVC-BACKUP from 203[.]0[.]113[.]9, then svc-backup-2",
            "E1 from E2, then E3",
        );
        check(
            &names,
            "db, dbx and 198.51.100.7 of mallory.example.com",
            "E4, dbx and [ip] of [domain]",
        );
        check(
            &[],
            "mail ana@example.com at 2026-10-01T10:00:00Z",
            "mail [personal] at [time]",
        );
    }

    #[test]
    fn a_name_is_found_however_it_is_written_and_also_behind_a_shorter_one() {
        for (names, text, expected) in [
            (
                &[("ana lima", "E1")][..],
                "Ana\u{a0}Lima, then ana \u{200b} lima",
                "E1, then E1",
            ),
            (&[("müller", "E1")], "MÜLLER and Mu\u{308}ller", "E1 and E1"),
            (&[("js\u{ad}mith", "E1")], "JSMITH did it", "E1 did it"),
            (
                &[("ann", "E1"), ("annsmith-adm", "E2"), ("xann", "E3")],
                "xannsmith-adm and ann",
                "xE2 and E1",
            ),
            (
                &[("payments-prod", "E1"), ("prod-operator", "E2")],
                "payments-prod-operator",
                "E1",
            ),
            (
                &[
                    ("nightly-backup", "E1"),
                    ("backup-of-shop", "E2"),
                    ("the nightly-backup-of-shop-2", "E3"),
                ],
                "the nightly-backup-of-shop-2 ran",
                "E3 ran",
            ),
            (
                &[("Mira Example", "E1"), ("mira example", "E2")],
                "MIRA EXAMPLE",
                "E1",
            ),
        ] {
            check(names, text, expected);
        }
    }

    #[test]
    fn many_names_within_each_other_are_one() {
        let names: Vec<String> = (9..400).map(|length| "a".repeat(length)).collect();
        let names: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "E1")).collect();
        check(&names, &format!("{} b", "a".repeat(8_000)), "E1 b");
    }

    #[test]
    fn a_value_inside_a_secret_does_not_break_it_up() {
        check(
            &[("hunter", "E1")],
            "password=hunter2 for hunter",
            "password=[secret] for E1",
        );
        check(
            &[("shop", "E1")],
            "https://svc:p4ss@shop.example.com/x?sig=shop",
            "[secret]",
        );
    }

    #[test]
    fn a_long_text_ends_between_words() {
        let text = format!(
            "{} ghp_EXAMPLEexampleEXAMPLE",
            "x".repeat(TEXT_MAX_BYTES - 6)
        );
        check(&[], &text, &"x".repeat(TEXT_MAX_BYTES - 6));
        check(&[], &"x".repeat(TEXT_MAX_BYTES + 1), "");
    }
}
