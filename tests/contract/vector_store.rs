//! What every `VectorStore` keeps.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tierone::{
    domain::{
        draft::Disposition,
        id::{PersonId, PrecedentId, SourceId, TenantId},
        person::Proof,
        precedent::{Breadth, Cluster, Precedent, PrecedentOrigin, Scope},
    },
    outbound::embedded_index::EmbeddedIndex,
    ports::{Embedding, VectorStore},
};

#[tokio::test]
async fn the_embedded_index_keeps_the_contract() {
    keeps_the_contract(|| Box::new(EmbeddedIndex::default())).await;
}

/// `empty` makes a store with nothing in it.
async fn keeps_the_contract(empty: impl Fn() -> Box<dyn VectorStore>) {
    nothing_is_found_in_an_empty_store(&*empty()).await;
    the_best_come_first_and_ties_go_by_id(&*empty()).await;
    the_limit_keeps_the_best(&*empty()).await;
    a_precedent_of_the_same_id_is_replaced(&*empty()).await;
    no_tenant_finds_what_another_has(&*empty()).await;
    scores_are_shares(&*empty()).await;
}

fn precedent(tenant: &str, id: &str, summary: &str) -> Precedent {
    Precedent {
        id: PrecedentId::new(id),
        summary: summary.into(),
        disposition: Disposition::BenignPositive,
        action: None,
        parameters: BTreeMap::new(),
        reply: None,
        scope: Scope {
            tenant: TenantId::new(tenant),
            source: SourceId::new("badge"),
            detection_id: "door_held_open".into(),
            facets: BTreeMap::new(),
            breadth: Breadth::Strict,
        },
        confirmed_by: PersonId::new("mira"),
        proof: Proof::Oidc,
        received_at: Timestamp::UNIX_EPOCH,
        closed_at: Timestamp::UNIX_EPOCH,
        cluster: Cluster::none(),
        seen_draft: false,
        wider: None,
        origin: PrecedentOrigin::Lived,
        about: None,
    }
}

/// Unit length, over tokens 1 to 9.
fn embedding(tokens: &[u32]) -> Embedding {
    let share = u16::try_from(tokens.len()).unwrap();
    let weight = 1.0 / f32::from(share).sqrt();
    Embedding {
        entries: tokens.iter().map(|token| (*token, weight)).collect(),
    }
}

async fn put(store: &dyn VectorStore, tenant: &str, rows: &[(&str, &[u32])]) {
    let rows = rows
        .iter()
        .map(|(id, tokens)| (precedent(tenant, id, id), embedding(tokens)));
    store.upsert(rows.collect()).await.unwrap();
}

async fn found(store: &dyn VectorStore, tenant: &str, tokens: &[u32], limit: usize) -> Vec<String> {
    let query = embedding(tokens);
    let hits = store.search(&TenantId::new(tenant), &query, limit).await;
    let hits = hits.unwrap().into_iter();
    hits.map(|hit| hit.precedent.id.as_str().to_owned())
        .collect()
}

async fn nothing_is_found_in_an_empty_store(store: &dyn VectorStore) {
    assert!(found(store, "acme", &[1, 2], 10).await.is_empty());
    put(store, "acme", &[]).await;
    assert!(found(store, "acme", &[1, 2], 10).await.is_empty());
    put(store, "acme", &[("p-1", &[1, 2])]).await;
    assert!(found(store, "globex", &[1, 2], 10).await.is_empty());
    let nothing = Embedding::default();
    let hits = store.search(&TenantId::new("acme"), &nothing, 10).await;
    assert!(hits.unwrap().iter().all(|hit| hit.score_ppm == 0));
}

async fn the_best_come_first_and_ties_go_by_id(store: &dyn VectorStore) {
    let rows: [(&str, &[u32]); 4] = [
        ("p-9", &[1, 2]),
        ("p-2", &[1, 2]),
        ("p-5", &[1, 2, 3]),
        ("p-1", &[2, 7, 8, 9]),
    ];
    put(store, "acme", &rows).await;
    let ranked = ["p-5", "p-2", "p-9", "p-1"];
    assert_eq!(found(store, "acme", &[1, 2, 3], 10).await, ranked);
    let query = embedding(&[1, 2, 3]);
    let hits = store.search(&TenantId::new("acme"), &query, 10).await;
    let scores: Vec<u32> = hits.unwrap().iter().map(|hit| hit.score_ppm).collect();
    assert!(
        scores.is_sorted_by(|left, right| left >= right),
        "{scores:?}"
    );
    assert_eq!(scores[1], scores[2]);
}

async fn the_limit_keeps_the_best(store: &dyn VectorStore) {
    let rows: [(&str, &[u32]); 3] = [("p-1", &[1, 8, 9]), ("p-2", &[1, 2]), ("p-3", &[1, 2, 3])];
    put(store, "acme", &rows).await;
    assert_eq!(found(store, "acme", &[1, 2, 3], 2).await, ["p-3", "p-2"]);
    assert!(found(store, "acme", &[1, 2, 3], 0).await.is_empty());
    assert_eq!(found(store, "acme", &[1, 2, 3], usize::MAX).await.len(), 3);
}

async fn a_precedent_of_the_same_id_is_replaced(store: &dyn VectorStore) {
    put(store, "acme", &[("p-1", &[1, 2]), ("p-2", &[5, 6])]).await;
    let again = precedent("acme", "p-1", "what was learned later");
    store
        .upsert(vec![(again.clone(), embedding(&[3, 4]))])
        .await
        .unwrap();
    assert!(found(store, "acme", &[1, 2], 10).await.is_empty());
    let query = embedding(&[3, 4]);
    let hits = store.search(&TenantId::new("acme"), &query, 10).await;
    let hits: Vec<Precedent> = hits.unwrap().into_iter().map(|hit| hit.precedent).collect();
    assert_eq!(hits, [again]);
    assert_eq!(found(store, "acme", &[5, 6], 10).await, ["p-2"]);
}

async fn no_tenant_finds_what_another_has(store: &dyn VectorStore) {
    put(store, "acme", &[("p-1", &[1, 2])]).await;
    put(store, "globex", &[("p-1", &[3, 4]), ("p-2", &[1, 2])]).await;
    assert_eq!(found(store, "acme", &[1, 2, 3, 4], 10).await, ["p-1"]);
    assert!(found(store, "acme", &[3, 4], 10).await.is_empty());
    assert_eq!(found(store, "globex", &[1, 2], 10).await, ["p-2"]);
}

async fn scores_are_shares(store: &dyn VectorStore) {
    put(store, "acme", &[("p-1", &[1, 2]), ("p-2", &[2, 3])]).await;
    let query = embedding(&[1, 2]);
    let hits = store.search(&TenantId::new("acme"), &query, 10).await;
    let hits = hits.unwrap();
    assert!(hits.iter().all(|hit| hit.score_ppm <= 1_000_000));
    assert!(hits[0].score_ppm > 990_000, "itself: {}", hits[0].score_ppm);
}
