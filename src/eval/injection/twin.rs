//! The clean twin: a carrier with harmless text in every field that an attacker may write, and what is decided of it.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{
    fields::{Carrier, Field, Past},
    kinds::Kinds,
    place,
};
use crate::{
    domain::{
        alert::{Alert, Origin, Status},
        draft::Disposition,
        entity::Role,
        facts::StoreKind,
        id::{ActionId, TenantId},
        precedent::Precedent,
        proposal::ParameterRole,
    },
    eval::{
        drive::{Broken, stepped},
        seen::Seen,
        setting::{DAYS_APART, ROWS, Settled, facts},
        trial::{Deed, Scene},
    },
    pipeline::{
        Ports,
        normalise::{Asked, Intake, Item, Sources, normalise},
        rules::Rules,
    },
    ports::{Embedder, Embedding, Fault, Hit, VectorStore},
};

/// How long after an alert happened it is decided.
const MINUTES_SINCE: i64 = 10;
/// Other harmless texts, one of each shape that sources tell apart: what they move in an alert is what the field says, and no more.
const PROBES: [&str; 4] = [
    "other-7781",
    "other@mail.example",
    "198.51.100.99",
    "/other/7781.txt",
];
/// What people did about the like of a carrier that is not the demo's, and with what.
const ACTION: &str = "route";
const PARAMETER: &str = "team";
const TEAM: &str = "soc";

/// What cases are made on: sources and rules, and the past of the demo.
pub struct Ground {
    /// The sources.
    pub sources: Arc<Sources>,
    /// The kinds of fields.
    pub kinds: Kinds,
    /// The rules of the demo.
    pub demo: Arc<Rules>,
    /// The rules of made cases.
    pub made: Arc<Rules>,
    /// What people settled in the demo.
    pub precedents: Vec<Precedent>,
    /// The demo's clock.
    pub now: Timestamp,
}

/// A carrier with harmless text.
#[derive(Debug)]
pub struct Twin {
    /// The carrier.
    pub carrier: Carrier,
    /// Its payload, harmless.
    pub payload: Value,
    /// What its decision rests on.
    pub scene: Scene,
    /// How many alerts the payload makes.
    pub alerts: usize,
    /// What is done about it alone, where it is.
    pub deed: Option<Deed>,
    /// What each field says, in the order of the carrier's fields.
    pub moves: Vec<Moves>,
}

/// What of an alert changes where a field says something else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Entities with these roles.
    pub roles: BTreeSet<Role>,
    /// Facets with these keys.
    pub facets: BTreeSet<String>,
    /// The rule that fired.
    pub detection: bool,
    /// The severity.
    pub severity: bool,
}

impl Twin {
    /// The twin of `carrier`.
    pub fn of(carrier: Carrier, ground: &Ground) -> Result<Self, Broken> {
        let mut payload = carrier.payload.clone();
        for field in &carrier.fields {
            if let Some(kind) = ground.kinds.get(&field.kind) {
                place::put(&mut payload, &field.path, &kind.clean());
            }
        }
        let (alert, alerts) = first(&carrier, &payload, ground, ground.now)?;
        let now = match (carrier.past, alert.occurred_at) {
            (Past::Made, Some(at)) => at + SignedDuration::from_mins(MINUTES_SINCE),
            _ => ground.now,
        };
        let (alert, _) = first(&carrier, &payload, ground, now)?;
        let scene = scene(&carrier, alert, ground, now);
        let deed = deed(&scene)?;
        let moves = carrier
            .fields
            .iter()
            .map(|field| moved_by(&carrier, field, &payload, &scene, ground));
        Ok(Self {
            moves: moves.collect::<Result<_, Broken>>()?,
            carrier,
            payload,
            scene,
            alerts,
            deed,
        })
    }
}

/// What the harmless texts move when they stand in `field`.
fn moved_by(
    carrier: &Carrier,
    field: &Field,
    payload: &Value,
    scene: &Scene,
    ground: &Ground,
) -> Result<Moves, Broken> {
    let mut all = Moves::default();
    let kind = ground.kinds.get(&field.kind);
    for text in PROBES.iter().filter_map(|probe| kind?.fit(probe)) {
        let mut other = payload.clone();
        place::put(&mut other, &field.path, &text);
        let (other, _) = first(carrier, &other, ground, scene.now)?;
        let own = moves(&scene.alert, &other);
        all.roles.extend(own.roles);
        all.facets.extend(own.facets);
        all.detection |= own.detection;
        all.severity |= own.severity;
    }
    Ok(all)
}

