//! Attestations that are not believed: each asks, and says why. The service reads its file again whenever it changes.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tierone::{
    domain::{canonical::Digest, facts::StoreKind, release::Stage},
    eval::attestation::{Attestation, Statement, demo_key},
};

use super::fires::{alert, posted, reason, served};
use crate::{
    api::server::now,
    support::{
        attested::{ATTESTATION, key},
        evidence::evidence,
    },
};

/// An attestation that is not believed: what is done to a good one, and what is then said.
struct Row {
    what: &'static str,
    spoil: fn(Attestation) -> Vec<u8>,
    said: &'static str,
}

fn bytes(attestation: &Attestation) -> Vec<u8> {
    serde_json::to_vec(attestation).unwrap()
}

/// The same with its JSON changed by hand, so that the signature no longer fits.
fn edited(attestation: &Attestation, pointer: &str, value: Value) -> Vec<u8> {
    let mut json = serde_json::to_value(attestation).unwrap();
    *json.pointer_mut(pointer).unwrap() = value;
    serde_json::to_vec(&json).unwrap()
}

/// The same with its statement changed by whoever holds the key.
fn signed(attestation: Attestation, change: impl FnOnce(&mut Statement)) -> Vec<u8> {
    let mut statement = attestation.statement;
    change(&mut statement);
    bytes(&statement.signed(attestation.bundle, &key()).unwrap())
}

/// A statement on other evidence, signed by whoever holds the key.
fn on_other(
    attestation: Attestation,
    change: impl FnOnce(&mut tierone::eval::bundle::Bundle),
) -> Vec<u8> {
    let mut bundle = attestation.bundle;
    change(&mut bundle);
    let (components, issued) = (
        attestation.statement.components,
        attestation.statement.issued,
    );
    let statement = Statement::new(components, &bundle, StoreKind::Live, issued).unwrap();
    bytes(&statement.signed(bundle, &key()).unwrap())
}

fn issued(attestation: Attestation, at: Timestamp) -> Vec<u8> {
    signed(attestation, |statement| {
        statement.issued = at;
        statement.until = at + SignedDuration::from_hours(24 * 30);
    })
}

