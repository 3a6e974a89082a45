//! A facet: one of the few pairs that tell one alert of a detection from another.

use serde::{Deserialize, Serialize};

use super::canonical::Digest;

/// Facet values longer than this are compared by digest.
pub const VALUE_MAX_BYTES: usize = 256;

/// A facet that the source declares for this detection. Compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// Its name.
    pub key: String,
    /// Its value; `None` where the payload lacks it, and then the alert is in no scope.
    pub value: Option<String>,
    /// Who chose the value.
    pub set_by: SetBy,
}

/// Who chose a facet's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// The environment: account, region, registered host, rule version.
    Environment,
    /// The alert's author may have chosen it: user agent, process, path.
    Actor,
}

impl Facet {
    /// A facet; an empty value is no value, and a long one is replaced by `sha256:` and its digest.
    pub fn new(key: impl Into<String>, value: Option<String>, set_by: SetBy) -> Self {
        let value = value.filter(|text| !text.is_empty()).map(|text| {
            if text.len() > VALUE_MAX_BYTES {
                format!("sha256:{}", Digest::of_bytes(text.as_bytes()))
            } else {
                text
            }
        });
        Self {
            key: key.into(),
            value,
            set_by,
        }
    }
}
