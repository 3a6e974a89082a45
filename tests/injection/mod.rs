//! What the strings of attackers are, how many of them the signs catch, and that none of them acts on whoever looks at it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use ::tierone::{
    app::rules,
    config::Config,
    domain::{
        facts::StoreKind,
        statistics::{lower, upper},
    },
    eval::injection::{
        kinds::Kinds,
        strings::{self, Attack},
    },
    inbound::{
        safe_json,
        shown::{is_hidden, shown},
    },
};
use serde_json::json;

/// The techniques of MITRE ATLAS that are named, as its matrix of May 2026 has them.
const ATLAS: [&str; 27] = [
    "AML.T0015",
    "AML.T0029",
    "AML.T0043.003",
    "AML.T0049",
    "AML.T0051.001",
    "AML.T0051.002",
    "AML.T0053",
    "AML.T0054",
    "AML.T0056",
    "AML.T0057",
    "AML.T0061",
    "AML.T0067",
    "AML.T0067.000",
    "AML.T0068",
    "AML.T0069.000",
    "AML.T0069.001",
    "AML.T0070",
    "AML.T0071",
    "AML.T0073",
    "AML.T0074",
    "AML.T0077",
    "AML.T0080.000",
    "AML.T0081",
    "AML.T0086",
    "AML.T0092",
    "AML.T0094",
    "AML.T0097",
];
fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/suites/injection")
}

fn files() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder().join("strings")).unwrap();
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    entries.map(|entry| read(entry.unwrap().path())).collect()
}

fn attacks() -> Vec<Attack> {
    let files = files();
    strings::read(
        files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )
    .unwrap()
}

#[test]
fn there_are_as_many_strings_as_the_readme_says_and_none_twice() {
    let attacks = attacks();
    let clusters: BTreeSet<_> = attacks.iter().map(|attack| &attack.cluster).collect();
    let texts: BTreeSet<_> = attacks.iter().map(|attack| &attack.parts).collect();
    assert_eq!((attacks.len(), clusters.len(), texts.len()), (439, 69, 439));
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    assert!(readme.contains("439 in 69 clusters"));
}

#[test]
fn a_file_of_strings_shows_everything_that_is_in_it() {
    for (name, text) in files() {
        let hidden = text.chars().find(|one| is_hidden(*one) && *one != '\n');
        assert_eq!(hidden, None, "{name}: write it as an escape");
    }
}

#[test]
fn every_tag_is_a_number_that_there_is() {
    for attack in attacks() {
        for tag in &attack.tags {
            let owasp = |number: Option<&str>| {
                let number = number.and_then(|number| number.parse::<u8>().ok());
                number.is_some_and(|number| (1..=10).contains(&number))
            };
            let llm = tag
                .strip_prefix("LLM")
                .and_then(|rest| rest.strip_suffix(":2025"));
            let known = ATLAS.contains(&tag.as_str());
            let is_real = known || owasp(llm) || owasp(tag.strip_prefix("ASI"));
            assert!(is_real, "{}: {tag}", attack.id);
        }
    }
}

#[test]
fn a_wrong_file_of_strings_is_named_with_its_line() {
    let good = "what = \"x\"\ntags = []\n[[string]]\nid = \"a\"\nwants = \"close\"\ntext = \"b\"\n";
    assert!(strings::read([("x.toml", good)]).is_ok());
    for (text, expected) in [
        (good.replace("close", "clothes"), "line 5"),
        (good.replace("text =", "txet ="), "line 6"),
        (
            good.replace("close", "action"),
            "`action` and `value` belong",
        ),
        (
            good.replace("text = \"b\"", "parts = [\"b\"]"),
            "more than one of `parts`",
        ),
        (
            format!("{good}[[string]]\nid = \"a\"\nwants = \"leak\"\ntext = \"c\"\n"),
            "another string has this id",
        ),
    ] {
        let error = strings::read([("x.toml", text.as_str())])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(expected) && error.contains("x.toml"),
            "{error}"
        );
    }
}

#[test]
fn signs_catch_a_part_and_the_part_is_printed() {
    let rules = rules::load(&Config::default(), StoreKind::Demo).unwrap();
    let kinds = Kinds::read(&fs::read_to_string(folder().join("kinds.toml")).unwrap()).unwrap();
    let attacks = attacks();
    for kind in [
        "free_text",
        "line",
        "user_agent",
        "host_name",
        "bucket_name",
    ] {
        let kind_of = kinds.get(kind).unwrap();
        let texts = attacks
            .iter()
            .filter_map(|attack| kind_of.fit(&attack.parts.join(" ")));
        let payloads: Vec<_> = texts.map(|text| json!({ "text": text })).collect();
        let caught = payloads
            .iter()
            .filter(|payload| !rules.signs.found(payload).is_empty());
        let (k, n) = (caught.count() as u64, payloads.len() as u64);
        println!(
            "signs in {kind}: {k} of {n} strings, {} % (each bound at 95 %: {:.1} to {:.1} %)",
            k * 100 / n,
            f64::from(lower(k, n)) / 1e4,
            f64::from(upper(k, n)) / 1e4,
        );
        assert!(
            k > 0 && k < n,
            "a sign that catches all, or none, says that the strings are not what they should be"
        );
    }
    for kind in [
        "free_text",
        "line",
        "user_agent",
        "host_name",
        "bucket_name",
        "url",
        "email",
        "tag_value",
        "user_name",
    ] {
        let clean = json!({ "text": kinds.get(kind).unwrap().clean() });
        assert_eq!(rules.signs.found(&clean), Vec::<String>::new(), "{kind}");
    }
}

#[test]
fn no_string_acts_on_a_terminal_or_on_a_reader_of_json() {
    for attack in attacks() {
        let text = attack.parts.join("\n");
        let line = shown(&text, 300);
        assert!(!line.chars().any(is_hidden), "{}: {line:?}", attack.id);
        let mut bytes = Vec::new();
        safe_json::write_line(&mut bytes, &json!({ &text: [&text] })).unwrap();
        let json = String::from_utf8(bytes).unwrap();
        assert!(
            !json.trim_end_matches('\n').chars().any(is_hidden),
            "{}",
            attack.id
        );
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back, json!({ &text: [&text] }), "{}", attack.id);
    }
}