const NOT_SIGNED: &str = "signed by none of the trusted keys";
const TABLE: [Row; 18] = [
    Row {
        what: "empty",
        spoil: |_| Vec::new(),
        said: "is not whole",
    },
    Row {
        what: "cut off",
        spoil: |a| bytes(&a)[..2_000].to_vec(),
        said: "is not whole",
    },
    Row {
        what: "the last byte is missing",
        spoil: |a| {
            let mut b = bytes(&a);
            b.pop();
            b
        },
        said: "is not whole",
    },
    Row {
        what: "longer until, by hand",
        spoil: |a| edited(&a, "/statement/until", "2027-10-15T03:00:00Z".into()),
        said: NOT_SIGNED,
    },
    Row {
        what: "another figure, by hand",
        spoil: |a| edited(&a, "/statement/figures/0/cases", 9.into()),
        said: NOT_SIGNED,
    },
    Row {
        what: "another signature, by hand",
        spoil: |a| edited(&a, "/signature", "00".repeat(64).into()),
        said: NOT_SIGNED,
    },
    Row {
        what: "half a signature",
        spoil: |a| edited(&a, "/signature", "00".repeat(32).into()),
        said: "cut or garbled",
    },
    Row {
        what: "another verdict in the evidence, by hand",
        spoil: |a| edited(&a, "/bundle/seed", 9.into()),
        said: "not the one that was signed",
    },
    Row {
        what: "another key",
        spoil: |a| {
            let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]);
            bytes(&a.statement.signed(a.bundle, &other).unwrap())
        },
        said: NOT_SIGNED,
    },
    Row {
        what: "the demo's key",
        spoil: |a| bytes(&a.statement.signed(a.bundle, &demo_key()).unwrap()),
        said: NOT_SIGNED,
    },
    Row {
        what: "for a simulated store",
        spoil: |a| signed(a, |s| s.store = StoreKind::Simulated),
        said: "is for a simulated store, not a live one",
    },
    Row {
        what: "of another format",
        spoil: |a| signed(a, |s| s.format += 1),
        said: "has format 2",
    },
    Row {
        what: "for a year",
        spoil: |a| {
            signed(a, |s| {
                s.until = s.issued + SignedDuration::from_hours(24 * 365);
            })
        },
        said: "lasts longer than 30 days",
    },
    Row {
        what: "ran out",
        spoil: |a| issued(a, now() - SignedDuration::from_hours(24 * 30)),
        said: "expired",
    },
    Row {
        what: "of tomorrow",
        spoil: |a| issued(a, now() + SignedDuration::from_hours(24)),
        said: "attested from",
    },
    Row {
        what: "a suite is missing",
        spoil: |a| on_other(a, |b| drop(b.suites.pop())),
        said: "does not suffice: suite `injection`",
    },
    Row {
        what: "a bar was moved",
        spoil: |a| on_other(a, |b| b.suites[0].bars[0].limit = 1_000_000),
        said: "does not suffice: suite `hijacked-model` lacks",
    },
    Row {
        what: "of another release",
        spoil: |a| {
            signed(a, |s| {
                s.components
                    .components
                    .insert("people".into(), Digest::ZERO);
                s.release = s.components.digest().unwrap();
            })
        },
        said: "its evidence is of another release",
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attestation_that_is_not_good_makes_everything_ask_and_says_why() {
    let (server, key) = served(Stage::Full).await;
    let path = server.folder.path().join(ATTESTATION);
    let good = std::fs::read(&path).unwrap();
    let parsed: Attestation = serde_json::from_slice(&good).unwrap();
    for (number, row) in TABLE.iter().enumerate() {
        std::fs::write(&path, (row.spoil)(parsed.clone())).unwrap();
        let case = posted(&server, &key, &alert(number)).await;
        let (holds, observed) = reason(&case, "release.attestation");
        assert!(
            !holds && observed.contains(row.said),
            "{}: {observed}",
            row.what
        );
        assert_eq!(
            (&case["effect"], &case["would"]),
            (&"ask".into(), &"fire".into()),
            "{}",
            row.what
        );
    }
    std::fs::remove_file(&path).unwrap();
    let case = posted(&server, &key, &alert(100)).await;
    assert_eq!(
        reason(&case, "release.attestation"),
        (false, "no attestation".into())
    );
    assert!(server.receiver.got("tierone.action").is_empty());
    std::fs::write(&path, good).unwrap();
    let case = posted(&server, &key, &alert(101)).await;
    assert!(reason(&case, "release.attestation").0, "{case}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attestation_of_what_ran_before_names_the_components_that_are_other() {
    let (server, key) = served(Stage::Full).await;
    let path = server.folder.path().join(ATTESTATION);
    let parsed: Attestation = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let mut before = parsed.statement.components.clone();
    before.components.insert("binary".into(), Digest::ZERO);
    before.components.remove("people");
    let bundle = evidence(before.clone());
    let statement = Statement::new(before, &bundle, StoreKind::Live, now()).unwrap();
    let other = statement
        .signed(bundle, &crate::support::attested::key())
        .unwrap();
    std::fs::write(&path, bytes(&other)).unwrap();
    let case = posted(&server, &key, &alert(1)).await;
    let (_, observed) = reason(&case, "release.attestation");
    assert_eq!(
        observed,
        "attests another release, with other binary, people"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_runs_the_service_is_warned_a_week_before_the_attestation_ends() {
    let (server, key) = served(Stage::Canary).await;
    let path = server.folder.path().join(ATTESTATION);
    let parsed: Attestation = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for (days, warning) in [
        (0, None),
        (22, None),
        (24, Some("the attestation ends ")),
        (31, Some("nothing is done alone: expired ")),
    ] {
        let at = now() - SignedDuration::from_hours(24 * days);
        std::fs::write(&path, issued(parsed.clone(), at)).unwrap();
        let said = server.get("/readyz", "").await.with(200).json();
        assert_eq!(said["not_ready"].as_array().unwrap().len(), 0, "{said}");
        let warnings = said["warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), usize::from(warning.is_some()), "{said}");
        if let Some(warning) = warning {
            assert!(warnings[0].as_str().unwrap().starts_with(warning), "{said}");
        }
    }
    let said = server.get("/v1/release", &key).await.with(200).json();
    assert_eq!(
        (&said["stage"], &said["attested"]),
        (&"canary".into(), &false.into())
    );
    server.get("/v1/release", "").await.with(401);
}
