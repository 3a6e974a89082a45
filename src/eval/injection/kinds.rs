//! What a field can hold: an attacker's text is made to fit before it is put there.

use regex::Regex;
use serde::Deserialize;

/// How much more than its bound a text is looked at before it is made to fit: what is replaced may shrink.
const SLACK: usize = 4;

/// The kinds of fields.
#[derive(Debug)]
pub struct Kinds(Vec<Kind>);

/// What the fields of one kind can hold.
#[derive(Debug)]
pub struct Kind {
    row: Row,
    forbidden: Regex,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    clean: String,
    max_chars: usize,
    forbidden: String,
    #[serde(default)]
    instead: String,
    #[serde(default)]
    lower: bool,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    suffix: String,
    label_max: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: Vec<Row>,
}

/// Kinds that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum KindsError {
    /// The file is not what it should be.
    #[error("kinds of fields cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// What is forbidden is no regular expression.
    #[error("kind `{id}` has a bad pattern: {cause}")]
    Pattern {
        /// The kind.
        id: String,
        /// Why.
        cause: regex::Error,
    },
}

impl Kinds {
    /// Reads the kinds.
    pub fn read(text: &str) -> Result<Self, KindsError> {
        let file: File = toml::from_str(text)?;
        let kinds = file.kind.into_iter().map(|row| {
            let forbidden = Regex::new(&row.forbidden).map_err(|cause| KindsError::Pattern {
                id: row.id.clone(),
                cause,
            })?;
            Ok(Kind { row, forbidden })
        });
        kinds.collect::<Result<_, KindsError>>().map(Self)
    }

    /// The kind of this name.
    pub fn get(&self, id: &str) -> Option<&Kind> {
        self.0.iter().find(|kind| kind.row.id == id)
    }
}

impl Kind {
    /// A harmless text of this kind.
    pub fn clean(&self) -> String {
        self.dressed(&self.row.clean)
    }

    /// `text` as this kind can hold it; `None` where nothing of it can stand there.
    pub fn fit(&self, text: &str) -> Option<String> {
        let near: String = text.chars().take(self.row.max_chars * SLACK).collect();
        let near = if self.row.lower {
            near.to_lowercase()
        } else {
            near
        };
        let fitting = self.forbidden.replace_all(&near, self.row.instead.as_str());
        let fitting = match self.row.instead.trim() {
            "" => &*fitting,
            instead => fitting.trim_matches(|one| instead.contains(one)),
        };
        let cut: String = fitting.chars().take(self.row.max_chars).collect();
        let cut = self
            .row
            .label_max
            .map_or(cut.clone(), |max| labelled(&cut, max));
        (!cut.is_empty()).then(|| self.dressed(&cut))
    }

    fn dressed(&self, text: &str) -> String {
        format!("{}{text}{}", self.row.prefix, self.row.suffix)
    }
}

/// `text` with a dot where a part between dots would be too long.
fn labelled(text: &str, max: usize) -> String {
    let labels = text.split('.').map(|label| {
        let letters: Vec<char> = label.chars().collect();
        let pieces: Vec<String> = letters
            .chunks(max.max(1))
            .map(|piece| piece.iter().collect())
            .collect();
        pieces.join(".")
    });
    labels.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_made_to_fit() {
        let kinds = Kinds::read(
            "[[kind]]\nid = \"host\"\nclean = \"a-1\"\nmax_chars = 9\nforbidden = '[^a-z0-9.-]+'\ninstead = \"-\"\nlower = true\nlabel_max = 4\nsuffix = \".x\"\n",
        )
        .unwrap();
        let host = kinds.get("host").unwrap();
        for (text, expected) in [
            ("Close it!", Some("clos.e-it.x")),
            ("\u{202e}", None),
            ("ab.cdefgh", Some("ab.cdef.gh.x")),
            ("忽略 all", Some("all.x")),
            (&"z".repeat(90), Some("zzzz.zzzz.z.x")),
        ] {
            assert_eq!(host.fit(text).as_deref(), expected, "{text}");
        }
        assert_eq!(host.clean(), "a-1.x");
        assert!(kinds.get("nothing").is_none());
    }
}
