//! Marks: what was cut or left out while an alert was read, so that nothing is dropped in silence.

use super::caps;
use crate::domain::alert::Reading;

/// The marks of one alert, at most [`caps::MARKS_MAX`].
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<String>);

impl Marks {
    pub(super) fn add(&mut self, mark: impl Into<String>) {
        let mark = cut_bytes(&mark.into(), caps::CAUSE_MAX_BYTES).to_owned();
        if self.0.len() < caps::MARKS_MAX && !self.0.contains(&mark) {
            self.0.push(mark);
        }
    }

    /// `text`, cut to the cap of texts, with a mark that names the field.
    pub(super) fn text(&mut self, field: &str, text: &str) -> String {
        let kept = cut_bytes(text, caps::TEXT_MAX_BYTES);
        if kept.len() < text.len() {
            self.add(format!("`{field}` cut to {} bytes", kept.len()));
        }
        kept.to_owned()
    }

    pub(super) fn reading(self) -> Reading {
        if self.0.is_empty() {
            Reading::Whole
        } else {
            Reading::Partial { marks: self.0 }
        }
    }
}

/// The longest start of `text` of at most `max` bytes that ends between two characters.
pub(super) fn cut_bytes(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

/// The first `max` characters of `text`.
pub(super) fn cut_chars(text: &str, max: usize) -> &str {
    let end = text.char_indices().nth(max).map(|(at, _)| at);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}
