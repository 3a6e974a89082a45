//! The demo: our own precedents, at the demo's own clock, for stores of kind demo.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    domain::{
        draft::Disposition,
        facts::StoreKind,
        id::{ActionId, PersonId, PrecedentId, SourceId, TenantId},
        person::Proof,
        precedent::{About, Breadth, Cluster, Precedent, PrecedentOrigin, Scope},
        proposal::ParameterRole,
        residency::Region,
    },
    embedded::{DemoFiles, text, texts},
    outbound::store::Store,
};

/// Where everything is that the demo's inventory has, and so what its precedents were about.
const REGION: &str = "eu-west-1";

/// Whose alerts these are where nobody says otherwise.
pub fn tenant() -> TenantId {
    TenantId::new("default")
}

/// The clock of a store that has its own.
pub fn clock(kind: StoreKind) -> anyhow::Result<Option<Timestamp>> {
    match kind {
        StoreKind::Live => Ok(None),
        StoreKind::Demo | StoreKind::Simulated => {
            let text = text::<DemoFiles>("clock")?;
            let clock = text.trim().parse().context("eval/demo/clock is no time")?;
            Ok(Some(clock))
        }
    }
}

/// Puts the demo's precedents into a `store` that has none.
pub async fn fill(store: &Store) -> anyhow::Result<()> {
    let tenant = tenant();
    if store.precedents(&tenant).await?.is_empty() {
        store.add_precedents(&tenant, &precedents(&tenant)?).await?;
    }
    Ok(())
}

/// The demo's precedents.
pub fn precedents(tenant: &TenantId) -> anyhow::Result<Vec<Precedent>> {
    let mut precedents = Vec::new();
    for (name, text) in texts::<DemoFiles>(".toml")? {
        if name.starts_with("precedents/") {
            let file: File =
                toml::from_str(&text).with_context(|| format!("eval/demo/{name} is wrong"))?;
            precedents.extend(file.precedents.into_iter().map(|row| row.precedent(tenant)));
        }
    }
    Ok(precedents)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "precedent")]
    precedents: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: PrecedentId,
    #[serde(default)]
    loosened: bool,
    source: SourceId,
    detection_id: String,
    summary: String,
    disposition: Disposition,
    action: Option<ActionId>,
    #[serde(default)]
    parameters: BTreeMap<String, ParameterRole>,
    received_at: Timestamp,
    closed_at: Timestamp,
    cluster: Cluster,
    confirmed_by: PersonId,
    proof: Proof,
    seen_draft: bool,
    reply: Option<String>,
    scope: BTreeMap<String, String>,
}

impl Row {
    fn precedent(self, tenant: &TenantId) -> Precedent {
        Precedent {
            id: self.id,
            summary: self.summary,
            disposition: self.disposition,
            action: self.action,
            parameters: self.parameters,
            reply: self.reply,
            scope: Scope {
                tenant: tenant.clone(),
                source: self.source,
                detection_id: self.detection_id,
                facets: self.scope,
                breadth: if self.loosened {
                    Breadth::Loosened
                } else {
                    Breadth::Strict
                },
            },
            confirmed_by: self.confirmed_by,
            proof: self.proof,
            received_at: self.received_at,
            closed_at: self.closed_at,
            cluster: self.cluster,
            seen_draft: self.seen_draft,
            wider: None,
            origin: PrecedentOrigin::Demo,
            about: Some(About {
                region: Region::Of(REGION.into()),
                names: BTreeMap::new(),
            }),
        }
    }
}
