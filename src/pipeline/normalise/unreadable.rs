//! What could not be read becomes an alert all the same, or whoever breaks the parser hides an attack.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    GENERIC,
    alert::Frame,
    caps,
    fingerprint::{self, Sameness},
    marks::{cut_bytes, cut_chars},
};
use crate::domain::{
    alert::{Alert, Origin, Reading, Status},
    id::{SourceId, TenantId},
    severity::Severity,
};

/// The alert that says that `raw` could not be read, and why. Only the same bytes are the same problem.
pub(super) fn alert(name: &str, raw: Value, cause: &str, frame: &Frame<'_>) -> Alert {
    let payload = fingerprint::of_payload(&raw);
    let nothing = Sameness::About {
        detection_id: None,
        about: &[],
    };
    let title = cut_chars(name.trim(), caps::TITLE_MAX_CHARS);
    Alert {
        tenant: frame.tenant.clone(),
        source: frame.source.clone(),
        origin: frame.origin.clone(),
        detection_id: None,
        rule_version: None,
        title: if title.is_empty() {
            format!("alert from {}", frame.source)
        } else {
            title.to_owned()
        },
        severity: Some(Severity::High),
        raw_severity: None,
        occurred_at: None,
        received_at: frame.received_at,
        entities: Vec::new(),
        facets: Vec::new(),
        fingerprint: fingerprint::of_alert(frame, &nothing, &payload),
        occurrence_id: payload.to_string(),
        status: Status::Firing,
        attack: Vec::new(),
        owner_hints: Vec::new(),
        links: Vec::new(),
        reading: Reading::Unreadable {
            cause: cut_bytes(cause, caps::CAUSE_MAX_BYTES).to_owned(),
        },
        raw,
    }
}

/// `bytes` as text, cut.
pub(super) fn raw(bytes: &[u8]) -> Value {
    let kept = bytes.get(..caps::UNREADABLE_MAX_BYTES).unwrap_or(bytes);
    Value::String(String::from_utf8_lossy(kept).into_owned())
}

/// The alert that stands for something whose bytes could not even be had.
pub(super) fn unread(tenant: &TenantId, name: &str, cause: &str, received_at: Timestamp) -> Alert {
    let frame = Frame {
        tenant,
        source: &SourceId::new(GENERIC),
        origin: &Origin::Guessed,
        received_at,
    };
    alert(name, Value::String(name.to_owned()), cause, &frame)
}
