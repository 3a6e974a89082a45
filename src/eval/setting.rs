//! The setting of made cases: an alert about one value of one standing, and people who each time did the same about its like.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::{
    site::{OWNER, Standing, TENANT},
    trial::{Deed, Fire, Oracle, Scene},
};
use crate::{
    domain::{
        action::{Action, ParameterKind, ParameterSpec},
        alert::{Alert, Origin, Reading, Status},
        canonical::Digest,
        draft::Disposition,
        entity::{Entity, EntityKind, Handshake, Provenance, Role},
        facet::{Facet, SetBy},
        facts::{Evidence, Facts, GateState, Known, StoreKind},
        id::{ActionId, PersonId, PrecedentId, SourceId, TenantId},
        person::Proof,
        precedent::{About, Breadth, Cluster, Precedent, PrecedentOrigin, Scope},
        proposal::ParameterRole,
        release::{Attestation, Ppm, Stage},
        residency::Region,
        severity::Severity,
    },
    pipeline::rules::Rules,
};

/// How many people did the same before, where nothing else is said: on as many days, about as many actors.
pub const ROWS: u32 = 7;
/// The days between two of them.
pub const DAYS_APART: u32 = 2;
/// The days between the last of them and today.
const DAYS_SINCE: u32 = 3;
const MINUTES_SINCE: i64 = 10;

/// One action about one value.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The rules.
    pub rules: Arc<Rules>,
    /// The action that people took.
    pub action: Action,
    /// The standing of what it touches.
    pub standing: Standing,
    /// The time.
    pub now: Timestamp,
}

impl Setting {
    /// Everything that the decision rests on, with nothing that speaks against it but the standing.
    pub fn scene(&self) -> Scene {
        let alert = self.alert();
        let rows = (0..ROWS)
            .map(|place| self.precedent(&alert, place))
            .collect();
        Scene {
            facts: facts(rows, &self.rules, self.now),
            alert,
            rules: Arc::clone(&self.rules),
            now: self.now,
        }
    }

    /// What people did, filled from this alert.
    pub fn deed(&self) -> Deed {
        let filled = self.action.parameters.iter().map(|(name, spec)| {
            let value = match role(spec) {
                ParameterRole::Owner => OWNER.to_owned(),
                ParameterRole::Constant(value) => value,
                ParameterRole::Entity(_) => self.value(spec),
            };
            (name.clone(), value)
        });
        Deed {
            action: self.action.id.clone(),
            parameters: filled.collect(),
        }
    }

    /// What it touches.
    pub fn targets(&self) -> BTreeSet<String> {
        self.kinds()
            .into_iter()
            .map(|kind| self.standing.value(kind))
            .collect()
    }

    /// The oracle of a case in which this, or nothing, may be done alone.
    pub fn only(&self) -> Oracle {
        Oracle {
            fire: Fire::Only(self.deed()),
            targets: Some(self.targets()),
            ..Oracle::default()
        }
    }

    /// The kinds of what it touches: those of its target parameters, or a host's for what touches the alert's own targets.
    pub fn kinds(&self) -> Vec<EntityKind> {
        if self.action.targets_alert() {
            return vec![EntityKind::Host];
        }
        let targets = self
            .action
            .parameters
            .values()
            .filter(|spec| spec.target.is_some());
        targets.filter_map(kind).collect()
    }

    fn value(&self, spec: &ParameterSpec) -> String {
        let standing = match spec.target {
            Some(_) => self.standing,
            None => Standing::Plain,
        };
        kind(spec).map_or_else(String::new, |kind| standing.value(kind))
    }

    fn alert(&self) -> Alert {
        let mut entities = vec![entity(EntityKind::User, "svc-caller", "actor.user")];
        if self.kinds().is_empty() || self.action.targets_alert() {
            let value = self.standing.value(EntityKind::Host);
            entities.push(entity(EntityKind::Host, &value, "target.host"));
        }
        for spec in self.action.parameters.values() {
            if let (ParameterRole::Entity(role), Some(kind)) = (role(spec), kind(spec)) {
                entities.retain(|entity| entity.role != role);
                entities.push(Entity {
                    handshake: if self.standing.is_proven() {
                        Handshake::Proven
                    } else {
                        Handshake::Unproven
                    },
                    ..entity(kind, &self.value(spec), role.as_str())
                });
            }
        }
        alert(entities, self.now)
    }

    /// The precedent at this place: another day and another actor each.
    pub fn precedent(&self, alert: &Alert, place: u32) -> Precedent {
        let days = i64::from(DAYS_SINCE + place * DAYS_APART);
        let roles = self.action.parameters.iter();
        let settled = Settled {
            disposition: Disposition::TruePositive,
            action: Some(self.action.id.clone()),
            parameters: roles
                .map(|(name, spec)| (name.clone(), role(spec)))
                .collect(),
            times: ROWS,
            days_apart: DAYS_APART,
        };
        let received_at = self.now - SignedDuration::from_hours(24 * days);
        settled.precedent(alert, &self.rules, place, received_at)
    }
}

/// What people did about the like of an alert, the same each time: on another day, about another actor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// What they took it for.
    pub disposition: Disposition,
    /// What they did.
    pub action: Option<ActionId>,
    /// What filled the parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, ParameterRole>,
    /// How often.
    #[serde(default = "rows")]
    pub times: u32,
    /// The days between two of them, and between the last and today.
    #[serde(default = "days_apart")]
    pub days_apart: u32,
}

const fn rows() -> u32 {
    ROWS
}

