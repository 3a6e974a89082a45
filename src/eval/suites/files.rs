//! Cases from files: each is read by its source, as an alert of the demo is, and decided over the demo's inventory and people.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::SuiteError;
use crate::{
    domain::{
        alert::{Alert, Origin, Status},
        asset::Asset,
        canonical::Digest,
        draft::Disposition,
        facts::{Facts, Kill, Known, Start, StoreKind},
        id::{ActionId, SourceId, TenantId},
        precedent::Precedent,
    },
    eval::{
        dataset::{
            self, Expect, Firing, Past, Recorded, State, WrittenAlert, WrittenAttack, WrittenCase,
            WrittenDrafter, WrittenRetrieval,
        },
        drive::Broken,
        injection::{carried::attacks, place, strings::Attack},
        material::Material,
        setting,
        suite::Stratum,
        trial::{Asking, Deed, Drafter, Fire, Oracle, Retrieval, Scene, Trial},
    },
    pipeline::{
        normalise::{Asked, Intake, Item, normalise},
        rules::Rules,
    },
    ports::{Fault, Reply},
};

/// Whose the demo's alerts are.
const TENANT: &str = "default";

/// The cases in the files of `suite`: those of a file are a stratum, but for those that name another. Files that are not cases have another
/// ending than `cases.toml`.
pub fn strata(material: &Arc<Material>, suite: &str) -> Result<Vec<Stratum>, SuiteError> {
    let folder = format!("{suite}/");
    let files = material.files.iter().chain(&material.own_files);
    let files = files.filter(|(path, _)| path.starts_with(&folder) && path.ends_with("cases.toml"));
    let mut strata: BTreeMap<String, Vec<WrittenCase>> = BTreeMap::new();
    let attacks: Arc<[Attack]> = attacks(material)?.into();
    for (path, text) in files {
        for case in dataset::read(path, text)? {
            let name = case.stratum.as_ref().unwrap_or(path).clone();
            strata.entry(name).or_default().push(case);
        }
    }
    let stratum = |(name, cases): (String, Vec<WrittenCase>)| {
        let (material, attacks) = (Arc::clone(material), Arc::clone(&attacks));
        Stratum {
            name,
            count: cases.len(),
            make: Box::new(move |number| {
                let case = cases.get(number);
                let case = case.ok_or_else(|| Broken::Unmade(format!("no case {number}")))?;
                trial(&material, &attacks, case).map_err(Broken::Unmade)
            }),
        }
    };
    Ok(strata.into_iter().map(stratum).collect())
}

/// The trial that a written case is. `attacks` are the strings that it may name.
pub fn trial(material: &Material, attacks: &[Attack], case: &WrittenCase) -> Result<Trial, String> {
    let (source, mut payload) = payload(material, &case.alert)?;
    let mut tags = case.tags.clone();
    if let Some(attack) = &case.attack {
        let (text, more) = attacked(attack, attacks)?;
        payload = carrying(&payload, &attack.at, &text)?;
        tags.extend(more);
    }
    Ok(Trial {
        id: case.id.clone(),
        cluster: case.cluster.clone().unwrap_or_else(|| case.id.clone()),
        tags,
        oracle: oracle(&case.expect),
        drafter: drafter(&case.drafter),
        retrieval: retrieval(case.retrieval),
        scene: scene(material, case, source, &payload)?,
    })
}

/// What the attacker writes, and the numbers under which that is known.
fn attacked(attack: &WrittenAttack, attacks: &[Attack]) -> Result<(String, Vec<String>), String> {
    let (text, tags) = match (&attack.string, &attack.text) {
        (Some(id), _) => {
            let known = attacks.iter().find(|known| known.id == *id);
            let known = known.ok_or_else(|| format!("there is no string `{id}`"))?;
            (known.parts.join(" "), known.tags.clone())
        }
        (None, text) => (text.clone().unwrap_or_default(), Vec::new()),
    };
    Ok((attack.variant.write(&text), tags))
}

fn carrying(payload: &str, at: &str, text: &str) -> Result<String, String> {
    let mut payload: Value = serde_json::from_str(payload).map_err(|cause| cause.to_string())?;
    let put = place::put(&mut payload, at, text);
    put.then(|| payload.to_string())
        .ok_or_else(|| format!("nothing at `{at}` takes a text"))
}

fn scene(
    material: &Material,
    case: &WrittenCase,
    source: String,
    payload: &str,
) -> Result<Scene, String> {
    let now = material.demo.now + SignedDuration::from_mins(case.state.minutes_later);
    let intake = Intake {
        tenant: TenantId::new(case.state.tenant.as_deref().unwrap_or(TENANT)),
        name: case.id.clone(),
        bytes: payload.as_bytes(),
        source: Asked::Source {
            id: SourceId::new(source),
            origin: Origin::Named,
        },
        received_at: now,
    };
    let alerts = normalise(&material.sources, &intake)
        .into_iter()
        .filter_map(|item| match item {
            Item::Alert(alert) if alert.status == Status::Firing => Some(alert),
            Item::Alert(_) | Item::Control { .. } => None,
        });
    let alert = alerts.into_iter().nth(case.alert.number);
    let alert =
        alert.ok_or_else(|| format!("the payload has no firing alert {}", case.alert.number))?;
    let rules = owning(&material.candidate, &case.state.assets)?;
    let rows = rows(material, &rules, &case.precedents, &alert, now);
    let mut scene = Scene {
        facts: Facts {
            store: StoreKind::Demo,
            ..setting::facts(rows, &rules, now)
        },
        alert,
        rules,
        now,
    };
    bring(&case.state, &mut scene);
    Ok(scene)
}

