//! What a configuration makes of models, and what it is told is wrong.

use std::collections::BTreeSet;

use super::*;

fn config(text: &str) -> Config {
    toml::from_str(text).unwrap()
}

fn told(text: &str) -> Vec<String> {
    let faults = faults(config(text).model.as_ref().unwrap());
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn models_are_in_the_order_of_the_configuration_with_their_terms() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "sk-hush\n").unwrap();
    let text = format!(
        "[model]\nbase_url = \"https://api.openai.com/v1\"\nname = \"large\"\napi_key = {{ file = {key:?} }}\nregion = \"eu\"\n\
        input_price = 0.15\noutput_price = 0.6\ndaily_cost_max = 5\ncontext_tokens = 128000\n\
        [[model.fallback]]\nbase_url = \"http://127.0.0.1:8000/v1\"\nname = \"small\"\nconcurrency = 1\ninput_price = 0\noutput_price = 0\n"
    );
    let models = from_config(config(&text).model.as_ref().unwrap()).unwrap();
    let names: Vec<&str> = models.iter().map(|one| one.model.name()).collect();
    assert_eq!(names, ["large", "small"]);
    let large = Terms {
        region: Some("eu".into()),
        context_tokens: 128_000,
        reply_tokens: 800,
        concurrency: 4,
        prices: Some(Prices {
            prompt: 150_000,
            reply: 600_000,
        }),
    };
    assert_eq!(models[0].terms, large);
    assert_eq!(models[1].terms.concurrency, 1);
    assert_eq!(told(&text), Vec::<String>::new());
}

#[test]
fn all_that_is_wrong_is_told_with_its_cure() {
    let text = "[model]\nname = \"a\"\ncase_cost_max = 1\n\
        [[model.fallback]]\nname = \"b\"\nbase_url = \"https://models.example/v1\"\n\
        [[model.fallback]]\nname = \"c\"\nbase_url = \"https://models.example/v1\"\napi_key = { env = \"TIERONE_NO_SUCH_KEY\" }\n\
        [[model.fallback]]\nname = \"d\"\nbase_url = \"https://models.example/v1\"\napi_key = \"sk-hush\"\n\
        [[model.fallback]]\nname = \"e\"\nbase_url = \"http://8.8.8.8/v1\"\n";
    let told = told(text);
    let expected = [
        "`a` has no prices; set its input_price and output_price",
        "model `a` cannot be used: it has no base_url; set it",
        "model `b` cannot be used: there is no key; name one",
        "model `c` cannot be used: api_key: environment variable `TIERONE_NO_SUCH_KEY` is not set; set it",
        "model `d` cannot be used: api_key: a secret is not named; write",
        "model `e` cannot be used: address `8.8.8.8` is public and the url is not https; use https",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (said, expected) in told.iter().zip(expected) {
        assert!(said.contains(expected), "{said}, expected {expected}");
        assert!(!said.contains("hush"), "{said}");
    }
    let small = "[model]\nname = \"a\"\nbase_url = \"http://127.0.0.1/v1\"\ncontext_tokens = 800\n";
    assert!(self::told(small)[0].contains("no room for a prompt"));
}

#[test]
fn a_replay_needs_no_endpoint_and_no_key_but_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let text = |mode: &str, folder: &std::path::Path| {
        format!(
            "[model]\nname = \"a\"\nrecordings = {{ folder = {folder:?}, mode = \"{mode}\" }}\n"
        )
    };
    assert_eq!(told(&text("replay", folder.path())), Vec::<String>::new());
    assert!(
        told(&text("replay", &folder.path().join("none")))[0].contains("is not there; make it")
    );
    assert!(told(&text("record", folder.path()))[0].contains("has no base_url"));
}

#[test]
fn the_digest_covers_what_shapes_a_draft_and_no_secret() {
    let of = |text: &str| digest(&config(text)).unwrap().unwrap();
    let base = "[model]\nname = \"a\"\nbase_url = \"https://models.example/v1\"\napi_key = { env = \"A\" }\n";
    assert!(digest(&Config::default()).is_none());
    let same = [
        base.to_owned(),
        base.replace("\"A\"", "\"B\""),
        format!("{base}concurrency = 9\ntotal_timeout_ms = 61000\n"),
    ];
    let same: BTreeSet<Digest> = same.iter().map(|text| of(text)).collect();
    assert_eq!(same.len(), 1);
    let other = [
        base.replace("\"a\"", "\"b\""),
        base.replace("models.example", "other.example"),
        base.replace("/v1", "/another/v1"),
        format!("{base}reply_limit = \"max_tokens\"\n"),
        format!("{base}parameters = {{ temperature = 0.5 }}\n"),
        format!("{base}reply_tokens = 400\n"),
        format!("{base}context_tokens = 4096\n"),
        format!("{base}region = \"eu\"\n"),
        format!("{base}api_version = \"1\"\n"),
        format!("{base}second_key = \"when_asking\"\n"),
        format!("{base}[[model.fallback]]\nname = \"c\"\n"),
    ];
    let all: BTreeSet<Digest> = other.iter().map(|text| of(text)).chain(same).collect();
    assert_eq!(all.len(), other.len() + 1);
}