const fn days_apart() -> u32 {
    DAYS_APART
}

impl Settled {
    /// The precedents until `now`, of a live store.
    pub fn precedents(&self, alert: &Alert, rules: &Rules, now: Timestamp) -> Vec<Precedent> {
        let at = |place: u32| {
            let days = i64::from(place + 1) * i64::from(self.days_apart);
            now - SignedDuration::from_hours(24 * days)
        };
        (0..self.times)
            .map(|place| self.precedent(alert, rules, place, at(place)))
            .collect()
    }

    fn precedent(&self, alert: &Alert, rules: &Rules, place: u32, at: Timestamp) -> Precedent {
        Precedent {
            id: PrecedentId::new(format!("p-{place}")),
            summary: format!("Looked into and settled, the {place}. time."),
            disposition: self.disposition,
            action: self.action.clone(),
            parameters: self.parameters.clone(),
            reply: None,
            scope: scope(alert),
            confirmed_by: PersonId::new("person-of-soc"),
            proof: Proof::Oidc,
            received_at: at,
            closed_at: at + SignedDuration::from_mins(30),
            cluster: Cluster::new(format!("actor:user-{place}")),
            seen_draft: false,
            wider: None,
            origin: PrecedentOrigin::Lived,
            about: Some(about(alert, rules)),
        }
    }
}

/// What the precedent of an alert like this one was about.
pub fn about(alert: &Alert, rules: &Rules) -> About {
    About {
        region: Region::of(alert, rules),
        names: BTreeMap::new(),
    }
}

/// What fills a parameter: the owner, the first constant that the catalogue lists, or the entity of its kind.
fn role(spec: &ParameterSpec) -> ParameterRole {
    match (spec.kind, spec.constants.first()) {
        (ParameterKind::Team(_), _) => ParameterRole::Owner,
        (ParameterKind::Entity(_), Some(constant)) => ParameterRole::Constant(constant.clone()),
        (ParameterKind::Entity(kind), None) => {
            let part = if spec.target.is_some() {
                "target"
            } else {
                "actor"
            };
            ParameterRole::Entity(Role::new(format!("{part}.{kind}")))
        }
    }
}

const fn kind(spec: &ParameterSpec) -> Option<EntityKind> {
    match spec.kind {
        ParameterKind::Entity(kind) => Some(kind),
        ParameterKind::Team(_) => None,
    }
}

/// An entity in a field.
pub fn entity(kind: EntityKind, value: &str, role: &str) -> Entity {
    Entity {
        kind,
        value: value.into(),
        role: Role::new(role),
        provenance: Provenance::Field,
        handshake: Handshake::Unproven,
    }
}

fn alert(entities: Vec<Entity>, now: Timestamp) -> Alert {
    let named: BTreeMap<&str, &str> = entities
        .iter()
        .map(|entity| (entity.role.as_str(), entity.value.as_str()))
        .collect();
    let raw = json!({ "about": named });
    Alert {
        tenant: TenantId::new(TENANT),
        source: SourceId::new("guardduty"),
        origin: Origin::Route {
            key: "key-1".into(),
            sender: None,
        },
        detection_id: Some("Policy:Made/Case".into()),
        rule_version: None,
        title: "something that people settled before".into(),
        severity: Some(Severity::Medium),
        raw_severity: Some("5".into()),
        occurred_at: Some(now - SignedDuration::from_mins(MINUTES_SINCE)),
        received_at: now,
        facets: vec![
            Facet::new("account", Some("111122223333".into()), SetBy::Environment),
            Facet::new("call", Some("PutPolicy".into()), SetBy::Actor),
        ],
        fingerprint: Digest::of_bytes(b"made"),
        occurrence_id: "occurrence-1".into(),
        status: Status::Firing,
        attack: Vec::new(),
        owner_hints: Vec::new(),
        links: Vec::new(),
        reading: Reading::Whole,
        raw,
        entities,
    }
}

/// The scope of `alert`, strict.
pub fn scope(alert: &Alert) -> Scope {
    let facets = alert.facets.iter();
    Scope {
        tenant: alert.tenant.clone(),
        source: alert.source.clone(),
        detection_id: alert.detection_id.clone().unwrap_or_default(),
        facets: facets
            .map(|facet| (facet.key.clone(), facet.value.clone().unwrap_or_default()))
            .collect(),
        breadth: Breadth::Strict,
    }
}

/// Facts of a live store in which nothing speaks against a fire: stage full, attested, nothing switched off, nothing started.
pub fn facts(rows: Vec<Precedent>, rules: &Rules, now: Timestamp) -> Facts {
    Facts {
        store: StoreKind::Live,
        evidence: Evidence {
            total: u64::try_from(rows.len()).unwrap_or(u64::MAX),
            rows: rows.into(),
            quarantine: Known::Read(BTreeSet::new()),
        },
        look_alikes: Vec::new(),
        occurrence_seen: Known::Read(None),
        gate: GateState {
            kills: Known::Read(BTreeSet::new()),
            stage: Known::Read(Stage::Full),
            attestation: Known::Read(Some(Attestation {
                release: Arc::clone(&rules.release),
                issued: now - SignedDuration::from_hours(24),
                until: now + SignedDuration::from_hours(24),
            })),
            outdated: Vec::new(),
            demoted: Known::Read(BTreeSet::new()),
        },
        starts: Known::Read(Vec::new()),
        draw: Ppm::new(0),
        blind_draw: Ppm::ONE,
        endpoints: Vec::new(),
    }
}
