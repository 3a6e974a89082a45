//! Races, each run as often as `TIERONE_RACES` says on a store in a file that two apps have open. What comes of them is printed as counts.

mod agent;
mod arena;
mod late;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use tierone::{
    app::{answer::Wish, operate::Order},
    domain::{
        case::{Case, Phase},
        facts::Kill,
        id::ActionId,
    },
};

use self::arena::{Answering, Arena, at, claimant, digest, rounds};

/// How many of these did what they were asked.
async fn granted(answers: Vec<Answering>) -> usize {
    let mut granted = 0;
    for answer in answers {
        granted += usize::from(answer.await.unwrap().is_ok());
    }
    granted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_on_one_case_start_it_once() {
    let arena = Arena::new(|same| same).await;
    for round in 0..rounds() {
        let now = at(round);
        let case = arena.asked(round, now).await;
        let case = arena.approved(&case, now).await;
        let workers = (0..3).map(|worker| {
            let (app, case) = (Arc::clone(&arena.apps[worker % 2]), case.clone());
            tokio::spawn(async move { Box::pin(app.work(case, now)).await })
        });
        granted(workers.collect()).await;
    }
    let tally = arena.tally().await;
    tally.must_hold("two workers on one case", rounds(), "three workers each");
    assert_eq!(tally.starts, rounds());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_pressed_twice_starts_it_once() {
    let arena = Arena::new(|same| same).await;
    let mut twice = 0;
    for round in 0..rounds() {
        let now = at(round);
        let case = arena.asked(round, now).await;
        let press = |app| arena.answer(app, &case, "mira", Wish::Approve(digest(&case)), now);
        let granted = granted(vec![press(0), press(1)]).await;
        assert!(granted >= 1);
        twice += granted - 1;
    }
    let tally = arena.tally().await;
    tally.must_hold(
        "one approval pressed twice",
        rounds(),
        &format!("{twice} granted twice"),
    );
    assert_eq!((tally.starts, twice), (rounds(), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_after_expiry_counts_only_for_the_ask_that_is_open_then() {
    let arena = Arena::new(|same| same).await;
    let (mut granted, mut early) = (0, 0);
    for round in 0..rounds() {
        let case = arena.asked(round, at(round)).await;
        let expires_at = case.ask.as_ref().unwrap().expires_at;
        let late = expires_at + SignedDuration::from_secs(1);
        let (app, at_expiry) = (Arc::clone(&arena.apps[1]), case.clone());
        let worker = tokio::spawn(async move { Box::pin(app.work(at_expiry, late)).await });
        let answer = arena.answer(0, &case, "mira", Wish::Approve(digest(&case)), late);
        granted += usize::from(answer.await.unwrap().is_ok());
        drop(worker.await.unwrap());
        let events = arena.store.events(&arena.tenant, case.id).await.unwrap();
        let place = |kind: &str| events.iter().position(|event| event.body.kind() == kind);
        let expired = place("expired").unwrap();
        early += usize::from(place("answered").is_some_and(|answered| answered < expired));
    }
    let tally = arena.tally().await;
    let seen = format!("{granted} granted to the next group's ask, {early} before it passed on");
    tally.must_hold("an answer after expiry", rounds(), &seen);
    assert_eq!(early, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_after_the_ask_does_not_start_on_the_old_approval() {
    let arena = Arena::new(|same| same).await;
    let (mut old, mut changed) = (0, 0);
    for round in 0..rounds() {
        let now = at(round);
        let case = arena.asked(round, now).await;
        let propose = Wish::Propose {
            digest: digest(&case),
            action: Some(ActionId::new("open-ticket")),
            set: vec![("team".into(), "team-platform".into())],
            disposition: None,
        };
        let proposal = arena.answer(1, &case, "ines", propose, now);
        let approval = arena.answer(0, &case, "mira", Wish::Approve(digest(&case)), now);
        let (proposal, approval) = (proposal.await.unwrap(), approval.await.unwrap());
        assert!(
            proposal.is_ok() != approval.is_ok(),
            "{proposal:?} {approval:?}"
        );
        old += usize::from(approval.is_ok());
        if let Ok(proposed) = proposal {
            assert_ne!(digest(&proposed), digest(&case));
            let again = arena.answer(0, &case, "mira", Wish::Approve(digest(&case)), now);
            assert!(again.await.unwrap().is_err(), "the old digest is refused");
            let fresh = arena.answer(0, &case, "mira", Wish::Approve(digest(&proposed)), now);
            changed += usize::from(fresh.await.unwrap().is_ok());
        }
    }
    let tally = arena.tally().await;
    let seen = format!("{old} approved as asked first, {changed} as changed, under the new digest");
    tally.must_hold("a parameter changed after the ask", rounds(), &seen);
    assert_eq!(tally.starts, rounds());
}

/// In every other round the kill is stored before admission, for certain; in the others it races the approval.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_between_decision_and_call_stops_the_call() {
    let arena = Arena::new(|same| same).await;
    let kill = Kill::Action(ActionId::new("block-ip"));
    let (mut stopped, mut slipped, mut latest_us) = (0, 0, 0);
    for round in 0..rounds() {
        let now = at(round);
        let case = arena.asked(round, now).await;
        let order = Order::Kill(kill.clone(), "stop".into());
        let by = claimant("ines");
        let stored = if round % 2 == 0 {
            let decided = arena.approved(&case, now).await;
            let decided = arena.apps[0].drive(decided, now).await.unwrap();
            assert_eq!(decided.phase, Phase::Decided);
            arena.apps[1]
                .operate(&arena.tenant, &by, order, now)
                .await
                .unwrap();
            let stored = Instant::now();
            Box::pin(arena.apps[0].work(decided, now)).await.unwrap();
            assert!(arena.executor.calls(case.id).is_empty(), "round {round}");
            stored
        } else {
            let approval = arena.answer(0, &case, "mira", Wish::Approve(digest(&case)), now);
            tokio::time::sleep(Duration::from_millis(8 * (round as u64 % 32))).await;
            arena.apps[1]
                .operate(&arena.tenant, &by, order, now)
                .await
                .unwrap();
            let stored = Instant::now();
            drop(approval.await.unwrap());
            stored
        };
        let calls = arena.executor.calls(case.id);
        stopped += usize::from(calls.is_empty());
        for begun in calls {
            let late = begun.saturating_duration_since(stored);
            slipped += usize::from(!late.is_zero());
            latest_us = latest_us.max(late.as_micros());
        }
        let on = Order::Unkill(kill.clone(), "next round".into());
        arena.apps[1]
            .operate(&arena.tenant, &by, on, now)
            .await
            .unwrap();
        arena.end(&case, now).await;
    }
    let tally = arena.tally().await;
    let seen = format!(
        "{stopped} stopped, {slipped} calls began after the kill was stored, the latest {latest_us} µs after it"
    );
    println!(
        "a kill between decision and call: {} rounds, {seen}; {tally:?}",
        rounds()
    );
    assert_eq!((tally.twice, tally.unanswered, tally.late), (0, 0, 0));
    assert!(tally.cases >= rounds());
    assert!(latest_us < 1_000_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_unit_of_a_budget_is_spent_once() {
    let block = "budgets = { alone = { minutes = 60, action = 20, target = 1, tenant = 10 }, ceiling = { minutes = 60, action = 200,";
    let one = block.replace("action = 200", "action = 1");
    let arena = Arena::new(|text| text.replace(block, &one)).await;
    let ceiling = |case: &Case| Wish::Approve(digest(case));
    for round in 0..rounds() {
        let now = at(round);
        let mut cases = Vec::new();
        for number in 0..4 {
            cases.push(arena.asked(4 * round + number, now).await);
        }
        let press = |(place, case): (usize, &Case)| {
            arena.answer(place % 2, case, "mira", ceiling(case), now)
        };
        granted(cases.iter().enumerate().map(press).collect()).await;
        let calls: usize = cases
            .iter()
            .map(|case| arena.executor.calls(case.id).len())
            .sum();
        assert_eq!(calls, 1, "round {round}");
        for case in &cases {
            arena.end(case, now).await;
        }
    }
    let tally = arena.tally().await;
    tally.must_hold(
        "the last unit of a budget",
        rounds(),
        "four cases each, one start each",
    );
    assert_eq!(tally.starts, rounds());
}
