//! The site of made cases: an inventory, a never list and people of our own, whatever the catalogue and policies that are tried.
//!
//! For each kind of entity there is one value of each standing, so that a case can put any of them where an action would touch it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    domain::{
        action::Class,
        asset::{Addresses, Asset, Inventory},
        calibration::{Calibration, Grant},
        canonical::{Digest, NotCanonical},
        entity::EntityKind,
        id::{GroupId, PersonId, TeamId, TenantId},
        never::NeverList,
        person::{People, Person, Proof},
        precedent::PrecedentOrigin,
    },
    pipeline::rules::Rules,
};

/// Whose alerts these are.
pub const TENANT: &str = "acme";
/// Somebody else's.
pub const OTHER_TENANT: &str = "annex";
/// The team that owns everything.
pub const OWNER: &str = "team-owner";
/// The rung that is granted to every class: the loosest.
pub const RUNG: u32 = 5;
/// Radii that an action can have.
const RADII: std::ops::RangeInclusive<u8> = 0..=3;
const REGION: &str = "eu-west-1";

/// What there is to know about a value that an action would touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// One ordinary asset of ours; of addresses, one outside with a handshake.
    Plain,
    /// A protected asset.
    Protected,
    /// A critical asset.
    Critical,
    /// On the never list.
    Never,
    /// Another tenant's asset.
    Foreign,
    /// An account of one of our people.
    Personal,
    /// No asset of anybody; of addresses, one of ours.
    Unknown,
    /// Two assets at once; of addresses, one that no handshake proves.
    Ambiguous,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Protected,
        Self::Critical,
        Self::Never,
        Self::Foreign,
        Self::Personal,
        Self::Unknown,
        Self::Ambiguous,
    ];

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Protected => "protected",
            Self::Critical => "critical",
            Self::Never => "never",
            Self::Foreign => "foreign",
            Self::Personal => "personal",
            Self::Unknown => "unknown",
            Self::Ambiguous => "ambiguous",
        }
    }

    /// The value of this kind that has this standing.
    pub fn value(self, kind: EntityKind) -> String {
        if kind == EntityKind::Ip {
            return self.address().into();
        }
        format!("{}-{}", self.word(), kind.word().replace('_', "-"))
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Plain => "198.51.100.7",
            Self::Protected => "203.0.113.2",
            Self::Critical => "203.0.113.3",
            Self::Never => "192.0.2.1",
            Self::Foreign => "203.0.113.5",
            Self::Personal => "203.0.113.6",
            Self::Unknown => "203.0.113.7",
            Self::Ambiguous => "198.51.100.8",
        }
    }

    /// Whether a session with its address was established.
    pub const fn is_proven(self) -> bool {
        !matches!(self, Self::Ambiguous)
    }
}

/// The site of made cases cannot be made: a fault of this build.
#[derive(Debug, thiserror::Error)]
pub enum NoSite {
    /// Something cannot be hashed.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// The never list is not one.
    #[error(transparent)]
    Never(#[from] toml::de::Error),
}

/// The candidate's catalogue, policy and signs over the site of made cases.
pub fn rules(candidate: &Rules, now: Timestamp) -> Result<Rules, NoSite> {
    let inventory = inventory();
    let calibration = calibration(candidate, now);
    let mut data = candidate.data.clone();
    data.inventory = Digest::of(&inventory)?;
    data.calibration = Some(Digest::of(&calibration)?);
    Ok(Rules {
        inventory: Some(inventory),
        never: Some(never()?),
        people: Some(people(candidate)),
        calibration: Some(calibration),
        data,
        ..candidate.clone()
    })
}

fn inventory() -> Inventory {
    let kinds = EntityKind::ALL.iter().copied();
    let assets = kinds.flat_map(|kind| Standing::ALL.map(|standing| assets(kind, standing)));
    Inventory {
        assets: assets.flatten().collect(),
        detection_owners: Vec::new(),
    }
}

fn assets(kind: EntityKind, standing: Standing) -> Vec<Asset> {
    let asset = asset(kind, standing);
    match (kind, standing) {
        (EntityKind::Ip, Standing::Plain | Standing::Ambiguous) => Vec::new(),
        (EntityKind::Ip, _) => vec![asset],
        (_, Standing::Unknown) => Vec::new(),
        (_, Standing::Ambiguous) => {
            let id = format!("{}-twin", asset.id);
            vec![asset.clone(), Asset { id, ..asset }]
        }
        _ => vec![asset],
    }
}

fn asset(kind: EntityKind, standing: Standing) -> Asset {
    let value = standing.value(kind);
    Asset {
        id: format!("asset-{}-{}", standing.word(), kind.word()),
        tenant: TenantId::new(match standing {
            Standing::Foreign => OTHER_TENANT,
            _ => TENANT,
        }),
        kind,
        addresses: match value.parse() {
            Ok(address) if kind == EntityKind::Ip => vec![Addresses::One(address)],
            _ => Vec::new(),
        },
        ids: BTreeMap::from([(kind, vec![value])]),
        owner: Some(TeamId::new(OWNER)),
        holder: (standing == Standing::Personal).then(|| "mira".into()),
        region: Some(REGION.into()),
        environment: None,
        tags: Vec::new(),
        protected: standing == Standing::Protected,
        critical: standing == Standing::Critical,
    }
}

/// In the words of a never list's file, whose reader is the only way to an entry.
fn never() -> Result<NeverList, toml::de::Error> {
    let entry = |kind: EntityKind| {
        let (kind, value) = (kind.word(), Standing::Never.value(kind));
        format!(
            "[[never]]\nkind = \"{kind}\"\nvalues = [\"{value}\"]\nreason = \"nobody may touch it\"\n"
        )
    };
    toml::from_str(&EntityKind::ALL.map(entry).concat())
}

/// One person in each group that the catalogue names, and `mira`, whose account some assets are.
fn people(candidate: &Rules) -> People {
    let actions = candidate.catalogue.actions.iter();
    let groups: BTreeSet<&GroupId> = actions
        .flat_map(|action| &action.approvers)
        .chain(&candidate.catalogue.asks.default_chain)
        .collect();
    let person = |id: String, groups: Vec<GroupId>| Person {
        identities: BTreeMap::from([(Proof::Oidc, format!("{id}@example.com"))]),
        id: PersonId::new(id),
        groups,
    };
    let members = groups.into_iter();
    let members = members.map(|group| person(format!("person-of-{group}"), vec![group.clone()]));
    People {
        people: members.chain([person("mira".into(), Vec::new())]).collect(),
    }
}

fn calibration(candidate: &Rules, now: Timestamp) -> Calibration {
    let actions = candidate.catalogue.actions.iter();
    let classes = actions.flat_map(|action| {
        RADII.map(|radius| Grant {
            class: Class {
                action: action.id.clone(),
                radius,
            },
            rung: RUNG,
        })
    });
    Calibration {
        tenant: None,
        origin: PrecedentOrigin::Lived,
        granted: "granted for made cases, not earned".into(),
        at: now,
        quarantine: Vec::new(),
        classes: classes.collect(),
    }
}
