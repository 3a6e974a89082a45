//! Blind asks: in shadow every eligible case is asked without what the agent thought of it, on every surface, until somebody has answered.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tierone::{
    app::{answer::Claimant, calibrate::Calibrated},
    config::{GateConfig, server::ServerConfig},
    domain::{id::PrecedentId, person::Proof},
};

use super::server::{BLOCK, Past, TestServer, approval, now, of};
use crate::release::fires::{alert, posted};

const ALL: [&str; 3] = ["ingest:*", "read", "approve"];

/// A service in shadow, and a case that would be done alone but for that.
async fn asked_blind() -> (TestServer, String, Value) {
    let bounds = ServerConfig::default();
    let server = TestServer::remembering(Past::Fresh, Some(now()), bounds, |_| {});
    let server = Box::pin(server).await;
    let key = server.key("desk-mira", &ALL).await;
    let said = server.post("/v1/alerts/guardduty?wait=60", &key, BLOCK);
    let case = said.await.with(200).json()["alerts"][0].clone();
    assert_eq!(
        (&case["phase"], &case["effect"]),
        (&json!("asked"), &json!("ask"))
    );
    (server, key, case)
}

fn proposal(case: &Value) -> Value {
    json!({
        "digest": case["ask"]["digest"],
        "action": "block-ip",
        "set": { "address": "198.51.100.77" },
        "disposition": "true_positive",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_agent_thought_is_on_no_surface_before_somebody_has_answered() {
    let (server, key, case) = asked_blind().await;
    let get = |path: String| {
        let (server, key) = (&server, &key);
        async move { server.get(&path, key).await.with(200).json() }
    };
    let shown = [
        case.clone(),
        get(of(&case, "")).await,
        get(of(&case, "/events")).await,
        get("/v1/cases".into()).await,
    ];
    for said in &shown {
        let text = said.to_string();
        for thought in [
            "block-ip",
            "risk.level",
            "\"drafted\"",
            "\"planned\"",
            "\"decided\":{",
        ] {
            assert!(!text.contains(thought), "{thought} in {text}");
        }
    }
    assert_eq!(case["ask"]["blind"], true, "{case}");
    for unknown in ["action", "disposition", "drafter", "rationale"] {
        assert_eq!(case[unknown], Value::Null, "{unknown}");
    }
    assert_eq!(
        (&case["reasons"], &case["held_by"]),
        (&json!([]), &json!([]))
    );
    // Its look-alikes are shown, and the alert is.
    assert!(shown[2].to_string().contains("retrieved"));
    assert!(case["alert"]["title"].is_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_approves_what_they_were_not_shown_and_what_they_choose_instead_is_asked_openly() {
    let (server, key, case) = asked_blind().await;
    let refused = server
        .command(&of(&case, "/approve"), &key, approval(&case))
        .await;
    let problem = refused.with(409).json();
    assert!(problem.to_string().contains("asked blind"), "{problem}");
    // What is not said is not taken from what is hidden.
    let mut silent = proposal(&case);
    silent.as_object_mut().unwrap().remove("disposition");
    let said = server.command(&of(&case, "/approve"), &key, silent).await;
    said.with(422);
    let bare = json!({ "digest": case["ask"]["digest"], "action": "block-ip", "disposition": "true_positive" });
    let said = server.command(&of(&case, "/approve"), &key, bare).await;
    assert!(
        !said
            .with(200)
            .json()
            .to_string()
            .contains("198.51.100.77\"}")
    );
    assert_eq!(server.receiver.got("tierone.action").len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_chosen_blind_is_done_once_it_is_approved_and_counts_as_unseen() {
    let (server, key, case) = asked_blind().await;
    let said = server
        .command(&of(&case, "/approve"), &key, proposal(&case))
        .await;
    let after = said.with(200).json();
    assert_eq!(after["ask"]["blind"], false, "{after}");
    assert_eq!(after["ask"]["action"]["id"], "block-ip", "{after}");
    server
        .command(&of(&case, "/approve"), &key, approval(&after))
        .await
        .with(200);
    assert_eq!(server.receiver.got("tierone.action").len(), 1);
    let tenant = tierone::app::demo::tenant();
    let id = case["case_id"].as_str().unwrap();
    let learned = server
        .app
        .precedents(&tenant, &[tierone::domain::id::PrecedentId::new(id)])
        .await
        .unwrap();
    assert!(!learned[0].seen_draft, "{learned:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_blind_and_held_for_a_week_is_what_a_class_earns_by() {
    let (server, key, _) = asked_blind().await;
    let ending = json!({ "disposition": "false_positive", "reason": "a scan of ours" });
    let mut asked = Vec::new();
    for place in 1..=3 {
        asked.push(posted(&server, &key, &alert(place)).await);
    }
    // The first is done as it would have been alone; the second is taken for something else; the third is too, and opened again.
    let mut chosen = proposal(&asked[0]);
    chosen["set"]["address"] = "198.51.100.101".into();
    let approve = of(&asked[0], "/approve");
    let after = server
        .command(&approve, &key, chosen)
        .await
        .with(200)
        .json();
    server
        .command(&approve, &key, approval(&after))
        .await
        .with(200);
    for case in &asked[1..] {
        let resolve = of(case, "/resolve");
        let over = server.command(&resolve, &key, ending.clone());
        over.await.with(200);
    }
    let again = json!({ "reason": "it was not" });
    server
        .command(&of(&asked[2], "/reopen"), &key, again)
        .await
        .with(200);
    let days = |days: i64| now() + SignedDuration::from_hours(24 * days);
    let (tenant, gate) = (tierone::app::demo::tenant(), GateConfig::default());
    let class = |calibrated: &Calibrated| {
        let own = calibrated.accounts.iter();
        let mut own = own.filter(|account| account.class.action.as_str() == "block-ip");
        own.next_back().unwrap().clone()
    };
    let person = |identity: &str| Claimant {
        proof: Proof::OsUser,
        identity: identity.into(),
    };
    let (mut doubts, mira) = (Vec::new(), person("mira"));
    // Neither what people agreed with nor what they did not betters a record by being taken out: the first is gone, the others stay.
    for (after, taken_out, rows, not_safe) in [
        (1, None, 0, 0),
        (8, None, 3, 1),
        (8, Some(0), 2, 1),
        (8, Some(1), 2, 1),
    ] {
        if let Some(place) = taken_out {
            let case: &Value = &asked[place];
            let id = PrecedentId::new(case["case_id"].as_str().unwrap());
            let why = "a test".to_owned();
            let order = server.app.quarantine(&tenant, &mira, &id, why, now());
            order.await.unwrap();
        }
        let looked = server.app.calibrate(&tenant, &mira, &gate, days(after));
        let calibrated = looked.await.unwrap();
        let account = class(&calibrated);
        let counted = (account.rows, account.everything.not_safe);
        assert_eq!(counted, (rows, not_safe), "{taken_out:?} {account:?}");
        // All of one day and one network are one trial.
        assert_eq!(account.everything.trials, rows.min(1), "{account:?}");
        assert!(
            calibrated.calibration.classes.is_empty(),
            "one trial grants nothing"
        );
        doubts.push(account.doubt);
    }
    assert!(doubts[1] < doubts[0] / 3.9, "a look is spent: {doubts:?}");
    let nobody = person("nobody-known");
    let denied = server.app.calibrate(&tenant, &nobody, &gate, days(9)).await;
    assert!(denied.is_err());
}