/// The rules, with these assets in the inventory.
fn owning(rules: &Arc<Rules>, assets: &[Asset]) -> Result<Arc<Rules>, String> {
    let mut rules = Arc::clone(rules);
    if assets.is_empty() {
        return Ok(rules);
    }
    let own = Arc::make_mut(&mut rules);
    let inventory = own.inventory.get_or_insert_default();
    inventory
        .assets
        .retain(|known| assets.iter().all(|asset| asset.id != known.id));
    inventory.assets.extend_from_slice(assets);
    own.data.inventory = Digest::of(inventory).map_err(|cause| cause.to_string())?;
    Ok(rules)
}

/// The source and the payload, with its changes.
fn payload(material: &Material, alert: &WrittenAlert) -> Result<(String, String), String> {
    let (source, text) = match (&alert.demo, &alert.source, &alert.payload) {
        (Some(path), ..) => {
            let bytes = material.demo.alerts.get(path);
            let bytes = bytes.ok_or_else(|| format!("the demo has no alert `{path}`"))?;
            let source = path.split('/').next().unwrap_or_default();
            (
                source.to_owned(),
                String::from_utf8_lossy(bytes).into_owned(),
            )
        }
        (None, Some(source), Some(payload)) => (source.clone(), payload.clone()),
        (None, ..) => return Err("no alert is named".into()),
    };
    if alert.set.is_empty() {
        return Ok((source, text));
    }
    let mut payload: Value = serde_json::from_str(&text).map_err(|cause| cause.to_string())?;
    for change in &alert.set {
        let place = payload.pointer_mut(&change.at);
        let place = place.ok_or_else(|| format!("nothing stands at `{}`", change.at))?;
        *place = serde_json::to_value(&change.value).map_err(|cause| cause.to_string())?;
    }
    Ok((source, payload.to_string()))
}

fn rows(
    material: &Material,
    rules: &Rules,
    past: &Past,
    alert: &Alert,
    now: Timestamp,
) -> Vec<Precedent> {
    let of_key = |row: &&Precedent| {
        row.scope.tenant == alert.tenant
            && row.scope.source == alert.source
            && Some(&row.scope.detection_id) == alert.detection_id.as_ref()
    };
    match past {
        Past::None => Vec::new(),
        Past::Demo => material
            .demo
            .precedents
            .iter()
            .filter(of_key)
            .cloned()
            .collect(),
        Past::Settled(settled) => {
            let rows = settled.precedents(alert, rules, now).into_iter();
            let origin = StoreKind::Demo.counts();
            rows.map(|row| Precedent { origin, ..row }).collect()
        }
    }
}

fn bring(state: &State, scene: &mut Scene) {
    let ago = |minutes: i64| scene.now - SignedDuration::from_mins(minutes);
    let starts = state.started.iter().flat_map(|written| {
        let start = Start {
            action: written.action.clone(),
            targets: written.targets.clone(),
            at: ago(written.minutes_ago),
        };
        std::iter::repeat_n(start, written.times)
    });
    let facts = &mut scene.facts;
    facts.starts = Known::Read(starts.collect());
    facts.gate.demoted = Known::Read(state.demoted.clone());
    if let Some(stage) = state.stage {
        facts.gate.stage = Known::Read(stage);
    }
    if state.killed {
        facts.gate.kills = Known::Read([Kill::Global].into());
    }
    if let Some(minutes) = state.seen_minutes_ago {
        facts.occurrence_seen = Known::Read(Some(ago(minutes)));
    }
    for fault in &state.faults {
        fault.happen(scene);
    }
}

fn retrieval(written: WrittenRetrieval) -> Retrieval {
    match written {
        WrittenRetrieval::Honest => Retrieval::Honest,
        WrittenRetrieval::Down => Retrieval::Down(Fault::Transient("down".into())),
        WrittenRetrieval::Mute => Retrieval::Mute,
        WrittenRetrieval::FindsNothing => Retrieval::Finds(Vec::new()),
    }
}

fn drafter(written: &WrittenDrafter) -> Drafter {
    match written {
        WrittenDrafter::Own => Drafter::Own,
        WrittenDrafter::Echo => Drafter::Echo,
        WrittenDrafter::Down => Drafter::Fails(Fault::Transient("down".into())),
        WrittenDrafter::AlwaysCloses => says(Recorded {
            disposition: Disposition::FalsePositive,
            action: Some(ActionId::new(crate::domain::action::CLOSE)),
            parameters: BTreeMap::new(),
            rationale: "Nothing to see here.".into(),
            reply: None,
        }),
        WrittenDrafter::Recorded(recorded) => says(recorded.clone()),
    }
}

fn says(recorded: Recorded) -> Drafter {
    let Recorded {
        disposition,
        action,
        parameters,
        rationale,
        reply,
    } = recorded;
    Drafter::Says(Reply {
        disposition,
        action,
        parameters,
        rationale,
        citations: Vec::new(),
        reply,
        tokens: 1,
    })
}

fn oracle(expect: &Expect) -> Oracle {
    let deed = expect.action.clone().map(|action| Deed {
        action,
        parameters: expect.parameters.clone(),
    });
    Oracle {
        fire: match (expect.fire, deed) {
            (Firing::May, Some(deed)) => Fire::Only(deed),
            (Firing::Must, Some(deed)) => Fire::Must(deed),
            _ => Fire::Never,
        },
        targets: expect.targets.clone(),
        refuse: expect.refuse,
        codes: expect.codes.clone(),
        ask: expect.minutes.map(|minutes| Asking {
            group: expect.group.clone(),
            minutes,
        }),
        shown: expect.shown.clone(),
        hidden: expect.hidden.clone(),
        made: Vec::new(),
    }
}
