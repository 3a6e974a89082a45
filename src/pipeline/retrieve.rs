//! Retrieve: the text by which an alert and a precedent are compared, and what was found. It ranks; it decides nothing.

use std::fmt::Write as _;

use crate::{
    domain::{alert::Alert, event::LookAlike, facts::Facts, id::TenantId, precedent::Precedent},
    ports::{Embedder, Fault, Hit, VectorStore},
};

/// How many look-alikes are kept.
pub const LOOK_ALIKES_MAX: usize = 8;

/// The precedents nearest to `alert`, best first.
pub async fn retrieve(
    alert: &Alert,
    facts: &Facts,
    embedder: &dyn Embedder,
    index: &dyn VectorStore,
) -> Result<Vec<LookAlike>, Fault> {
    let embeddings = embedder.embed(&[text_of_alert(alert)]).await?;
    let [query] = embeddings.as_slice() else {
        return Err(Fault::Permanent(format!(
            "the embedder answered {} embeddings to 1 text",
            embeddings.len()
        )));
    };
    let hits = index.search(&alert.tenant, query, LOOK_ALIKES_MAX).await?;
    Ok(hits
        .into_iter()
        .filter(|hit| is_of(&alert.tenant, hit))
        .map(|hit| LookAlike {
            in_scope: hit.precedent.origin == facts.store.counts()
                && hit.precedent.scope.covers(alert),
            score_ppm: hit.score_ppm,
            precedent: hit.precedent.id,
        })
        .collect())
}

/// An index that mixed tenants up must not show one tenant's past to another.
fn is_of(tenant: &TenantId, hit: &Hit) -> bool {
    hit.precedent.scope.tenant == *tenant
}

/// What an alert is compared by: title, detection and facets.
pub fn text_of_alert(alert: &Alert) -> String {
    let detection = alert.detection_id.as_deref().unwrap_or_default();
    let facets = alert
        .facets
        .iter()
        .filter_map(|facet| Some((facet.key.as_str(), facet.value.as_deref()?)));
    text(&alert.title, detection, facets)
}

/// What a precedent is compared by: summary, detection and facets.
pub fn text_of_precedent(precedent: &Precedent) -> String {
    let facets = precedent.scope.facets.iter();
    text(
        &precedent.summary,
        &precedent.scope.detection_id,
        facets.map(|(key, value)| (key.as_str(), value.as_str())),
    )
}

fn text<'a>(
    prose: &str,
    detection: &str,
    facets: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut text = format!("{prose}\n{detection}");
    for (key, value) in facets {
        // Writing to a string cannot fail.
        let _written = write!(text, "\n{key} {value}");
    }
    text
}
