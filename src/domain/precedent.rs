//! A precedent: a closed case that a person confirmed, and the scope in which it counts.

use std::{collections::BTreeMap, fmt};

use ipnet::{Ipv4Net, Ipv6Net};
use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Serialize};

use super::{
    alert::Alert,
    draft::Disposition,
    entity::{Entity, EntityKind},
    facet::{Facet, SetBy},
    id::{ActionId, PersonId, PrecedentId, SourceId, TenantId},
    person::Proof,
    proposal::ParameterRole,
    residency::Region,
};

/// What people decided once, and where it applies again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Precedent {
    /// Its id.
    pub id: PrecedentId,
    /// What happened, what was done and why.
    pub summary: String,
    /// What it was.
    pub disposition: Disposition,
    /// What was done; `None` where nothing was done through the catalogue.
    pub action: Option<ActionId>,
    /// The role that filled each parameter of the action.
    pub parameters: BTreeMap<String, ParameterRole>,
    /// Text for whoever asked.
    pub reply: Option<String>,
    /// Where it counts.
    pub scope: Scope,
    /// Where it would count once a second person has confirmed that no more mattered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wider: Option<Scope>,
    /// Who confirmed it.
    pub confirmed_by: PersonId,
    /// By what proof.
    pub proof: Proof,
    /// When its alert was received.
    pub received_at: Timestamp,
    /// When its case was closed.
    pub closed_at: Timestamp,
    /// The cluster of its alert.
    pub cluster: Cluster,
    /// Whether the person saw a draft first.
    pub seen_draft: bool,
    /// Where it came from.
    pub origin: PrecedentOrigin,
    /// What its alert was about; `None` where nobody kept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
}

/// What a precedent's alert was about, as far as it decides what a model that is asked about another case may see of the precedent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The region of that alert's data.
    pub region: Region,
    /// What that alert named and the summary says too: a model sees the kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, EntityKind>,
}

/// Where a precedent came from. In each kind of store one origin counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrecedentOrigin {
    /// Answered in this store by a verified person.
    Lived,
    /// Brought in from elsewhere and not confirmed.
    Imported,
    /// Written for the demo.
    Demo,
    /// Made by the simulator.
    Simulated,
}

/// Tenant, source, detection and the facets that must be equal for a precedent to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Whose.
    pub tenant: TenantId,
    /// Which source.
    pub source: SourceId,
    /// Which detection.
    pub detection_id: String,
    /// The facets that must be equal. With none, the scope matches nothing.
    pub facets: BTreeMap<String, String>,
    /// Whether a person named these facets as the ones that mattered.
    pub breadth: Breadth,
}

/// Whether a scope names every declared facet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breadth {
    /// It does: an alert with one facet more or less is another matter.
    #[default]
    Strict,
    /// A person named the facets that mattered; others may differ.
    Loosened,
}

/// What is counted once a day however often it repeats: `actor:VALUE`, `source:NET`, `host:NAME`, `target:VALUE` or `none`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cluster(String);

/// Roles of an actor that name a principal, strongest first.
const PRINCIPALS: [&str; 5] = [
    "actor.user",
    "actor.arn",
    "actor.service",
    "actor.access_key",
    "actor.badge",
];

impl Precedent {
    /// The group it is counted in, the unit of evidence: UTC day of receipt and cluster.
    pub fn group(&self) -> (Date, &Cluster) {
        (
            Offset::UTC.to_datetime(self.received_at).date(),
            &self.cluster,
        )
    }

    /// Whether it, or its wider scope, counts only once a second person has confirmed it.
    pub fn waits(&self) -> bool {
        self.origin == PrecedentOrigin::Imported || self.wider.is_some()
    }
}

impl Scope {
    /// The scope in which every declared facet of `alert` is equal.
    pub fn strict(alert: &Alert) -> Self {
        Self::naming(alert, Breadth::Strict, |_| true)
    }

    /// The scope in which only the facets with these keys are equal to those of `alert`.
    pub fn loosened(alert: &Alert, mattered: &[String]) -> Self {
        Self::naming(alert, Breadth::Loosened, |key| {
            mattered.iter().any(|named| named == key)
        })
    }

    fn naming(alert: &Alert, breadth: Breadth, named: impl Fn(&str) -> bool) -> Self {
        let facets = alert.facets.iter().filter(|facet| named(&facet.key));
        Self {
            tenant: alert.tenant.clone(),
            source: alert.source.clone(),
            detection_id: alert.detection_id.clone().unwrap_or_default(),
            facets: facets
                .filter_map(|facet| Some((facet.key.clone(), facet.value.clone()?)))
                .collect(),
            breadth,
        }
    }

    /// Whether it names a facet of `alert` that the environment sets. One that does not could be met by anyone who writes alerts.
    pub fn is_anchored(&self, alert: &Alert) -> bool {
        alert
            .facets
            .iter()
            .any(|facet| facet.set_by == SetBy::Environment && self.facets.contains_key(&facet.key))
    }

    /// Whether `alert` is in this scope: equal key, every declared facet present, every named facet equal byte for byte,
    /// wherever the alert has it.
    pub fn covers(&self, alert: &Alert) -> bool {
        self.tenant == alert.tenant
            && self.source == alert.source
            && alert.detection_id.as_deref() == Some(self.detection_id.as_str())
            && !self.facets.is_empty()
            && alert.facets.iter().all(|facet| self.admits(facet))
            && self
                .facets
                .keys()
                .all(|key| alert.facets.iter().any(|facet| facet.key == *key))
    }
}

impl Scope {
    fn admits(&self, facet: &Facet) -> bool {
        match (facet.value.as_deref(), self.facets.get(&facet.key)) {
            (None | Some(""), _) => false,
            (Some(value), Some(named)) => value == named,
            (Some(_), None) => self.breadth == Breadth::Loosened,
        }
    }
}

impl Cluster {
    /// The cluster of an alert that names nothing to count by.
    pub fn none() -> Self {
        Self("none".into())
    }

    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The cluster of `alert`: actor principal, else source network, else source host, else target.
    pub fn of(alert: &Alert) -> Self {
        let by_role = |role: &str| alert.fields().find(|entity| entity.role.as_str() == role);
        let principal = PRINCIPALS.iter().find_map(|role| by_role(role));
        principal
            .map(|entity| format!("actor:{}", entity.value))
            .or_else(|| by_role("source.ip").map(|entity| format!("source:{}", network(entity))))
            .or_else(|| by_role("source.host").map(|entity| format!("host:{}", entity.value)))
            .or_else(|| {
                alert
                    .targets()
                    .next()
                    .map(|entity| format!("target:{}", entity.value))
            })
            .map_or_else(Self::none, Self)
    }

    /// The value without its kind; the whole text for `none`.
    pub fn value(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(_, value)| value)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The /24 of an IPv4 or the /48 of an IPv6 address.
fn network(entity: &Entity) -> String {
    match entity.value.parse() {
        Ok(std::net::IpAddr::V4(address)) => {
            Ipv4Net::new(address, 24).map(|net| net.trunc().to_string())
        }
        Ok(std::net::IpAddr::V6(address)) => {
            Ipv6Net::new(address, 48).map(|net| net.trunc().to_string())
        }
        Err(_) => return entity.value.clone(),
    }
    .unwrap_or_else(|_| entity.value.clone())
}

impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PrecedentOrigin {
    /// The word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lived => "lived",
            Self::Imported => "imported",
            Self::Demo => "demo",
            Self::Simulated => "simulated",
        }
    }
}
