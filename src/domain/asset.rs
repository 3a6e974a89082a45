//! The inventory: what is ours, who owns it, and what must not be touched.

use std::{collections::BTreeMap, net::IpAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{
    entity::EntityKind,
    id::{SourceId, TeamId, TenantId},
};

/// A site's inventory, from `inventory.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The assets.
    #[serde(default, rename = "asset")]
    pub assets: Vec<Asset>,
    /// Who owns a detection whose target has no owner.
    #[serde(default, rename = "detection_owner")]
    pub detection_owners: Vec<DetectionOwner>,
}

/// One thing that is ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Our name for it.
    pub id: String,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is.
    pub kind: EntityKind,
    /// Strong ids: exact values by entity kind.
    #[serde(default)]
    pub ids: BTreeMap<EntityKind, Vec<String>>,
    /// Addresses and networks that are this asset's. They make an address ours; they never identify.
    #[serde(default)]
    pub addresses: Vec<Addresses>,
    /// The team that owns it.
    #[serde(default)]
    pub owner: Option<TeamId>,
    /// The account that a key, badge or mailbox belongs to.
    #[serde(default)]
    pub holder: Option<String>,
    /// The region whose law applies.
    #[serde(default)]
    pub region: Option<String>,
    /// Production, staging, …
    #[serde(default)]
    pub environment: Option<String>,
    /// Free words for policies.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Needs two people.
    #[serde(default)]
    pub protected: bool,
    /// Needs two people.
    #[serde(default)]
    pub critical: bool,
}

/// One address or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Addresses {
    /// One address.
    One(IpAddr),
    /// A network.
    Net(IpNet),
}

/// The owner of a detection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectionOwner {
    /// The source.
    pub source: SourceId,
    /// The detection.
    pub detection_id: String,
    /// The team.
    pub owner: TeamId,
}

impl Inventory {
    /// The assets that have `value` as a strong id of `kind`, of any tenant.
    pub fn identified<'a>(
        &'a self,
        kind: EntityKind,
        value: &'a str,
    ) -> impl Iterator<Item = &'a Asset> {
        self.assets.iter().filter(move |asset| {
            asset
                .ids
                .get(&kind)
                .is_some_and(|ids| ids.iter().any(|id| id == value))
        })
    }

    /// The assets that `address` belongs to, by strong id or by address, of any tenant.
    pub fn at_address(&self, address: IpAddr) -> impl Iterator<Item = &Asset> {
        self.assets.iter().filter(move |asset| {
            let ids = asset.ids.get(&EntityKind::Ip).into_iter().flatten();
            let strong = ids.filter_map(|id| id.parse().ok().map(Addresses::One));
            asset
                .addresses
                .iter()
                .copied()
                .chain(strong)
                .any(|held| held.contains(address))
        })
    }

    /// The owner of a detection.
    pub fn detection_owner(&self, source: &SourceId, detection_id: &str) -> Option<&TeamId> {
        self.detection_owners
            .iter()
            .find(|row| row.source == *source && row.detection_id == detection_id)
            .map(|row| &row.owner)
    }
}

impl Addresses {
    /// Whether `address` is in it. A mapped address (RFC 4291, 2.5.5.2) is the IPv4 address in it, on either side.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match self {
            Self::One(own) => own.to_canonical() == address,
            Self::Net(net) => net.contains(&address) || net.contains(&mapped(address)),
        }
    }
}

/// The form of `address` that a network of mapped addresses has.
fn mapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(_) => address,
    }
}
