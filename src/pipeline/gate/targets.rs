//! What a proposal would touch: each target with the assets it resolves to, and what speaks against touching it.

use std::net::IpAddr;

use crate::{
    domain::{
        action::{Action, ParameterKind, TargetOf},
        alert::Alert,
        asset::{Addresses, Asset, Inventory},
        entity::{EntityKind, Handshake},
        id::TenantId,
        person::People,
        proposal::Proposal,
    },
    pipeline::rules::Rules,
};

/// One target.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// Its kind.
    pub kind: EntityKind,
    /// Its value.
    pub value: &'a str,
    /// Whose it must be.
    pub of: TargetOf,
    /// The assets, of any tenant, that it is or belongs to.
    pub assets: Vec<&'a Asset>,
    /// Whether a session with it was established.
    pub handshake: Handshake,
}

/// The targets of `proposal` on `alert`: its target parameters, or the alert's own `target.*` entities.
pub fn targets<'a>(
    proposal: &'a Proposal,
    action: &Action,
    alert: &'a Alert,
    inventory: Option<&'a Inventory>,
) -> Vec<Target<'a>> {
    let resolved = |kind, value: &'a str, of| Target {
        kind,
        value,
        of,
        assets: assets(kind, value, inventory),
        handshake: handshake(kind, value, alert),
    };
    if action.targets_alert() {
        let own = alert.targets();
        return own
            .map(|entity| resolved(entity.kind, &entity.value, TargetOf::Ours))
            .collect();
    }
    let parameters = action.parameters.iter().filter_map(|(name, spec)| {
        let ParameterKind::Entity(kind) = spec.kind else {
            return None;
        };
        let value = proposal.parameters.get(name)?.value.as_str();
        Some(resolved(kind, value, spec.target?))
    });
    parameters.collect()
}

/// The assets, of any tenant, that a value of this kind is or belongs to.
pub fn assets<'a>(
    kind: EntityKind,
    value: &'a str,
    inventory: Option<&'a Inventory>,
) -> Vec<&'a Asset> {
    let Some(inventory) = inventory else {
        return Vec::new();
    };
    match value.parse::<IpAddr>() {
        Ok(address) if kind == EntityKind::Ip => inventory.at_address(address).collect(),
        _ => inventory.identified(kind, value).collect(),
    }
}

fn handshake(kind: EntityKind, value: &str, alert: &Alert) -> Handshake {
    let proven = alert.fields().any(|entity| {
        entity.kind == kind && entity.value == value && entity.handshake == Handshake::Proven
    });
    if proven {
        Handshake::Proven
    } else {
        Handshake::Unproven
    }
}

impl<'a> Target<'a> {
    /// Whether it belongs to another tenant.
    pub fn outside_tenant(&self, tenant: &TenantId) -> Option<String> {
        let foreign = self.assets.iter().find(|asset| asset.tenant != *tenant)?;
        Some(format!(
            "`{}` is an asset of tenant `{}`",
            self.value, foreign.tenant
        ))
    }

    /// Whether nobody may act on it: it, one of its asset's ids or addresses or its holder is on the never list, or its asset has
    /// a tag that the action must not meet.
    pub fn never(&self, action: &Action, rules: &Rules) -> Option<String> {
        let listed = |kind, value: &str| {
            rules
                .never
                .as_ref()
                .and_then(|list| list.lists(kind, value))
        };
        let of_asset = |asset: &Asset| {
            let ids = asset
                .ids
                .iter()
                .flat_map(|(kind, ids)| ids.iter().map(move |id| (*kind, id)));
            let holder = asset.holder.iter().map(|holder| (EntityKind::User, holder));
            let address = asset.addresses.iter().filter_map(|held| match held {
                Addresses::One(address) => listed(EntityKind::Ip, &address.to_string()),
                Addresses::Net(_) => None,
            });
            ids.chain(holder)
                .find_map(|(kind, id)| listed(kind, id))
                .or_else(|| address.into_iter().next())
        };
        if let Some(entry) = listed(self.kind, self.value)
            .or_else(|| self.assets.iter().find_map(|asset| of_asset(asset)))
        {
            return Some(format!("`{}`: {}", self.value, entry.reason));
        }
        let tag = action
            .forbidden_tags
            .iter()
            .find(|tag| self.assets.iter().any(|asset| asset.tags.contains(tag)))?;
        Some(format!(
            "`{}` is tagged `{tag}`, which `{}` never touches",
            self.value, action.id
        ))
    }

    /// Whether it is protected, or an account of one of our people.
    pub fn protected(&self, people: &People) -> Option<String> {
        if let Some(asset) = self.assets.iter().find(|asset| asset.protected) {
            return Some(format!("`{}` is protected", asset.id));
        }
        let of_asset = |asset: &'a Asset| {
            let ids = asset.ids.values().flatten();
            asset.holder.iter().chain(ids).map(String::as_str)
        };
        let person = self
            .assets
            .iter()
            .flat_map(|asset| of_asset(asset))
            .chain([self.value])
            .find_map(|account| people.holder_of(account))?;
        Some(format!("`{}` is an account of {}", self.value, person.id))
    }

    /// Whether it is critical.
    pub fn critical(&self) -> Option<String> {
        let asset = self.assets.iter().find(|asset| asset.critical)?;
        Some(format!("`{}` is critical", asset.id))
    }

    /// Whether it is not known for what it must be.
    pub fn unknown(&self) -> Option<String> {
        match self.of {
            TargetOf::Ours => self.not_ours(),
            TargetOf::Theirs => self.not_theirs(),
        }
    }

    fn not_ours(&self) -> Option<String> {
        let strong = |asset: &&&Asset| {
            let ids = asset.ids.get(&self.kind);
            ids.is_some_and(|ids| ids.iter().any(|id| id == self.value))
        };
        match self.assets.iter().filter(strong).count() {
            1 => None,
            0 => Some(format!("`{}` is no asset of the inventory", self.value)),
            several => Some(format!(
                "`{}` is {several} assets of the inventory",
                self.value
            )),
        }
    }

    fn not_theirs(&self) -> Option<String> {
        if let Some(asset) = self.assets.first() {
            return Some(format!(
                "`{}` is `{}` of the inventory",
                self.value, asset.id
            ));
        }
        if self.kind != EntityKind::Ip {
            return None;
        }
        match self.value.parse::<IpAddr>() {
            Err(_) => Some(format!("`{}` is no address", self.value)),
            Ok(address) if is_local(address) => Some(format!("`{address}` is a local address")),
            Ok(address) if is_transitional(address) => {
                Some(format!("`{address}` stands for another address"))
            }
            Ok(_) if self.handshake == Handshake::Unproven => {
                Some(format!("no handshake proves `{}`", self.value))
            }
            Ok(_) => None,
        }
    }
}

/// Addresses that are never outside: RFC 1918, 3927, 4193, 4291, 6598, loopback, multicast and unspecified.
fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || first == 0
                || first >= 240
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}

/// IPv6 addresses with an IPv4 address inside, which may be one of ours: RFC 4291 (compatible), 6052, 8215 (NAT64), 3056 (6to4) and
/// 4380 (Teredo).
fn is_transitional(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(_) => false,
        IpAddr::V6(v6) => matches!(
            v6.segments(),
            [0, 0, 0, 0, 0, 0, ..]
                | [0x2002, ..]
                | [0x2001, 0, ..]
                | [0x64, 0xff9b, 0, 0, 0, 0, ..]
                | [0x64, 0xff9b, 1, ..]
        ),
    }
}
