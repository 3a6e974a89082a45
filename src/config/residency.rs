//! `[residency]`: the region whose law applies to data of which no asset names one. An endpoint gets the data of its own region only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `[residency]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResidencyConfig {
    /// The region of every tenant that is not listed.
    pub region: Option<String>,
    /// Regions by tenant.
    pub tenants: BTreeMap<String, String>,
}
