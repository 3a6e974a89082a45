//! From bytes to payloads: one JSON document, or several, one a line or one after the other.

use serde_json::{Deserializer, Value};

use super::caps;

/// What the bytes of one post or file hold.
pub(super) enum Body<'a> {
    /// Documents, each with its bytes.
    Documents(Vec<Document<'a>>),
    /// Nothing that can be read, and why.
    Unreadable(String),
}

/// One document of a body.
pub(super) struct Document<'a> {
    pub(super) bytes: &'a [u8],
    /// The document, or why it cannot be read.
    pub(super) value: Result<Value, String>,
}

/// Reads `bytes`.
pub(super) fn read(bytes: &[u8]) -> Body<'_> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.len() > caps::PAYLOAD_MAX_BYTES {
        let size = format!("it is larger than {} bytes", caps::PAYLOAD_MAX_BYTES);
        return Body::Unreadable(size);
    }
    if bytes.trim_ascii().is_empty() {
        return Body::Unreadable("it is empty".into());
    }
    match serde_json::from_slice(bytes) {
        Ok(value) => Body::Documents(vec![Document {
            bytes,
            value: Ok(value),
        }]),
        Err(cause) => several(bytes).map_or_else(
            || Body::Unreadable(format!("it is no JSON: {cause}")),
            Body::Documents,
        ),
    }
}

/// Several documents: one after the other, else one a line, of which each that is broken is told of.
fn several(bytes: &[u8]) -> Option<Vec<Document<'_>>> {
    in_a_row(bytes).or_else(|| by_line(bytes))
}

fn in_a_row(bytes: &[u8]) -> Option<Vec<Document<'_>>> {
    let mut documents = Vec::new();
    let mut stream = Deserializer::from_slice(bytes).into_iter::<Value>();
    let mut start = 0;
    while let Some(value) = stream.next() {
        let value = value.ok().filter(is_post)?;
        let end = stream.byte_offset();
        documents.push(Document {
            bytes: bytes.get(start..end)?,
            value: Ok(value),
        });
        start = end;
    }
    Some(documents)
}

fn by_line(bytes: &[u8]) -> Option<Vec<Document<'_>>> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let documents: Vec<_> = lines.filter(|line| !line.is_empty()).map(line).collect();
    let first_is_post = documents.first()?.value.as_ref().is_ok_and(is_post);
    (first_is_post && documents.len() > 1).then_some(documents)
}

fn line(bytes: &[u8]) -> Document<'_> {
    let value = serde_json::from_slice(bytes);
    Document {
        bytes,
        value: value.map_err(|cause| format!("its line is no JSON: {cause}")),
    }
}

/// Plain text may start with a number; only objects and arrays are posts.
fn is_post(value: &Value) -> bool {
    value.is_object() || value.is_array()
}
