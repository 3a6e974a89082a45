//! Routine: what people settled often enough must be done alone, whatever differs that does not matter. A gate that never fires fails here.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;

use super::{SuiteError, settings, shipped};
use crate::{
    domain::entity::EntityKind,
    eval::{
        material::Material,
        setting::{Setting, entity},
        site::Standing,
        suite::{Suite, all},
        trial::{Drafter, Fire, Oracle, Retrieval, Scene, Trial},
    },
    ports::Fault,
};

/// The suite's name.
pub const NAME: &str = "routine";

/// Something that differs and does not matter.
type Variation = (&'static str, fn(&mut Scene));

const VARIATIONS: [Variation; 8] = [
    ("as-before", |_| {}),
    ("another-title", |scene| {
        scene.alert.title = "the same in other words".into();
    }),
    ("another-occurrence", |scene| {
        scene.alert.occurrence_id = "occurrence-2".into();
    }),
    ("another-fingerprint", |scene| {
        scene.alert.fingerprint = crate::domain::canonical::Digest::of_bytes(b"another");
    }),
    ("an-hour-old", |scene| {
        scene.alert.occurred_at = Some(scene.now - SignedDuration::from_hours(1));
    }),
    ("clock-a-minute-ahead", |scene| {
        scene.alert.occurred_at = Some(scene.now + SignedDuration::from_mins(1));
    }),
    ("one-more-remark", |scene| {
        if let Some(members) = scene.alert.raw.as_object_mut() {
            members.insert("remark".into(), json!("seen on the second floor"));
        }
    }),
    ("one-more-bystander", |scene| {
        let bystander = entity(EntityKind::Process, "sshd", "related.process");
        scene.alert.entities.push(bystander);
    }),
];

/// Who drafts, and in which state retrieval is: a plan needs neither.
fn ways() -> [(&'static str, Drafter, Retrieval); 5] {
    let down = Fault::Transient("down".into());
    [
        ("own", Drafter::Own, Retrieval::Honest),
        ("echo", Drafter::Echo, Retrieval::Honest),
        (
            "own-index-down",
            Drafter::Own,
            Retrieval::Down(down.clone()),
        ),
        ("echo-index-down", Drafter::Echo, Retrieval::Down(down)),
        ("own-index-mute", Drafter::Own, Retrieval::Mute),
    ]
}

/// The suite over the candidate's catalogue: each action that the agent may take alone.
pub fn suite(material: &Arc<Material>) -> Result<Suite, SuiteError> {
    let mut trials = Vec::new();
    for setting in settings(material, &[Standing::Plain])? {
        if setting.action.autonomous {
            trials.extend(of(&setting));
        }
    }
    let mut suite = shipped(material, NAME, usize::MAX, vec![all("made", trials)]);
    suite.strata.extend(super::files::strata(material, NAME)?);
    Ok(suite)
}

fn of(setting: &Setting) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (name, vary) in VARIATIONS {
        for (way, drafter, retrieval) in ways() {
            let mut scene = setting.scene();
            vary(&mut scene);
            let cluster = format!("{}/{name}", setting.action.id);
            trials.push(Trial {
                id: format!("{cluster}/{way}"),
                cluster,
                tags: Vec::new(),
                scene,
                drafter,
                retrieval,
                oracle: Oracle {
                    fire: Fire::Must(setting.deed()),
                    ..setting.only()
                },
            });
        }
    }
    trials
}
