//! What of a reply counts: a handle that exists and fits, a citation that was shown, an action that was offered; and what is marked.

use serde_json::{Value, json};
use tierone::{
    domain::{
        entity::{EntityKind, Provenance},
        id::PrecedentId,
    },
    pipeline::{
        prompt::handles::Handles,
        reply::{Grounded, Unusable, ground},
    },
};

use super::double::form;
use crate::support::world::{BUCKET, World, entity};

fn world() -> World {
    let mut world = World::holding();
    let mut found = entity(EntityKind::Bucket, "found-in-prose", "related.bucket");
    found.provenance = Provenance::Text;
    world.alert.entities.push(found);
    world
        .alert
        .entities
        .push(entity(EntityKind::Ip, "203.0.113.9", "source.ip"));
    world
}

fn grounded(world: &World, text: &str) -> Result<Grounded, Unusable> {
    let ids = ["p-0", "p-1"].map(PrecedentId::new);
    ground(
        text,
        &Handles::of(&world.alert, ids.iter(), &world.rules),
        &world.alert,
    )
}

fn check_refused(change: Value, expected: &str) {
    let why = grounded(&world(), &form(change)).unwrap_err().told;
    assert!(why.contains(expected), "{why}");
}

#[test]
fn handles_become_values_and_citations_become_precedents() {
    let text = form(json!({
        "disposition": "true_positive",
        "action": "make-bucket-private",
        "parameters": [{"name": "bucket", "handle": "E2"}],
        "citations": ["P2", "P1", "P2"],
        "rationale": "E1 opened E2, as in P1",
    }));
    for text in [
        text.clone(),
        format!("```json\n{text}\n```"),
        format!("  {text}\n"),
    ] {
        let grounded = grounded(&world(), &text).unwrap();
        assert_eq!(grounded.action.unwrap().as_str(), "make-bucket-private");
        assert_eq!(grounded.parameters["bucket"], BUCKET);
        assert_eq!(grounded.citations, ["p-1", "p-0"].map(PrecedentId::new));
        assert_eq!(
            grounded.rationale,
            "svc-notebook opened research-share, as in p-0"
        );
        assert_eq!(grounded.unverified, Vec::<String>::new());
    }
}

#[test]
fn what_does_not_fit_is_refused_with_the_reason_that_the_model_is_told() {
    let bucket = |handle: &str| json!([{"name": "bucket", "handle": handle}]);
    let private = "make-bucket-private";
    for (parameters, expected) in [
        (bucket("E9"), "`E9` cannot fill `bucket`"),
        (bucket("E1"), "`E1` cannot fill `bucket`"),
        (bucket("E3"), "`E3` cannot fill `bucket`, only E2 can"),
        (bucket("E4"), "`E4` cannot fill `bucket`"),
        (bucket("P1"), "`P1` cannot fill `bucket`"),
        (
            bucket("research-share"),
            "`research-share` cannot fill `bucket`",
        ),
        (json!([]), "`bucket` of `make-bucket-private` is not filled"),
        (
            json!([{"name": "door", "handle": "E2"}]),
            "no parameter `door`",
        ),
        (
            json!([{"name": "bucket", "handle": "E2"}, {"name": "bucket", "handle": "E2"}]),
            "twice",
        ),
    ] {
        check_refused(
            json!({"action": private, "parameters": parameters}),
            expected,
        );
    }
    check_refused(
        json!({"action": "lock-badge"}),
        "`lock-badge` was not offered",
    );
    check_refused(json!({"action": "rm -rf"}), "was not offered");
    check_refused(json!({"citations": ["P3"]}), "`P3` was not shown");
    check_refused(json!({"citations": ["E1"]}), "`E1` was not shown");
    check_refused(json!({"disposition": "certain"}), "unknown variant");
    check_refused(json!({"confidence": 1.0}), "unknown field `confidence`");
    check_refused(json!({"rationale": "x".repeat(601)}), "601 characters");
    check_refused(json!({"rationale": " "}), "empty");
    check_refused(json!({"reply": "x".repeat(601)}), "601 characters");
    check_refused(
        json!({"missing": ["a", "b", "c", "d", "e", "f"]}),
        "more than 5",
    );
    for text in [
        "",
        "no",
        "[]",
        "{}",
        "null",
        &format!("{0}{0}", form(json!({}))),
        &"{".repeat(99_999),
    ] {
        assert!(grounded(&world(), text).is_err(), "{text}");
    }
}

#[test]
fn what_the_alert_does_not_name_is_marked_and_what_it_names_is_not() {
    let account = "arn:aws:iam::444455556666:role/admin";
    for (said, marked) in [
        (
            "203.0.113.9 opened research-share of account 111122223333 by PutBucketPolicy",
            vec![],
        ),
        ("198.51.100.1 did", vec!["198.51.100.1"]),
        ("203.0.113.90 did, not 203.0.113.9.", vec!["203.0.113.90"]),
        ("198[.]51[.]100[.]1 did", vec!["198.51.100.1"]),
        (
            "evil.example.com and https://evil.example.com/x",
            vec!["evil.example.com", "https://evil.example.com/x"],
        ),
        ("account 999988887777", vec!["999988887777"]),
        (account, vec![account]),
        ("the role admin_4 on db-17", vec!["admin_4", "db-17"]),
        ("mallory@example.com", vec!["mallory@example.com"]),
        ("E9 did", vec!["E9"]),
        (
            "make-bucket-private would settle it within 10m, the 3rd time, a look-alike",
            vec![],
        ),
    ] {
        let grounded =
            grounded(&world(), &form(json!({"rationale": said, "reply": said}))).unwrap();
        assert_eq!(grounded.unverified, marked, "{said}");
        for text in [&grounded.rationale, &grounded.reply.unwrap()] {
            assert_eq!(
                text.matches("[unverified] ").count(),
                marked.len(),
                "{text}"
            );
            for word in &marked {
                assert!(text.contains(&format!("[unverified] {word}")), "{text}");
            }
        }
    }
}
