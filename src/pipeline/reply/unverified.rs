//! Unverified: an address, host, account, ARN or other name that a model says and the alert does not. It is marked in the text itself, before the
//! word, so that no surface can forget to and no cut takes the mark and leaves the word.

use std::{cell::OnceCell, collections::BTreeSet, ops::Range, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

use crate::{
    domain::alert::Alert,
    pipeline::{
        normalise::{refanged, shaped},
        prompt::handles::{Handles, Offer, Sight},
    },
};

/// What stands before a word that nothing bears out.
pub const MARK: &str = "[unverified] ";
/// Words that are names of things rather than of the language: with a digit and a letter, or with a sign that accounts, hosts and paths have.
const NAMES: &str = r"[\p{L}\p{N}][\p{L}\p{N}._:@/\\-]*[\p{L}\p{N}]|[\p{L}\p{N}]+";
/// From this length on, digits alone are an account rather than a count.
const ACCOUNT_MIN_DIGITS: usize = 6;

/// What may be said about an alert without a mark.
pub struct Spoken<'a> {
    alert: &'a Alert,
    handles: &'a Handles,
    also: String,
    words: OnceCell<String>,
}

/// A text with its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// The words that were marked.
    pub marked: BTreeSet<String>,
}

impl<'a> Spoken<'a> {
    /// About this alert, with these handles.
    pub const fn about(alert: &'a Alert, handles: &'a Handles) -> Self {
        Self {
            alert,
            handles,
            also: String::new(),
            words: OnceCell::new(),
        }
    }

    /// The same, where these texts bear out a name too.
    #[must_use]
    pub fn and<'b>(mut self, texts: impl Iterator<Item = &'b str>) -> Self {
        for text in texts {
            self.also.push('\n');
            self.also.push_str(text);
        }
        self
    }

    /// `text` with every name marked that nothing bears out.
    pub fn mark(&self, text: &str) -> Marked {
        static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(NAMES).ok());
        let text = refanged(text);
        let mut places: Vec<Range<usize>> =
            shaped(&text).into_iter().map(|(_, place)| place).collect();
        if let Some(pattern) = PATTERN.as_ref() {
            let names = pattern
                .find_iter(&text)
                .filter(|name| is_name(name.as_str()));
            places.extend(names.map(|name| name.range()));
        }
        places.sort_by_key(|place| (place.start, usize::MAX - place.end));
        let mut seen = Marked {
            text: String::with_capacity(text.len()),
            marked: BTreeSet::new(),
        };
        let mut at = 0;
        for place in places {
            if place.start < at {
                continue;
            }
            let word = text.get(place.clone()).unwrap_or_default();
            seen.text
                .push_str(text.get(at..place.start).unwrap_or_default());
            if !self.bears_out(word) {
                seen.text.push_str(MARK);
                seen.marked.insert(word.to_owned());
            }
            seen.text.push_str(word);
            at = place.end;
        }
        seen.text.push_str(text.get(at..).unwrap_or_default());
        seen
    }

    fn bears_out(&self, word: &str) -> bool {
        let offered = |offer: &Offer| {
            let mut choices = offer.parameters.values().flatten();
            offer.action.as_str() == word
                || offer.parameters.contains_key(word)
                || choices.any(|choice| choice.sight == Sight::Open && choice.value == word)
        };
        self.handles.value(word).is_some()
            || self.handles.offers.iter().any(offered)
            || stands_in(&word.to_lowercase(), self.words())
    }

    /// Everything that the alert says, in lower case.
    fn words(&self) -> &str {
        self.words.get_or_init(|| {
            let alert = self.alert;
            let mut words = vec![alert.title.as_str(), alert.source.as_str()];
            words.extend(alert.detection_id.as_deref());
            words.extend(alert.raw_severity.as_deref());
            words.extend(alert.attack.iter().map(String::as_str));
            words.extend(alert.entities.iter().map(|entity| entity.value.as_str()));
            words.extend(
                alert
                    .facets
                    .iter()
                    .filter_map(|facet| facet.value.as_deref()),
            );
            words.push(&self.also);
            let mut said = words.join("\n");
            leaves(&alert.raw, &mut said);
            refanged(&said).to_lowercase()
        })
    }
}

fn leaves(value: &Value, said: &mut String) {
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                said.push('\n');
                said.push_str(&number.to_string());
            }
            Value::String(text) => {
                said.push('\n');
                said.push_str(text);
            }
            Value::Array(items) => rest.extend(items),
            Value::Object(fields) => rest.extend(fields.values()),
        }
    }
}

/// Whether `word` stands in `text`, and not as a part of a longer one.
fn stands_in(word: &str, text: &str) -> bool {
    let joins =
        |character: char| character.is_alphanumeric() || matches!(character, '.' | '-' | '_');
    text.match_indices(word).any(|(start, hit)| {
        let before = text.get(..start).and_then(|text| text.chars().next_back());
        let mut after = text.get(start + hit.len()..).unwrap_or_default().chars();
        let (next, second) = (after.next(), after.next());
        // A full stop ends a sentence, where no word goes on behind it.
        let goes_on = next.is_some_and(|next| {
            joins(next) && (next.is_alphanumeric() || second.is_some_and(char::is_alphanumeric))
        });
        !before.is_some_and(joins) && !goes_on
    })
}

fn is_name(word: &str) -> bool {
    let has = |is: fn(char) -> bool| word.chars().any(is);
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let all_digits = digits == word.chars().count();
    (all_digits && digits >= ACCOUNT_MIN_DIGITS)
        || (!all_digits && digits > 0 && has(char::is_alphabetic) && !is_amount(word))
        || word.contains(['_', '@', '\\'])
        || word.contains(":/")
        || (word.contains('.') && !word.ends_with('.') && has(char::is_alphabetic))
}

/// `10m`, `3rd`, `24h`: a number with its unit.
fn is_amount(word: &str) -> bool {
    let unit =
        word.trim_start_matches(|character: char| character.is_ascii_digit() || character == '.');
    unit.len() < word.len()
        && matches!(
            unit,
            "s" | "m"
                | "h"
                | "d"
                | "ms"
                | "min"
                | "st"
                | "nd"
                | "rd"
                | "th"
                | "x"
                | "kb"
                | "mb"
                | "gb"
                | "KB"
                | "MB"
                | "GB"
        )
}
