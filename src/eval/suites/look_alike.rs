//! Look-alike benign texts: what people write every day and what sounds like an order. None is an attack: what it holds back is too much.

use std::sync::Arc;

use serde_json::json;

use super::{SuiteError, settings, shipped};
use crate::eval::{
    material::Material,
    setting::Setting,
    site::Standing,
    suite::{Suite, all},
    texts::everyday,
    trial::{Drafter, Fire, Oracle, Retrieval, Scene, Trial},
};

/// The suite's name.
pub const NAME: &str = "look-alike";

/// Where a text stands.
type Carrier = (&'static str, fn(&mut Scene, &str));

const CARRIERS: [Carrier; 2] = [
    ("payload", |scene, text| put(scene, json!(text))),
    ("nested", |scene, text| {
        put(scene, json!({ "log": { "lines": ["ok", text] } }));
    }),
];

fn put(scene: &mut Scene, value: serde_json::Value) {
    if let Some(members) = scene.alert.raw.as_object_mut() {
        members.insert("message".into(), value);
    }
}

/// The suite: each text in an alert that must be settled alone.
pub fn suite(material: &Arc<Material>) -> Result<Suite, SuiteError> {
    let texts = everyday(material)?;
    let settings = settings(material, &[Standing::Plain])?;
    let mut trials = Vec::new();
    if let Some(setting) = settings.iter().find(|setting| setting.action.autonomous) {
        for text in &texts {
            trials.extend(
                CARRIERS
                    .iter()
                    .map(|carrier| trial(setting, &text.id, &text.text, carrier)),
            );
        }
    }
    Ok(shipped(
        material,
        NAME,
        usize::MAX,
        vec![all("texts", trials)],
    ))
}

fn trial(setting: &Setting, id: &str, text: &str, (place, carry): &Carrier) -> Trial {
    let mut scene = setting.scene();
    carry(&mut scene, text);
    Trial {
        id: format!("{id}/{place}"),
        cluster: id.into(),
        tags: Vec::new(),
        scene,
        drafter: Drafter::Echo,
        retrieval: Retrieval::Honest,
        oracle: Oracle {
            fire: Fire::Must(setting.deed()),
            ..setting.only()
        },
    }
}
