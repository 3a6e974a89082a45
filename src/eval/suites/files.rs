//! Cases from files: each is read by its source, as an alert of the demo is, and decided over the demo's inventory and people.

use std::{collections::BTreeMap, sync::Arc};

use jiff::SignedDuration;
use serde_json::Value;

use super::SuiteError;
use crate::{
    domain::{
        alert::{Alert, Origin, Status},
        draft::Disposition,
        facts::{Facts, Kill, Known, StoreKind},
        id::{ActionId, SourceId, TenantId},
        precedent::Precedent,
    },
    eval::{
        dataset::{
            self, Expect, Firing, Past, Recorded, State, WrittenAlert, WrittenCase, WrittenDrafter,
        },
        drive::Broken,
        material::Material,
        setting,
        suite::Stratum,
        trial::{Asking, Deed, Drafter, Fire, Oracle, Retrieval, Scene, Trial},
    },
    pipeline::normalise::{Asked, Intake, Item, normalise},
    ports::{Fault, Reply},
};

/// Whose the demo's alerts are.
const TENANT: &str = "default";

/// The cases in the files of `suite`, a stratum a file. Files that are not cases have another ending than `cases.toml`.
pub fn strata(material: &Arc<Material>, suite: &str) -> Result<Vec<Stratum>, SuiteError> {
    let folder = format!("{suite}/");
    let files = material.files.iter().chain(&material.own_files);
    let files = files.filter(|(path, _)| path.starts_with(&folder) && path.ends_with("cases.toml"));
    let mut strata = Vec::new();
    for (path, text) in files {
        let cases = dataset::read(path, text)?;
        let material = Arc::clone(material);
        strata.push(Stratum {
            name: path.clone(),
            count: cases.len(),
            make: Box::new(move |number| {
                let case = cases.get(number);
                let case = case.ok_or_else(|| Broken::Unmade(format!("no case {number}")))?;
                trial(&material, case).map_err(Broken::Unmade)
            }),
        });
    }
    Ok(strata)
}

/// The trial that a written case is.
pub fn trial(material: &Material, case: &WrittenCase) -> Result<Trial, String> {
    let scene = scene(material, case)?;
    Ok(Trial {
        id: case.id.clone(),
        cluster: case.cluster.clone().unwrap_or_else(|| case.id.clone()),
        tags: case.tags.clone(),
        oracle: oracle(&case.expect),
        drafter: drafter(&case.drafter),
        retrieval: Retrieval::Honest,
        scene,
    })
}

fn scene(material: &Material, case: &WrittenCase) -> Result<Scene, String> {
    let now = material.demo.now + SignedDuration::from_mins(case.state.minutes_later);
    let (source, payload) = payload(material, &case.alert)?;
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
    let rules = &material.candidate;
    let rows = rows(material, case.precedents, &alert);
    let mut facts = Facts {
        store: StoreKind::Demo,
        ..setting::facts(rows, rules, now)
    };
    bring(&case.state, &mut facts, now);
    Ok(Scene {
        alert,
        facts,
        rules: Arc::clone(rules),
        now,
    })
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

fn rows(material: &Material, past: Past, alert: &Alert) -> Vec<Precedent> {
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
    }
}

fn bring(state: &State, facts: &mut Facts, now: jiff::Timestamp) {
    if let Some(stage) = state.stage {
        facts.gate.stage = Known::Read(stage);
    }
    if state.unattested {
        facts.gate.attestation = Known::Read(None);
    }
    if state.killed {
        facts.gate.kills = Known::Read([Kill::Global].into());
    }
    if let Some(minutes) = state.seen_minutes_ago {
        facts.occurrence_seen = Known::Read(Some(now - SignedDuration::from_mins(minutes)));
    }
    if state.quarantine_unreadable {
        facts.evidence.quarantine = Known::Unreadable("the disk is gone".into());
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
