//! Block Kit, inside its limits whatever it is made of: a text that is too long is cut, a line or block too many is left out.

use serde_json::{Value, json};

use super::safe_text::{cut, units};

/// The most blocks of a message.
pub const BLOCKS_MAX: usize = 50;
/// Units of a section's text.
pub const SECTION_MAX: usize = 3_000;
/// Units of a header.
pub const HEADER_MAX: usize = 150;
/// Units of a field of a section, and the most fields.
const FIELD_MAX: usize = 2_000;
const FIELDS_MAX: usize = 10;
/// Units of a button's text, and of an option's.
pub const LABEL_MAX: usize = 75;
/// Units of a button's value.
const VALUE_MAX: usize = 2_000;
/// Elements of an `actions` block.
const BUTTONS_MAX: usize = 25;
/// What is said where lines were left out.
const MORE: &str = "…";

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It is what is asked.
    Primary,
    /// It ends something.
    Danger,
    /// Neither.
    Plain,
}

/// Text without markup and without emoji names.
pub fn plain_text(text: &str, max: usize) -> Value {
    let text = if text.is_empty() { " " } else { text };
    json!({ "type": "plain_text", "text": cut(text, max), "emoji": false })
}

/// Markup of ours, in which nothing is made a link or a mention that is not one.
fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}

/// A header.
pub fn header(text: &str) -> Value {
    json!({ "type": "header", "text": plain_text(text, HEADER_MAX) })
}

/// Lines of markup, as many as there is room for.
pub fn section(lines: &[String]) -> Value {
    json!({ "type": "section", "text": mrkdwn(&fitting(lines, SECTION_MAX)) })
}

/// Text without markup.
pub fn words(text: &str) -> Value {
    json!({ "type": "section", "text": plain_text(text, SECTION_MAX) })
}

/// Short pieces of markup in two columns.
pub fn fields(texts: &[String]) -> Value {
    let fields = texts.iter().take(FIELDS_MAX);
    let fields: Vec<Value> = fields
        .map(|text| mrkdwn(&fitting(std::slice::from_ref(text), FIELD_MAX)))
        .collect();
    json!({ "type": "section", "fields": fields })
}

/// Lines of markup in small letters.
pub fn context(lines: &[String]) -> Value {
    json!({ "type": "context", "elements": [mrkdwn(&fitting(lines, SECTION_MAX))] })
}

/// A line across.
pub fn divider() -> Value {
    json!({ "type": "divider" })
}

/// Buttons in a row.
pub fn buttons(id: &str, buttons: Vec<Value>) -> Value {
    let buttons: Vec<Value> = buttons.into_iter().take(BUTTONS_MAX).collect();
    json!({ "type": "actions", "block_id": id, "elements": buttons })
}

/// A button. A value that is too long would be another one when it is cut: there is then none, and nothing can be done with it.
pub fn button(action: &str, label: &str, value: &str, look: Look) -> Value {
    let button = json!({
        "type": "button", "action_id": action, "text": plain_text(label, LABEL_MAX),
        "value": if units(value) <= VALUE_MAX { value } else { "" },
    });
    match look {
        Look::Primary => with(button, "style", "primary"),
        Look::Danger => with(button, "style", "danger"),
        Look::Plain => button,
    }
}

/// The same object with one more field.
pub fn with(mut object: Value, key: &str, value: impl Into<Value>) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(key.into(), value.into());
    }
    object
}

/// The lines that fit into `max` units, whole ones only: markup that is cut would spill over what follows.
fn fitting(lines: &[String], max: usize) -> String {
    let mut text = String::new();
    for line in lines {
        let needed = units(&text) + units(line) + 1 + units(MORE) + 1;
        if needed > max {
            text.push_str(MORE);
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    if text.is_empty() { " ".into() } else { text }
}
