//! From bytes to payloads: one JSON document, or several, one a line or one after the other.

use jaq_json::Val;
use serde_json::Deserializer;

use super::{caps, value};

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
    pub(super) value: Result<Val, String>,
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
    if value::shape(bytes).values > caps::VALUES_MAX {
        return Body::Unreadable(too_many_values());
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

fn too_many_values() -> String {
    let max = caps::VALUES_MAX;
    format!("it holds more than {max} values; send fewer in one post")
}

/// Several documents, at most one more than is read: one after the other, else one a line, of which each that is broken is told of.
fn several(bytes: &[u8]) -> Option<Vec<Document<'_>>> {
    in_a_row(bytes).or_else(|| by_line(bytes))
}

fn in_a_row(bytes: &[u8]) -> Option<Vec<Document<'_>>> {
    let mut documents = Vec::new();
    let mut stream = Deserializer::from_slice(bytes).into_iter::<Val>();
    let mut start = 0;
    while documents.len() <= caps::ITEMS_MAX
        && let Some(value) = stream.next()
    {
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

/// A line that is broken ends no string, so that what follows it is counted anew.
fn by_line(bytes: &[u8]) -> Option<Vec<Document<'_>>> {
    let mut left = caps::VALUES_MAX;
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let documents: Vec<_> = lines
        .filter(|line| !line.is_empty())
        .take(caps::ITEMS_MAX + 1)
        .map(|bytes| line(bytes, &mut left))
        .collect();
    let first_is_post = documents.first()?.value.as_ref().is_ok_and(is_post);
    (first_is_post && documents.len() > 1).then_some(documents)
}

fn line<'a>(bytes: &'a [u8], left: &mut usize) -> Document<'a> {
    let rest = left.checked_sub(value::shape(bytes).values);
    *left = rest.unwrap_or(0);
    let value = match rest {
        None => Err(too_many_values()),
        Some(_) => {
            serde_json::from_slice(bytes).map_err(|cause| format!("its line is no JSON: {cause}"))
        }
    };
    Document { bytes, value }
}

/// Plain text may start with a number; only objects and arrays are posts.
const fn is_post(value: &Val) -> bool {
    matches!(value, Val::Obj(_) | Val::Arr(_))
}
