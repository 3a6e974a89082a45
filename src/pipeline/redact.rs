//! Redact: secrets and what is people's own, by the rules of `nosecrets-rules` (MIT) and ours. Pure; what is found is only ever taken out.

use nosecrets_rules::load_builtin_rules;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::domain::canonical::{Digest, NotCanonical};

/// The most bytes that one compiled pattern may take.
const COMPILED_MAX_BYTES: usize = 4 << 20;
/// The most bytes that one pattern takes while it is searched for, by each thread that does.
const SEARCHING_MAX_BYTES: usize = 256 << 10;
/// Words of letters and digits from this length on are looked at as keys that no rule knows.
const OPAQUE_MIN: usize = 16;
/// From this length on, hexadecimal digits alone are taken for one.
const OPAQUE_HEX_MIN: usize = 24;
/// From this length on, letters of both cases with a digit are taken for one.
const OPAQUE_MIXED_MIN: usize = 20;
/// So many digits in it are no name's.
const OPAQUE_MIN_DIGITS: usize = 3;
/// So many digits are none's either where all letters are of one case, as in a token that a source wrote in small letters.
const OPAQUE_PLAIN_MIN_DIGITS: usize = 6;

/// Rules of the crate that find a key's name, which its owner writes into every log: who is asked about a key must know which.
const NAMES: [&str; 1] = ["aws-access-key"];

/// Compiled rules.
#[derive(Clone, Debug)]
pub struct Redaction {
    rules: Vec<Rule>,
    opaque: Regex,
    digest: Digest,
}

#[derive(Clone, Debug)]
struct Rule {
    pattern: Regex,
    group: usize,
    /// In lower case; with none, every text is searched.
    keywords: Vec<String>,
    puts: Taken,
    from: From,
}

/// From whom something is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// From people as well, where it is a secret.
    #[default]
    Everyone,
    /// From models: people are better served by the evidence, of which this often is a part.
    Models,
}

/// What stands in the place of what was taken out; where two meet, the smaller one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// A secret.
    Secret,
    /// Something that is a person's own.
    Personal,
    /// A long number.
    Number,
    /// A date or a time.
    Time,
    /// A word that looks random.
    Opaque,
}

/// A part of a text that must not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first byte.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// What it is.
    pub taken: Taken,
    /// From whom it is hidden.
    pub from: From,
}

/// Rules that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RedactionError {
    /// The file is not what it should be.
    #[error("redaction.toml is wrong: {0}; nothing may be sent to a model without it")]
    Wrong(#[from] toml::de::Error),
    /// A pattern does not compile.
    #[error(
        "redaction rule `{rule}` is no pattern: {cause}; nothing may be sent to a model without it"
    )]
    Pattern {
        /// Which.
        rule: String,
        /// Why.
        cause: regex::Error,
    },
    /// The crate's rules cannot be read.
    #[error("the rules of nosecrets-rules cannot be read: {0}; take its pinned version")]
    Builtin(#[from] nosecrets_rules::RulesError),
    /// They cannot be hashed.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "rule")]
    rules: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    #[serde(rename = "what")]
    _what: String,
    puts: Taken,
    #[serde(default)]
    from: From,
    pattern: String,
}

impl Redaction {
    /// The rules of this text of ours and of the crate.
    pub fn read(text: &str) -> Result<Self, RedactionError> {
        let (file, builtin): (File, _) = (toml::from_str(text)?, load_builtin_rules()?);
        let digest = digest(text, &builtin)?;
        let mut rules = Vec::new();
        for rule in &builtin {
            rules.push(Rule {
                pattern: compiled(&rule.id, &rule.pattern)?,
                group: rule.capture,
                keywords: rule
                    .keywords
                    .iter()
                    .map(|word| word.to_lowercase())
                    .collect(),
                puts: Taken::Secret,
                from: if NAMES.contains(&rule.id.as_str()) {
                    From::Models
                } else {
                    From::Everyone
                },
            });
        }
        for rule in &file.rules {
            rules.push(Rule {
                pattern: compiled(&rule.id, &rule.pattern)?,
                group: 1,
                keywords: Vec::new(),
                puts: rule.puts,
                from: rule.from,
            });
        }
        let opaque = compiled("opaque", &format!("[A-Za-z0-9+/=_-]{{{OPAQUE_MIN},}}"))?;
        Ok(Self {
            rules,
            opaque,
            digest,
        })
    }

    /// The digest that the rules of this text of ours and of the crate would have, without compiling them.
    pub fn digest_of(text: &str) -> Result<Digest, RedactionError> {
        Ok(digest(text, &load_builtin_rules()?)?)
    }

