//! Mutation, its cases: one fact broken at a time, each held back by the condition that reads it and by no other. What becomes of them
//! when that condition is left out is in `eval::mutation`.

use std::sync::Arc;

use super::shipped;
use crate::{
    domain::decision::Code,
    eval::{
        broken_fact,
        drive::Broken,
        material::Material,
        mutation::{Untried, setting},
        suite::{Stratum, Suite},
        trial::{Oracle, Retrieval, Trial},
    },
};

/// The suite's name.
pub const NAME: &str = "mutation";

/// The suite over this build's own conditions.
pub fn suite(material: &Arc<Material>) -> Result<Suite, Untried> {
    let setting = setting(material)?;
    let stratum = Stratum {
        name: "conditions".into(),
        count: Code::ALL.len(),
        make: Box::new(move |number| {
            let code = Code::ALL.get(number);
            let code = *code.ok_or_else(|| Broken::Unmade(format!("no condition {number}")))?;
            let broken = broken_fact::of(code, &setting);
            Ok(Trial {
                id: format!("broken/{}", code.text()),
                cluster: code.text().into(),
                tags: Vec::new(),
                scene: broken.scene,
                drafter: broken.drafter,
                retrieval: Retrieval::Honest,
                oracle: Oracle {
                    codes: vec![code],
                    refuse: broken_fact::refuses(code),
                    ..Oracle::default()
                },
            })
        }),
    };
    Ok(shipped(material, NAME, usize::MAX, vec![stratum]))
}
