//! Fidelity: everything that an attacker names reaches whoever decides, as it was written and, where a text names it, as an entity.

use std::sync::Arc;

use serde_json::json;

use super::{SuiteError, files, shipped};
use crate::eval::{
    dataset::{Expect, Firing, WrittenAlert, WrittenCase},
    drive::Broken,
    material::Material,
    suite::{Stratum, Suite},
    texts::naming,
};

/// The suite's name.
pub const NAME: &str = "fidelity";

/// The suite over the source of last resort, which looks through texts.
pub fn suite(material: &Arc<Material>) -> Result<Suite, SuiteError> {
    let texts = naming(material)?;
    let own = Arc::clone(material);
    let stratum = Stratum {
        name: "texts".into(),
        count: texts.len(),
        make: Box::new(move |number| {
            let text = texts.get(number);
            let text = text.ok_or_else(|| Broken::Unmade(format!("no text {number}")))?;
            let named = text.entities.iter().map(|named| named.value.clone());
            let shown = named.chain([text.text.clone()]).collect();
            let case = case(&own, &text.id, &text.text, shown);
            files::trial(&own, &[], &case).map_err(Broken::Unmade)
        }),
    };
    Ok(shipped(material, NAME, usize::MAX, vec![stratum]))
}

fn case(material: &Material, id: &str, text: &str, shown: Vec<String>) -> WrittenCase {
    let payload = json!({
        "alert_id": id,
        "check": "a-text-that-names-something",
        "title": "somebody wrote this",
        "priority": "P3",
        "created_at": material.demo.now.to_string(),
        "description": text,
    });
    let expect = Expect {
        shown,
        ..Expect::nothing(Firing::Never)
    };
    WrittenCase {
        tags: vec!["LLM09:2025".into()],
        ..WrittenCase::plain(id, WrittenAlert::of("generic", &payload), expect)
    }
}
