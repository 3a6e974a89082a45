//! Residency: where data may go. The region of some data, and the one whose law applies to a tenant's where no asset says otherwise.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{facts::Endpoint, id::TenantId};

/// What the site says of its tenants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Residency {
    /// The region of tenants that have none of their own.
    pub region: Option<String>,
    /// The regions of tenants.
    pub tenants: BTreeMap<TenantId, String>,
}

/// The region of some data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// This one.
    Of(String),
    /// Nobody named one for its assets or its tenant.
    Unnamed,
    /// Assets in several: no endpoint may have it.
    Several(Vec<String>),
}

impl Residency {
    /// The region of `tenant`.
    pub fn region(&self, tenant: &TenantId) -> Option<&str> {
        let own = self.tenants.get(tenant);
        own.or(self.region.as_ref()).map(String::as_str)
    }
}

impl Region {
    /// This one, or none.
    pub fn named(region: Option<&str>) -> Self {
        region.map_or(Self::Unnamed, |region| Self::Of(region.to_owned()))
    }

    /// Whether an endpoint in `region` may have the data: it is in the same one, or neither has one.
    pub fn lets(&self, region: Option<&str>) -> bool {
        match (self, region) {
            (Self::Of(own), Some(region)) => own == region,
            (Self::Unnamed, None) => true,
            (Self::Of(_), None) | (Self::Unnamed, Some(_)) | (Self::Several(_), _) => false,
        }
    }

    /// The endpoints that had the data and might not.
    pub fn breaches(&self, sent_to: &[Endpoint]) -> Vec<String> {
        let out = sent_to
            .iter()
            .filter(|endpoint| !self.lets(endpoint.region.as_deref()));
        out.map(|endpoint| format!("sent to `{}` out of region", endpoint.name))
            .collect()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(region) => write!(f, "region `{region}`"),
            Self::Unnamed => f.write_str("no region"),
            Self::Several(regions) => write!(f, "several regions ({})", regions.join(", ")),
        }
    }
}
