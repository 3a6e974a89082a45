//! `policy test` and `policy explain --codes`.

use serde_json::{Value, json};

use super::run::{Folder, tierone};

#[test]
fn the_shipped_policy_passes_its_own_tests() {
    let text = std::fs::read_to_string("policies/tests.json").unwrap();
    let suite: Value = serde_json::from_str(&text).unwrap();
    let count = suite["tests"].as_array().unwrap().len();
    let out = tierone(["policy", "test"]).good();
    assert_eq!(out, format!("{count} policy tests, 0 failed\n"));
    let tested = tierone(["policy", "test", "--json"]).objects();
    assert_eq!(tested.len(), count);
    assert!(tested.iter().all(|test| test["passed"] == true));
}

#[test]
fn a_test_that_expects_something_else_fails() {
    let folder = Folder::new();
    let text = std::fs::read_to_string("policies/tests.json").unwrap();
    let mut suite: Value = serde_json::from_str(&text).unwrap();
    suite["tests"][0]["expect"] = json!("deny");
    suite["tests"][1]["because"] = json!(["a-policy-that-is-not"]);
    let path = folder.write("tests.json", suite.to_string());
    let ran = tierone(["policy", "test", &path]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(
        ran.out.ends_with(" policy tests, 2 failed\n"),
        "{}",
        ran.out
    );
    let name = suite["tests"][0]["name"].as_str().unwrap();
    assert!(
        ran.out.contains(&format!("failed: {name}: allow")),
        "{}",
        ran.out
    );
}

#[test]
fn tests_that_are_no_tests_are_a_usage_error() {
    let folder = Folder::new();
    let none = json!({"defaults": {"case": {}, "context": {}}, "tests": []}).to_string();
    for content in ["{", "[]", "{\"tests\": [], \"testz\": 1}", &none] {
        let path = folder.write("tests.json", content);
        let ran = tierone(["policy", "test", &path]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{content}");
        assert!(
            ran.err.starts_with("tierone: the policy tests are "),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_live_store_without_a_policy_has_nothing_to_test() {
    let folder = Folder::new();
    let ran = tierone(["policy", "test", "--store", &folder.store("sqlite")]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains("set `policies` under [gate]"),
        "{}",
        ran.err
    );
}

#[test]
fn the_codes_are_explained_like_this() {
    let out = tierone(["policy", "explain", "--codes"]).good();
    assert_eq!(out.lines().count(), 2 * 38);
    insta::assert_snapshot!("codes", out);
    let ran = tierone(["policy", "explain", "--codes", "--json"]);
    assert_eq!(ran.objects().len(), 38);
}
