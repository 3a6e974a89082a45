//! The names that code gives: of a payload, and of the problem that an alert is about.

use serde_json::Value;

use super::alert::Frame;
use crate::domain::canonical::Digest;

/// The digest of `raw` as canonical JSON; a value without a canonical form is named by its text.
pub(super) fn of_payload(raw: &Value) -> Digest {
    Digest::of(raw).unwrap_or_else(|_| Digest::of_bytes(raw.to_string().as_bytes()))
}

/// What makes two alerts of one source and tenant the same problem.
pub(super) enum Sameness<'a> {
    /// The same detection about the same things.
    About {
        detection_id: Option<&'a str>,
        about: &'a [Value],
    },
    /// The vendor's own name of the problem, which it keeps through every update, whatever detection the message is of.
    Named(&'a str),
}

/// The digest of tenant, source and what makes the problem. Where a source says nothing of what an alert is about, only the same payload
/// is the same problem: two cases for one are better than one for two.
pub(super) fn of_alert(frame: &Frame<'_>, sameness: &Sameness<'_>, payload: &Digest) -> Digest {
    let (tenant, source) = (frame.tenant, frame.source);
    let digest = match sameness {
        Sameness::Named(problem) => Digest::of(&(tenant, source, "problem", problem)),
        Sameness::About {
            detection_id,
            about,
        } => {
            let parts = if says_nothing(about) {
                Value::String(payload.to_string())
            } else {
                Value::Array(about.to_vec())
            };
            Digest::of(&(tenant, source, detection_id, parts))
        }
    };
    digest.unwrap_or(*payload)
}

fn says_nothing(about: &[Value]) -> bool {
    about.iter().all(|part| match part {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    })
}
