//! The rules: everything that shapes a decision and is not a fact of the moment. Loaded once, passed by reference.

use std::sync::Arc;

use crate::{
    domain::{
        action::Catalogue, asset::Inventory, calibration::Calibration, decision::Data,
        draft::KeyRule, never::NeverList, person::People, release::Release, residency::Residency,
    },
    pipeline::gate::{injection::Signs, site_policy::SitePolicy},
};

/// What a site has configured. A file that is absent is `None`, and then what it would tell is not known: a person decides.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The actions.
    pub catalogue: Catalogue,
    /// Signs of an injection.
    pub signs: Signs,
    /// The site's policy.
    pub policy: Option<SitePolicy>,
    /// What is ours.
    pub inventory: Option<Inventory>,
    /// What nobody may act on.
    pub never: Option<NeverList>,
    /// Who may be asked.
    pub people: Option<People>,
    /// What statistics granted.
    pub calibration: Option<Calibration>,
    /// Where data may go.
    pub residency: Residency,
    /// Whether a plan needs a model's agreement.
    pub key: KeyRule,
    /// The digests of all this.
    pub data: Data,
    /// What the release is made of: its digest is in `data`.
    pub release: Arc<Release>,
}
