//! A calibration: the rung that statistics granted to each class, as data with its own digest.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    action::Class,
    id::{PrecedentId, TenantId},
};

/// What a calibration granted, from `calibration.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Whose cases it rests on, and for whose alone it is; every tenant's where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// Of what kind of store.
    pub origin: super::precedent::PrecedentOrigin,
    /// How it was come by, in a sentence.
    pub granted: String,
    /// When.
    pub at: Timestamp,
    /// The precedents that were quarantined then; any other list makes it stale.
    pub quarantine: Vec<PrecedentId>,
    /// The rung of each class.
    pub classes: Vec<Grant>,
}

/// The evidence level at which a class may act alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The class.
    #[serde(flatten)]
    pub class: Class,
    /// The least evidence level: one of 30, 20, 14, 10, 7, 5.
    pub rung: u32,
}

/// The ladder of evidence levels, strictest first.
pub const LADDER: [u32; 6] = [30, 20, 14, 10, 7, 5];

impl Calibration {
    /// The rung granted to `class`.
    pub fn rung(&self, class: &Class) -> Option<u32> {
        self.classes
            .iter()
            .find(|grant| grant.class == *class && LADDER.contains(&grant.rung))
            .map(|grant| grant.rung)
    }
}
