//! Residency: the region whose law applies to an alert's data. It is the assets', else the tenant's, and never what the payload says.

use std::collections::BTreeSet;

use crate::{
    domain::{alert::Alert, asset::Asset, entity::Entity, precedent::Precedent, residency::Region},
    pipeline::rules::Rules,
};

impl Region {
    /// The region of `alert`: that of every asset that its fields name, of whatever tenant, which is the asset's own, else its tenant's; and the
    /// alert's tenant's, unless what it is about is an asset. So what an alert's author names can narrow where it may go, never move it. What
    /// stands in prose could point anywhere.
    pub fn of(alert: &Alert, rules: &Rules) -> Self {
        let mut named = BTreeSet::new();
        let mut is_about_an_asset = false;
        for entity in alert.fields() {
            for asset in assets(entity, rules) {
                let own = asset.region.as_deref();
                named.insert(own.or_else(|| rules.residency.region(&asset.tenant)));
                is_about_an_asset |= entity.role.is_target();
            }
        }
        if !is_about_an_asset {
            named.insert(rules.residency.region(&alert.tenant));
        }
        match (named.len(), named.first()) {
            (1, Some(region)) => Self::named(*region),
            _ => Self::Several(
                named
                    .into_iter()
                    .map(|region| region.unwrap_or("none").to_owned())
                    .collect(),
            ),
        }
    }
}

/// Whether a model that may have the data of `region` may see this precedent of another case too. One of which nobody kept the region could be of
/// any.
pub fn may_see(region: &Region, row: &Precedent) -> bool {
    let about = row.about.as_ref();
    about.is_some_and(|about| about.region == *region)
}

/// The assets that an entity names, of any tenant.
fn assets<'a>(entity: &'a Entity, rules: &'a Rules) -> Vec<&'a Asset> {
    let Some(inventory) = &rules.inventory else {
        return Vec::new();
    };
    let identified = inventory.identified(entity.kind, &entity.value);
    let address = entity.value.parse().ok();
    let held = address
        .into_iter()
        .flat_map(|address| inventory.at_address(address));
    identified.into_iter().chain(held).collect()
}
