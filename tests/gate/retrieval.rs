//! Retrieval ranks what people and models see. No change of it changes an effect, and no drafter turns an ask into a fire with it.

use tierone::{
    domain::{
        decision::{Decision, Effect},
        id::TenantId,
        precedent::Precedent,
    },
    outbound::{embedded_index::EmbeddedIndex, lexical::Lexical},
    ports::{Drafting, Embedder, VectorStore},
};

use super::table::TABLE;
use crate::support::{
    demo::{demo_precedents, demo_worlds},
    doubles::{Down, Echo, Finds, Mute},
    world::{Calls, World, decision},
};

fn substance(decision: &Decision) -> String {
    format!(
        "{:?} {:?} {:?} {:?}",
        decision.verdict, decision.would, decision.held_by, decision.proposal
    )
}

/// Hits that are not what a good index would find.
fn hostile(world: &World) -> Vec<Box<dyn VectorStore>> {
    let own = &world.facts.evidence.rows;
    let mut shuffled = own.to_vec();
    shuffled.reverse();
    let foreign = own.iter().cloned().map(|mut row: Precedent| {
        row.scope.tenant = TenantId::new("annex");
        row
    });
    vec![
        Box::new(EmbeddedIndex::default()),
        Box::new(Down),
        Box::new(Finds(shuffled)),
        Box::new(Finds(foreign.collect())),
        Box::new(Finds(demo_precedents())),
    ]
}

#[test]
fn no_change_of_retrieval_changes_an_effect_and_no_drafter_makes_an_ask_a_fire() {
    let mut worlds: Vec<World> = TABLE.iter().map(super::table::Row::world).collect();
    worlds.push(World::holding());
    worlds.extend(demo_worlds());
    let (mut tried, mut fired) = (0, 0);
    for world in &worlds {
        let usual = world.decision();
        fired += u32::from(usual.verdict.effect == Effect::Fire);
        for index in hostile(world) {
            tried += check(world, &Lexical, index.as_ref(), &usual);
        }
        tried += check(world, &Down, &EmbeddedIndex::default(), &usual);
        tried += check(world, &Mute, &EmbeddedIndex::default(), &usual);
    }
    println!(
        "retrieval: {} worlds, {fired} of which fire, {tried} changes",
        worlds.len()
    );
    assert!(fired >= 5);
}

fn check(world: &World, embedder: &dyn Embedder, index: &dyn VectorStore, usual: &Decision) -> u32 {
    let by = |model: Option<&dyn Drafting>| {
        decision(&world.decided_with(Calls {
            embedder,
            index,
            model,
        }))
    };
    if world.drafting == crate::support::world::Drafting::Own {
        assert_eq!(substance(&by(None)), substance(usual));
        let echoed = by(Some(&Echo));
        assert!(echoed.verdict.effect >= usual.verdict.effect);
    }
    1
}
