//! Acting alone, through the real product path: a post with a key, workers, a live store, a signed webhook.

use std::time::Duration;

use serde_json::{Value, json};
use tierone::{
    app::demo,
    config::server::ServerConfig,
    domain::{id::CaseId, release::Stage},
};

use crate::{
    api::{
        receiver::Receiver,
        server::{BLOCK, TestServer, now, of},
    },
    support::attested::{AttestedSite, promote},
};

const SCOPES: [&str; 2] = ["ingest:*", "read"];
/// One eligible case in fifty is held out even in full: so many services are tried until one fires.
const TRIES: usize = 6;
/// Cases of the test of the draw.
const CASES: usize = 24;

/// A service of an attested site that was promoted this far.
pub async fn served(stage: Stage) -> (TestServer, String) {
    let receiver = Receiver::start().await;
    let site = AttestedSite::new(receiver.port);
    // The test of the draw does more in an hour than the catalogue lets the agent do.
    let actions = std::fs::read_to_string(site.at("policies/actions.toml")).unwrap();
    site.write(
        "policies/actions.toml",
        actions.replace(
            "action = 20, target = 1, tenant = 10",
            "action = 99, target = 1, tenant = 99",
        ),
    );
    site.attest(now());
    let app = Box::pin(site.open(now())).await;
    promote(&app, stage).await;
    let server = TestServer::over(app, site.folder, receiver, ServerConfig::default()).await;
    let key = server.key("router", &SCOPES).await;
    (server, key)
}

