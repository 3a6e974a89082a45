//! Has a draft written about a world, and keeps every try.

use tierone::{
    app::drafting::{Errand, Models, Tried, Written},
    domain::{case::Spent, precedent::Precedent},
    pipeline::{
        prompt::sheet::{Seen, Subject},
        redact::Redaction,
    },
};

use crate::support::world::World;

/// What is asked about, as the driver would have it.
pub fn seen(rows: &[Precedent]) -> Vec<Seen<'_>> {
    rows.iter()
        .map(|row| Seen {
            row,
            in_scope: true,
        })
        .collect()
}

/// The draft about `world`, and every try.
pub async fn write(models: &Models, world: &World) -> (Result<Written, String>, Vec<Tried>) {
    let rows = seen(&world.facts.evidence.rows);
    let errand = Errand {
        subject: Subject {
            alert: &world.alert,
            precedents: &rows,
            rules: &world.rules,
            now: world.now,
        },
        spent: Spent::default(),
        chance: [3; 32],
    };
    let mut tried = Vec::new();
    let written = models.write(&errand, &mut tried).await;
    (written, tried)
}

/// The rules of redaction, read once.
pub fn redaction() -> &'static Redaction {
    static RULES: std::sync::OnceLock<Redaction> = std::sync::OnceLock::new();
    RULES.get_or_init(|| tierone::app::rules::redaction().unwrap().clone())
}