    /// The digest of every rule: a component of the release.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What must not be seen of `text`, in no order; spans may meet.
    pub fn spans(&self, text: &str) -> Vec<Span> {
        let lower = text.to_lowercase();
        let asked = |rule: &&Rule| {
            rule.keywords.is_empty() || rule.keywords.iter().any(|word| lower.contains(word))
        };
        let mut spans = Vec::new();
        for rule in self.rules.iter().filter(asked) {
            let found = rule.pattern.captures_iter(text);
            spans.extend(found.filter_map(|hit| {
                let hit = hit.get(rule.group).or_else(|| hit.get(0))?;
                Some(Span {
                    start: hit.start(),
                    end: hit.end(),
                    taken: rule.puts,
                    from: rule.from,
                })
            }));
        }
        let words = self.opaque.find_iter(text);
        spans.extend(
            words
                .filter(|word| is_opaque(word.as_str()))
                .map(|word| Span {
                    start: word.start(),
                    end: word.end(),
                    taken: Taken::Opaque,
                    from: From::Models,
                }),
        );
        spans
    }
}

impl Taken {
    /// What stands in its place.
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Secret => "[secret]",
            Self::Personal => "[personal]",
            Self::Number => "[number]",
            Self::Time => "[time]",
            Self::Opaque => "[opaque]",
        }
    }
}

fn digest(text: &str, builtin: &[nosecrets_rules::Rule]) -> Result<Digest, NotCanonical> {
    let theirs = builtin.iter();
    let theirs: Vec<(&str, &str)> = theirs
        .map(|rule| (rule.id.as_str(), rule.pattern.as_str()))
        .collect();
    Digest::of(&(text, theirs))
}

fn compiled(id: &str, pattern: &str) -> Result<Regex, RedactionError> {
    RegexBuilder::new(pattern)
        .size_limit(COMPILED_MAX_BYTES)
        .dfa_size_limit(SEARCHING_MAX_BYTES)
        .build()
        .map_err(|cause| RedactionError::Pattern {
            rule: id.into(),
            cause,
        })
}

/// Whether a word looks as if chance had made it: a key, a token, a random id. Names of things are words with a number behind them.
fn is_opaque(word: &str) -> bool {
    let bare: Vec<u8> = word.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let has = |is: fn(&u8) -> bool| bare.iter().any(is);
    let digits = bare.iter().filter(|byte| byte.is_ascii_digit()).count();
    let (lower, upper) = (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase));
    let hex = bare.len() >= OPAQUE_HEX_MIN && bare.iter().all(u8::is_ascii_hexdigit);
    let random = digits >= OPAQUE_MIN_DIGITS || changes(&bare) * 3 >= bare.len();
    let mixed = bare.len() >= OPAQUE_MIXED_MIN && lower && upper && digits > 0 && random;
    let capitals = upper && !lower && digits >= 2 && !word.contains(['-', '_', '/']);
    let plain = bare.len() >= OPAQUE_MIXED_MIN
        && (lower || upper)
        && digits >= OPAQUE_PLAIN_MIN_DIGITS
        && !word.contains(['-', '_', '/']);
    hex || mixed || capitals || plain
}

/// How often small letters, capitals and digits follow each other. In words it is seldom, whatever way they are written.
fn changes(word: &[u8]) -> usize {
    let class = |byte: u8| (byte.is_ascii_lowercase(), byte.is_ascii_uppercase());
    let pairs = word.iter().zip(word.iter().skip(1));
    pairs
        .filter(|(one, next)| class(**one) != class(**next))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = include_str!("../../policies/redaction.toml");

    fn redacted(text: &str) -> Vec<(&str, Taken)> {
        let spans = Redaction::read(RULES).unwrap().spans(text);
        let mut found: Vec<_> = spans
            .iter()
            .map(|span| (text.get(span.start..span.end).unwrap(), span.taken))
            .collect();
        found.sort_by_key(|(_, taken)| *taken);
        found
    }

    #[test]
    fn every_rule_of_the_crate_and_of_ours_compiles() {
        let rules = Redaction::read(RULES).unwrap().rules;
        assert!(rules.len() > 65, "{}", rules.len());
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "public access was granted to a bucket by its owner",
            "CrashLoopBackOff of cart-payments-deployment-canary in namespace web",
            "the password reset was requested twice",
            "/usr/bin/python3 backup.py",
            "Policy:S3/BucketAnonymousAccessGranted and UnauthorizedAccess:IAMUser/TorIPCaller",
            "a door was held open for 95 seconds",
        ] {
            assert_eq!(redacted(text), [], "{text}");
        }
    }

    #[test]
    fn a_secret_wins_over_a_number() {
        let found = redacted("pin is 12345678");
        assert_eq!(found[0], ("12345678", Taken::Secret));
    }

    #[test]
    fn other_rules_have_another_digest() {
        let one = Redaction::read(RULES).unwrap().digest();
        let two = Redaction::read(&format!("{RULES}\n# more"))
            .unwrap()
            .digest();
        assert_ne!(one, two);
        assert_eq!(Redaction::digest_of(RULES).unwrap(), one);
    }
}