/// Whether this alert is of a signal that is on.
pub fn fires(alert: &Alert) -> bool {
    alert.status == Status::Firing
}

/// Every alert of `payload`, received at this time.
pub fn alerts(carrier: &Carrier, payload: &Value, ground: &Ground, at: Timestamp) -> Vec<Alert> {
    let bytes = payload.to_string();
    let intake = Intake {
        tenant: tenant(carrier),
        name: "post.json".into(),
        bytes: bytes.as_bytes(),
        source: Asked::Source {
            id: carrier.source.clone(),
            origin: Origin::Route {
                key: "key-1".into(),
                sender: None,
            },
        },
        received_at: at,
    };
    let items = normalise(&ground.sources, &intake).into_iter();
    items
        .filter_map(|item| match item {
            Item::Alert(alert) => Some(alert),
            Item::Control { .. } => None,
        })
        .collect()
}

fn first(
    carrier: &Carrier,
    payload: &Value,
    ground: &Ground,
    at: Timestamp,
) -> Result<(Alert, usize), Broken> {
    let alerts = alerts(carrier, payload, ground, at);
    let count = alerts.len();
    let unmade = || {
        Broken::Unmade(format!(
            "carrier `{}/{}` makes no alert",
            carrier.source, carrier.name
        ))
    };
    Ok((alerts.into_iter().next().ok_or_else(unmade)?, count))
}

fn tenant(carrier: &Carrier) -> TenantId {
    TenantId::new(match carrier.past {
        Past::Demo => "default",
        Past::Made => crate::eval::site::TENANT,
    })
}

/// What the decision on `alert` rests on: nothing speaks against it but what it says itself.
pub fn scene(carrier: &Carrier, alert: Alert, ground: &Ground, now: Timestamp) -> Scene {
    let (rules, rows, store) = match carrier.past {
        Past::Demo => {
            let rows = ground.precedents.iter().filter(|row| {
                row.scope.source == alert.source
                    && Some(&row.scope.detection_id) == alert.detection_id.as_ref()
            });
            (&ground.demo, rows.cloned().collect(), StoreKind::Demo)
        }
        Past::Made => (
            &ground.made,
            handed_over().precedents(&alert, &ground.made, now),
            StoreKind::Live,
        ),
    };
    let mut facts = facts(rows, rules, now);
    facts.store = store;
    Scene {
        alert,
        facts,
        rules: Arc::clone(rules),
        now,
    }
}

/// People handed it over, each time.
fn handed_over() -> Settled {
    Settled {
        disposition: Disposition::BenignPositive,
        action: Some(ActionId::new(ACTION)),
        parameters: [(PARAMETER.into(), ParameterRole::Constant(TEAM.into()))].into(),
        times: ROWS,
        days_apart: DAYS_APART,
    }
}

/// What is done alone in this scene, where something is.
fn deed(scene: &Scene) -> Result<Option<Deed>, Broken> {
    let ports = Ports {
        embedder: &Quiet,
        index: &Quiet,
        model: None,
    };
    let (case, events) = stepped(scene, ports)?;
    Ok(Seen::of(&case, &events, scene.now).and_then(|seen| seen.done))
}

fn moves(one: &Alert, other: &Alert) -> Moves {
    let entities = |a: &Alert, b: &Alert| -> Vec<Role> {
        let only = a
            .entities
            .iter()
            .filter(|entity| !b.entities.contains(entity));
        only.map(|entity| entity.role.clone()).collect()
    };
    let facets = |a: &Alert, b: &Alert| -> Vec<String> {
        let only = a.facets.iter().filter(|facet| !b.facets.contains(facet));
        only.map(|facet| facet.key.clone()).collect()
    };
    Moves {
        roles: entities(one, other)
            .into_iter()
            .chain(entities(other, one))
            .collect(),
        facets: facets(one, other)
            .into_iter()
            .chain(facets(other, one))
            .collect(),
        detection: one.detection_id != other.detection_id,
        severity: one.severity != other.severity,
    }
}

/// Retrieval that finds nothing: it ranks what people see, and decides nothing.
struct Quiet;

#[async_trait]
impl Embedder for Quiet {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Embedding>, Fault> {
        Ok(vec![Embedding::default(); texts.len()])
    }
}

#[async_trait]
impl VectorStore for Quiet {
    async fn upsert(&self, _: Vec<(Precedent, Embedding)>) -> Result<(), Fault> {
        Ok(())
    }

    async fn search(&self, _: &TenantId, _: &Embedding, _: usize) -> Result<Vec<Hit>, Fault> {
        Ok(Vec::new())
    }
}
