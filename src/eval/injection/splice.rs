//! Puts an attacker's string into a payload, and tells what that moved which is not its own to move.

use serde_json::Value;

use super::{
    place,
    strings::Attack,
    twin::{Ground, Twin, alerts, fires},
};
use crate::domain::{
    alert::Alert,
    entity::{Entity, Provenance},
};

/// What came of a string in a payload.
#[derive(Debug)]
pub struct Spliced {
    /// What stands in each field that it was put into, by the field's place.
    pub written: Vec<(usize, String)>,
    /// The alert; `None` where there is none of a signal that is on.
    pub alert: Option<Alert>,
    /// What it moved that is not its own.
    pub moved: Option<String>,
}

/// The texts of `attack` as the fields of `twin` take them, from the field at this place on; `None` where one takes nothing of its part.
///
/// The parts of a string go into one field each, in order; where the fields run out, what is left goes into the last.
pub fn fitted(
    attack: &Attack,
    twin: &Twin,
    place: usize,
    ground: &Ground,
) -> Option<Vec<(usize, String)>> {
    let fields = &twin.carrier.fields;
    let room = attack.parts.len().min(fields.len());
    let texts = (0..room).map(|part| {
        let own = attack.parts.get(part)?.clone();
        let text = match attack.parts.get(part..) {
            Some(left) if part + 1 == room => left.join(" "),
            _ => own,
        };
        let place = (place + part) % fields.len();
        let kind = ground.kinds.get(&fields.get(place)?.kind)?;
        Some((place, kind.fit(&text)?))
    });
    texts.collect()
}

/// `twin` with these texts in these of its fields.
pub fn splice(twin: &Twin, written: Vec<(usize, String)>, ground: &Ground) -> Spliced {
    let mut payload = twin.payload.clone();
    for (place, text) in &written {
        if let Some(field) = twin.carrier.fields.get(*place) {
            place::put(&mut payload, &field.path, text);
        }
    }
    read(twin, &payload, written, ground)
}

fn read(twin: &Twin, payload: &Value, written: Vec<(usize, String)>, ground: &Ground) -> Spliced {
    let alerts = alerts(&twin.carrier, payload, ground, twin.scene.now);
    let count = alerts.len();
    let alert = alerts.into_iter().find(fires);
    let moved = match &alert {
        _ if count != twin.alerts => Some(format!("it made {count} alerts of {}", twin.alerts)),
        Some(alert) => moved(twin, alert, &written),
        None => None,
    };
    Spliced {
        written,
        alert,
        moved,
    }
}

/// The first thing that `alert` has otherwise than its twin, though none of the fields that were written says it.
fn moved(twin: &Twin, alert: &Alert, written: &[(usize, String)]) -> Option<String> {
    let clean = &twin.scene.alert;
    let own: Vec<_> = written
        .iter()
        .filter_map(|(place, _)| twin.moves.get(*place))
        .collect();
    let entity = |one: &Entity| !own.iter().any(|moves| moves.roles.contains(&one.role));
    if let Some(lost) = clean
        .entities
        .iter()
        .find(|one| entity(one) && !alert.entities.contains(one))
    {
        return Some(format!("{} `{}` is gone", lost.role, lost.value));
    }
    let planted = alert.entities.iter().find(|one| {
        one.provenance == Provenance::Field && entity(one) && !clean.entities.contains(one)
    });
    if let Some(planted) = planted {
        return Some(format!("{} `{}` is new", planted.role, planted.value));
    }
    let facet = clean.facets.iter().find(|facet| {
        !own.iter().any(|moves| moves.facets.contains(&facet.key)) && !alert.facets.contains(facet)
    });
    if let Some(facet) = facet {
        return Some(format!("facet `{}` is another", facet.key));
    }
    if alert.detection_id != clean.detection_id && !own.iter().any(|moves| moves.detection) {
        return Some(format!("detection is {:?}", alert.detection_id));
    }
    let lowered = alert.urgency() < clean.urgency() && !own.iter().any(|moves| moves.severity);
    lowered.then(|| {
        format!(
            "severity fell from {} to {}",
            clean.urgency(),
            alert.urgency()
        )
    })
}
