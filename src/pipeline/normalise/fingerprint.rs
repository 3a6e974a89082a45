//! The names that code gives: of a payload, and of the problem that an alert is about.

use serde_json::Value;

use super::alert::Frame;
use crate::domain::canonical::Digest;

/// The digest of `raw` as canonical JSON; a value without a canonical form is named by its text.
pub(super) fn of_payload(raw: &Value) -> Digest {
    Digest::of(raw).unwrap_or_else(|_| Digest::of_bytes(raw.to_string().as_bytes()))
}

/// The digest of tenant, source, detection and `about`. Where a source says nothing of what an alert is about, only the same payload is
/// the same problem: two cases for one are better than one for two.
pub(super) fn of_alert(
    frame: &Frame<'_>,
    detection_id: Option<&str>,
    about: &[Value],
    payload: &Digest,
) -> Digest {
    let says_nothing = about.iter().all(|part| match part {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    });
    let parts = if says_nothing {
        Value::String(payload.to_string())
    } else {
        Value::Array(about.to_vec())
    };
    let name = (frame.tenant, frame.source, detection_id, parts);
    Digest::of(&name).unwrap_or(*payload)
}
