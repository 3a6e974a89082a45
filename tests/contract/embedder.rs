//! What every `Embedder` keeps.

use tierone::{
    outbound::lexical::Lexical,
    ports::{Embedder, Embedding},
};

#[tokio::test]
async fn the_lexical_embedder_keeps_the_contract() {
    keeps_the_contract(&Lexical).await;
}

async fn keeps_the_contract(embedder: &dyn Embedder) {
    one_embedding_a_text_in_order(embedder).await;
    the_same_text_has_the_same_embedding(embedder).await;
    ids_rise_and_weights_are_numbers(embedder).await;
    texts_of_any_size_are_taken(embedder).await;
}

const TEXTS: [&str; 7] = [
    "svc-backup filled /srv/backup on backup-01",
    "door held open: loading dock",
    "",
    "door held open: loading dock",
    "   \n\t",
    "an 198.51.100.7 IPv6 2001:db8::7 in a log",
    "Größe, 日本 und \u{202e}verkehrt\u{0}",
];

async fn embed<T: AsRef<str>>(embedder: &dyn Embedder, texts: &[T]) -> Vec<Embedding> {
    let texts: Vec<String> = texts.iter().map(|text| text.as_ref().to_owned()).collect();
    embedder.embed(&texts).await.unwrap()
}

async fn one_embedding_a_text_in_order(embedder: &dyn Embedder) {
    let together = embed(embedder, &TEXTS).await;
    assert_eq!(together.len(), TEXTS.len());
    for (text, embedding) in TEXTS.iter().zip(&together) {
        assert_eq!(
            embed(embedder, &[text]).await,
            std::slice::from_ref(embedding),
            "{text}"
        );
    }
    assert_eq!(embed::<&str>(embedder, &[]).await, []);
}

async fn the_same_text_has_the_same_embedding(embedder: &dyn Embedder) {
    let embeddings = embed(embedder, &TEXTS).await;
    assert_eq!(embeddings, embed(embedder, &TEXTS).await);
    assert_eq!(embeddings[1], embeddings[3]);
    assert_ne!(embeddings[0], embeddings[1]);
}

async fn ids_rise_and_weights_are_numbers(embedder: &dyn Embedder) {
    for embedding in embed(embedder, &TEXTS).await {
        let entries = embedding.entries;
        assert!(entries.is_sorted_by(|left, right| left.0 < right.0));
        assert!(entries.iter().all(|(_, weight)| weight.is_finite()));
    }
}

async fn texts_of_any_size_are_taken(embedder: &dyn Embedder) {
    let megabyte = "é 198.51.100.7 failed to log in; ".repeat(1_000_000 / 34 + 1);
    let one_word = "x".repeat(1_000_000);
    let texts = [megabyte, String::new(), one_word];
    let embeddings = embed(embedder, &texts).await;
    assert_eq!(embeddings.len(), 3);
    assert_eq!(embeddings[1], embed(embedder, &[""]).await[0]);
    assert_eq!(embeddings, embed(embedder, &texts).await);
}
