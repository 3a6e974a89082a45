//! A release as JSON: the same for `release show` and `GET /v1/release`.

use serde::Serialize;

use crate::{
    app::release::show::Standing,
    domain::{facts::Known, release::Stage},
    pipeline::gate::attested::Attested,
};

/// A release as it stands.
#[derive(Serialize)]
pub struct ReleaseView {
    store: &'static str,
    release: String,
    components: Vec<ComponentView>,
    stage: Option<Stage>,
    attested: bool,
    attestation: String,
    until: Option<String>,
    missing: Vec<String>,
}

#[derive(Serialize)]
struct ComponentView {
    name: String,
    digest: Option<String>,
    attested: Option<String>,
}

impl ReleaseView {
    /// The view of `standing`.
    pub fn of(standing: &Standing) -> Self {
        let components = standing.components.iter();
        let until = if let Attested::Until(at) = standing.attested {
            Some(at)
        } else {
            None
        };
        Self {
            store: standing.store.word(),
            release: standing.digest.to_string(),
            components: components
                .map(|component| ComponentView {
                    name: component.name.clone(),
                    digest: component.digest.map(|digest| digest.to_string()),
                    attested: component.attested.map(|digest| digest.to_string()),
                })
                .collect(),
            stage: match standing.stage {
                Known::Read(stage) => Some(stage),
                Known::Unreadable(_) => None,
            },
            attested: until.is_some(),
            attestation: standing.attested.to_string(),
            until: until.map(|at| at.to_string()),
            missing: standing.missing.clone(),
        }
    }
}