/// The alert at this place: another machine, another guesser, another finding.
pub fn alert(place: usize) -> String {
    let changes = [
        ("i-0a1b2c3d4e5f60001", format!("i-0a1b2c3d4e5f6{place:04x}")),
        ("198.51.100.77", format!("198.51.100.{}", 100 + place)),
        (
            "8ddf878039b70767c4a5bcf4f0c4f65e",
            format!("8ddf878039b70767c4a5bcf4f0c4{place:04x}"),
        ),
    ];
    changes
        .iter()
        .fold(BLOCK.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What was decided on an alert that was posted. Of a case that is asked blind it is what the log has, for no surface shows it.
pub async fn posted(server: &TestServer, key: &str, alert: &str) -> Value {
    let said = server
        .post("/v1/alerts/guardduty?wait=60", key, alert)
        .await;
    let mut case = said.with(200).json()["alerts"][0].clone();
    if case["ask"]["blind"] == true {
        let id = CaseId::new(case["case_id"].as_str().unwrap().parse().unwrap());
        let stored = server.app.case(&demo::tenant(), id).await.unwrap();
        let (_, decision) = stored.unwrap().decided.unwrap();
        case["reasons"] = json!(decision.verdict.findings);
        case["would"] = decision.would.word().into();
    }
    case
}

/// Whether a condition held, and what it observed.
pub fn reason(case: &Value, code: &str) -> (bool, String) {
    let reasons = case["reasons"].as_array().unwrap();
    let reason = reasons
        .iter()
        .find(|reason| reason["code"] == code)
        .unwrap();
    (
        reason["holds"].as_bool().unwrap(),
        reason["observed"].as_str().unwrap().to_owned(),
    )
}

/// The conditions that did not hold.
fn failing(case: &Value) -> Vec<&str> {
    let reasons = case["reasons"].as_array().unwrap().iter();
    let failing = reasons.filter(|reason| reason["holds"] == false);
    failing
        .map(|reason| reason["code"].as_str().unwrap())
        .collect()
}

async fn ended(server: &TestServer, key: &str, case: &Value) -> Value {
    for _ in 0..600 {
        let now = server.get(&of(case, ""), key).await.with(200).json();
        if now["phase"] == "closed" || now["phase"] == "learned" {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the case did not end: {case}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_attested_and_promoted_the_agent_acts_alone_and_its_receiver_gets_one_order() {
    for _ in 0..TRIES {
        let (server, key) = served(Stage::Full).await;
        let case = posted(&server, &key, BLOCK).await;
        if case["effect"] == "ask" {
            assert_eq!(failing(&case), ["release.stage"], "{case}");
            continue;
        }
        assert_eq!(
            (&case["effect"], failing(&case).len()),
            (&"fire".into(), 0),
            "{case}"
        );
        ended(&server, &key, &case).await;
        // A repeat of what is done changes nothing.
        posted(&server, &key, BLOCK).await;
        let got = server.receiver.got("tierone.action");
        assert_eq!(got.len(), 1, "{got:?}");
        assert_eq!(got[0].1["data"]["action"], "block-ip");
        let events = server
            .get(&of(&case, "/events"), &key)
            .await
            .with(200)
            .json();
        let kinds: Vec<&str> = events["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["body"]["kind"].as_str().unwrap())
            .collect();
        let alone = [
            "received",
            "retrieved",
            "planned",
            "drafted",
            "decided",
            "started",
            "executed",
            "verified",
            "closed",
        ];
        assert_eq!(kinds[..alone.len()], alone, "nobody was asked");
        return;
    }
    panic!(
        "{TRIES} cases of {TRIES} stores were held out, of which each is with a chance of one in fifty"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_done_alone_exactly_where_its_draw_is_under_the_share_of_the_stage() {
    let mut fired = [0; 3];
    for (place, stage) in [Stage::Shadow, Stage::Canary, Stage::Full]
        .into_iter()
        .enumerate()
    {
        let (server, key) = served(stage).await;
        for number in 0..CASES {
            let case = posted(&server, &key, &alert(number)).await;
            assert_eq!(case["would"], "fire", "{case}");
            let (under, observed) = reason(&case, "release.stage");
            assert!(observed.starts_with(stage.word()), "{observed}");
            let draw = observed
                .split("draw ")
                .nth(1)
                .unwrap()
                .split(' ')
                .next()
                .unwrap();
            let percent: f64 = draw.parse().unwrap();
            let share = [0.0, 10.0, 98.0][place];
            assert_eq!(under, percent < share, "{observed}");
            assert_eq!(case["effect"], if under { "fire" } else { "ask" }, "{case}");
            if under {
                ended(&server, &key, &case).await;
                fired[place] += 1;
            }
        }
        let orders = server.receiver.got("tierone.action").len();
        assert_eq!(orders, fired[place], "{}", stage.word());
    }
    assert_eq!(fired[0], 0);
    assert!(fired[2] > CASES / 2, "{fired:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_while_the_service_runs_stops_it_from_acting_alone_at_the_next_decision()
 {
    let (server, key) = served(Stage::Full).await;
    let mut number = 0;
    let mut next = async |server: &TestServer| {
        number += 1;
        reason(
            &posted(server, &key, &alert(number)).await,
            "release.attestation",
        )
    };
    assert!(next(&server).await.0);
    for (component, file) in [
        ("people", "people.toml"),
        ("policies/gate.cedar", "policies/gate.cedar"),
        ("policies/actions.toml", "policies/actions.toml"),
        ("policies/injection.toml", "policies/injection.toml"),
        ("inventory", "inventory.toml"),
        ("never", "never.toml"),
        ("calibration", "calibration.json"),
    ] {
        let path = server.folder.path().join(file);
        let before = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{before}\n")).unwrap();
        let (holds, observed) = next(&server).await;
        assert_eq!(
            (holds, observed),
            (
                false,
                format!("changed on disk since it was loaded: {component}")
            )
        );
        std::fs::remove_file(&path).unwrap();
        assert!(!next(&server).await.0, "{component} is gone");
        std::fs::write(&path, before).unwrap();
        assert!(next(&server).await.0, "{component} is as it was");
    }
    assert!(server.receiver.got("tierone.action").len() <= number);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_site_acts_alone_again_once_it_is_attested_and_promoted_again() {
    let (server, _) = served(Stage::Full).await;
    let (folder, receiver) = server.left().await;
    let site = AttestedSite { folder };
    site.change("people.toml");
    let app = site.open(now()).await;
    let standing = app.release(now()).await;
    assert_eq!(
        standing.attested.to_string(),
        "attests another release, with other people"
    );
    assert!(
        standing
            .missing
            .iter()
            .any(|missing| missing.contains("in shadow")),
        "{:?}",
        standing.missing
    );
    site.attest(now());
    promote(&app, Stage::Full).await;
    assert_eq!(app.release(now()).await.missing, [""; 0]);
    let server = TestServer::over(app, site.folder, receiver, ServerConfig::default()).await;
    let key = server.key("router-2", &SCOPES).await;
    let case = posted(&server, &key, &alert(1)).await;
    assert!(reason(&case, "release.attestation").0, "{case}");
    assert!(
        reason(&case, "release.stage").1.starts_with("full"),
        "{case}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_halt_is_seen_by_a_service_that_runs_whatever_its_release() {
    let (server, key) = served(Stage::Full).await;
    let halt = tierone::app::operate::Order::Halt("look first".into());
    let mira = tierone::app::answer::Claimant {
        proof: tierone::domain::person::Proof::OsUser,
        identity: "mira".into(),
    };
    let everyone = tierone::domain::operation::everyone();
    server
        .app
        .operate(&everyone, &mira, halt, now())
        .await
        .unwrap();
    let case = posted(&server, &key, BLOCK).await;
    assert_eq!(case["effect"], "ask");
    assert!(
        reason(&case, "release.stage").1.starts_with("shadow"),
        "{case}"
    );
    assert!(server.receiver.got("tierone.action").is_empty());
}
