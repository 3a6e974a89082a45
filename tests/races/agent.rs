//! The agent's own fire, which no install reaches yet: the stage, attestation and calibration are the test's, the transaction, the
//! evidence and the check are the product's.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tierone::{
    domain::{
        canonical::Digest,
        case::{Case, Phase},
        event::{Body, EVENT_VERSION, Event},
        id::{CaseId, PersonId},
        operation::Deed,
        recorded::Recorded,
        sealed::Sealed,
    },
    outbound::{
        embedded_index::EmbeddedIndex,
        lexical::Lexical,
        store::{Admitted, Store, Wanted},
    },
    pipeline::{
        Ports,
        admit::{Caller, check},
        advance,
    },
};

use super::arena::rounds;
use crate::support::world::World;

/// The head start that one side gets in two rounds of three.
const MOMENT: Duration = Duration::from_millis(1);

/// A case that fires on the agent's word, with its events.
async fn firing(world: &World, round: usize) -> (Case, Vec<Recorded>) {
    let first = Event {
        version: EVENT_VERSION,
        tenant: world.alert.tenant.clone(),
        case: CaseId::new(uuid::Uuid::from_u128(round as u128 + 1)),
        number: 1,
        at: world.now,
        previous: Digest::ZERO,
        body: Body::Received {
            alert: Sealed::new(world.alert.clone(), [7; 32]).unwrap(),
            status: world.alert.status,
            urgency: world.alert.urgency(),
        },
    };
    let first = Recorded::new(first).unwrap();
    let mut case = Case::open_recorded(&first).unwrap();
    let mut events = vec![first];
    let index = EmbeddedIndex::default();
    while case.phase != Phase::Decided {
        let ports = Ports {
            embedder: &Lexical,
            index: &index,
            model: None,
        };
        let next = advance(&case, &world.facts, ports, &world.rules, [7; 32], world.now).await;
        for event in next.unwrap() {
            events.push(case.record(event).unwrap());
        }
    }
    (case, events)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quarantine_between_decision_and_call_stops_the_agent() {
    let world = World::holding();
    let folder = tempfile::tempdir().unwrap();
    let (mut started, mut refused, mut wrong) = (0, 0, 0);
    for round in 0..rounds() {
        let path = folder.path().join(format!("{round}.db"));
        let url = format!("sqlite://{}", path.display());
        let store = Store::open(&url).await.unwrap();
        let tenant = world.alert.tenant.clone();
        store
            .add_precedents(&tenant, &world.facts.evidence.rows)
            .await
            .unwrap();
        let (case, events) = firing(&world, round).await;
        store.append(&tenant, None, &case, &events).await.unwrap();
        let other = Store::open(&url).await.unwrap();
        let deed = Deed::Quarantined {
            precedents: world
                .facts
                .evidence
                .rows
                .iter()
                .map(|row| row.id.clone())
                .collect(),
            reason: Sealed::new("poisoned".into(), [7; 32]).unwrap(),
        };
        let (of, at, head_start) = (tenant.clone(), world.now, round % 3);
        let quarantine = tokio::spawn(async move {
            if head_start == 0 {
                tokio::time::sleep(MOMENT).await;
            }
            other
                .operate(&of, &PersonId::new("mira"), deed, at)
                .await
                .unwrap();
            let stored = Instant::now();
            other.close().await;
            stored
        });
        if head_start == 2 {
            tokio::time::sleep(MOMENT).await;
        }
        let begun = Instant::now();
        let admitted = admit(&world, &store, &case).await;
        let stored = quarantine.await.unwrap();
        match &admitted {
            Admitted::Started { .. } => {
                started += 1;
                wrong += usize::from(stored < begun);
            }
            Admitted::Refused(codes) => {
                refused += 1;
                assert!(codes.contains("precedents."), "{codes}");
            }
        }
        assert_starts(&store, &case, &admitted).await;
        store.operations(&tenant).await.unwrap();
        store.close().await;
        std::fs::remove_file(path).unwrap();
    }
    println!(
        "a quarantine between decision and call (agent): {} rounds, {started} started before it, {refused} refused after it, {wrong} started after it was stored",
        rounds()
    );
    assert_eq!(wrong, 0);
    assert!(refused > 0);
}

async fn admit(world: &World, store: &Store, case: &Case) -> Admitted<String> {
    let (facts, rules, now) = (world.facts.clone(), world.rules.clone(), world.now);
    let caller = Caller {
        process: "race".into(),
        patience: SignedDuration::from_secs(60),
    };
    let wanted = Wanted {
        starts_since: now - SignedDuration::from_hours(1),
        stage_of: rules.data.release,
    };
    store
        .admit(&case.tenant, case, wanted, move |case, fresh| {
            let mut facts = facts;
            facts.evidence = fresh.evidence;
            facts.occurrence_seen = fresh.occurrence_seen;
            facts.starts = fresh.starts;
            facts.gate.kills = fresh.kills;
            let body = check(case, &facts, &rules, &caller, now);
            body.map(|body| case.event(body, now))
                .map_err(|refusal| refusal.to_string())
        })
        .await
        .unwrap()
}

/// The log says a start exactly where admission did; reading it verifies its chain.
async fn assert_starts(store: &Store, case: &Case, admitted: &Admitted<String>) {
    let events = store.events(&case.tenant, case.id).await.unwrap();
    let starts = events.iter().filter(|event| event.body.kind() == "started");
    let admitted = matches!(admitted, Admitted::Started { .. });
    assert_eq!(starts.count(), usize::from(admitted));
}
