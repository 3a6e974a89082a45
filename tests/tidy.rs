//! Walks the tree and checks what the compiler does not: directions, sizes, names, and what pure code must not know.
//!
//! A check is a function from the files of the tree to complaints, and has a bad sample in `samples` that proves that it can fail.

#![cfg(test)]

mod files;
mod samples;

use std::collections::{BTreeMap, BTreeSet};

use self::{
    files::{File, body, ending, from, line_at, paths, pattern, rust, tree},
    samples::samples,
};

/// Which top-level module may name which.
const MAY_NAME: &[(&str, &str)] = &[
    ("domain", "domain"),
    ("ports", "domain ports"),
    ("pipeline", "domain ports pipeline"),
    ("outbound", "domain ports outbound"),
    ("eval", "domain ports pipeline eval"),
    ("config", "config"),
    ("embedded", "embedded"),
    ("telemetry", "telemetry config"),
    (
        "app",
        "domain ports pipeline outbound eval config embedded telemetry app",
    ),
    (
        "inbound",
        "domain ports pipeline eval config embedded telemetry app inbound",
    ),
    ("main", "config telemetry app inbound"),
];
const FILE_MAX_LINES: usize = 400;
const FUNCTION_MAX_LINES: usize = 70;
/// Store functions that are about the store, not about what is in it; that serve all tenants; or that learn from a key whose tenant it is.
const WITHOUT_TENANT: [&str; 18] = [
    "backlog",
    "open",
    "open_existing",
    "frozen",
    "throwaway",
    "close",
    "check",
    "backup",
    "restore",
    "due",
    "tenants",
    "all_tenants",
    "key",
    "key_count",
    "probe",
    "look_again",
    "last_precedent",
    "precedents_after",
];
/// Stages that may await.
const AWAITING: [&str; 3] = [
    "src/pipeline/mod.rs",
    "src/pipeline/retrieve.rs",
    "src/pipeline/draft.rs",
];
/// Modules of `std` that pure code must not name.
const IMPURE: [&str; 5] = ["env", "fs", "process", "thread", "time"];
const NAMES_SAYING_NOTHING: [&str; 5] = ["utils", "helpers", "common", "manager", "service"];
const RUN_WORDS: usize = 5;
const RUN_MAX_PRECEDENTS: usize = 5;

type Check = fn(&[File]) -> Vec<String>;

const CHECKS: &[(&str, Check)] = &[
    ("imports", imports),
    ("sizes of files", file_sizes),
    ("sizes of functions", function_sizes),
    ("first lines", first_lines),
    ("tenants", tenants),
    ("purity", purity),
    ("decisions", decisions),
    ("names", names),
    ("panics", panics),
    ("places", places),
    ("words of the demo", demo_words),
];

#[test]
fn the_tree_is_tidy() {
    let tree = tree();
    assert!(tree.len() > 50, "only {} files were found", tree.len());
    let found: Vec<String> = CHECKS.iter().flat_map(|(_, check)| check(&tree)).collect();
    assert!(
        found.is_empty(),
        "{} complaints:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn the_demo_is_large_enough() {
    let found = demo_counts(&tree());
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(
        demo_counts(&[]).len(),
        4,
        "an empty demo must fail in every count"
    );
}

#[test]
fn every_check_can_fail() {
    let samples = samples();
    for (name, check) in CHECKS {
        let own: Vec<_> = samples.iter().filter(|sample| sample.0 == *name).collect();
        assert!(!own.is_empty(), "`{name}` has no bad sample");
        for (_, path, text, expected) in own {
            let found = check(&[File::new(path, text)]);
            let hit = found
                .iter()
                .any(|complaint| complaint.starts_with(expected.as_str()));
            assert!(
                hit,
                "`{name}` on {path} should say `{expected}…`, it says {found:?}"
            );
        }
    }
}

#[test]
fn no_check_complains_of_words_in_comments_strings_and_tests() {
    let text = "//! Says crate::outbound and panic!().\n\
        /// async, std::fs, x.unwrap()\n\
        const A: &str = \"crate::app std::env .expect( panic!\";\n\
        const B: &str = r#\"Decision { \"async\" }\"#;\n\
        const C: [char; 2] = ['\"', '\\''];\n\
        fn f<'a>(x: &'a str) -> &'a str { x }\n\
        #[cfg(test)]\nmod tests {\n    use crate::outbound;\n    fn g() { x.unwrap(); panic!() }\n}\n";
    let file = [File::new("src/domain/sample.rs", text)];
    let found: Vec<String> = CHECKS.iter().flat_map(|(_, check)| check(&file)).collect();
    assert!(found.is_empty(), "{found:?}");
}

fn imports(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust(files, "src/") {
        let layer = file.layer();
        if layer == "lib" {
            continue;
        }
        let Some((_, may)) = MAY_NAME.iter().find(|(name, _)| *name == layer) else {
            let cure = "give it a row in MAY_NAME, and say in ARCHITECTURE.md what it is for";
            found.push(file.complaint(2, &format!("`{layer}` is no layer"), cure));
            continue;
        };
        for (line, named) in file.names_of_ours() {
            let known = MAY_NAME.iter().any(|(name, _)| *name == named);
            if known && !may.split(' ').any(|name| name == named) {
                let what = format!("`{layer}` names `{named}`");
                let cure = format!("it may name {may} only: pass what it needs as an argument");
                found.push(file.complaint(line, &what, &cure));
            }
        }
    }
    found
}

fn file_sizes(files: &[File]) -> Vec<String> {
    let long = rust(files, "src/").filter(|file| file.product.lines().count() > FILE_MAX_LINES);
    long.map(|file| {
        let what = format!("{} lines without its tests", file.product.lines().count());
        file.complaint(
            FILE_MAX_LINES + 1,
            &what,
            &format!("split it by noun; {FILE_MAX_LINES} are allowed"),
        )
    })
    .collect()
}

fn function_sizes(files: &[File]) -> Vec<String> {
    let head = pattern(r"\bfn\s+(\w+)");
    let mut found = Vec::new();
    for file in rust(files, "src/") {
        for function in head.captures_iter(&file.product) {
            let (start, name) = (
                function.get(0).map_or(0, |whole| whole.start()),
                &function[1],
            );
            let lines = body(from(&file.product, start)).lines().count();
            if lines > FUNCTION_MAX_LINES {
                let what = format!("`{name}` has {lines} lines");
                let cure = format!(
                    "branch here and compute in functions below; {FUNCTION_MAX_LINES} are allowed"
                );
                found.push(file.complaint(line_at(&file.product, start), &what, &cure));
            }
        }
    }
    found
}

fn first_lines(files: &[File]) -> Vec<String> {
    let begins = |path: &str| match ending(path) {
        "rs" if ["src/", "tests/", "benches/"]
            .iter()
            .any(|top| path.starts_with(top)) =>
        {
            Some("//! ")
        }
        "jq" if path.starts_with("sources/") => Some("# "),
        _ => None,
    };
    let wrong = files
        .iter()
        .filter_map(|file| Some((file, begins(&file.path)?)));
    wrong
        .filter(|(file, begins)| !file.text.starts_with(begins))
        .map(|(file, begins)| {
            let what = format!("line 1 does not begin with `{begins}`");
            file.complaint(
                1,
                &what,
                "say there what the file is for, and what is deliberately not in it",
            )
        })
        .collect()
}

fn tenants(files: &[File]) -> Vec<String> {
    let head = pattern(r"\bpub async fn (\w+)[^{;]*");
    let mut found = Vec::new();
    for file in rust(files, "src/outbound/store") {
        for function in head.captures_iter(&file.product) {
            let (start, name) = (
                function.get(0).map_or(0, |whole| whole.start()),
                &function[1],
            );
            if !function[0].contains("tenant: &TenantId") && !WITHOUT_TENANT.contains(&name) {
                let what = format!("`{name}` takes no tenant");
                let cure = "add `tenant: &TenantId`; only a function about the store itself belongs in WITHOUT_TENANT";
                found.push(file.complaint(line_at(&file.product, start), &what, cure));
            }
        }
    }
    found
}

fn purity(files: &[File]) -> Vec<String> {
    let banned =
        pattern(r"\basync\b|\.await\b|\b(?:Timestamp|Zoned|SystemTime|Instant)::now\b|\btokio::");
    let stages =
        rust(files, "src/pipeline/").filter(|file| !AWAITING.contains(&file.path.as_str()));
    let mut found = Vec::new();
    for file in rust(files, "src/domain/").chain(stages) {
        let words = banned.find_iter(&file.product);
        let words = words.map(|word| {
            (
                line_at(&file.product, word.start()),
                word.as_str().to_owned(),
            )
        });
        let modules = paths(&file.product, "std::").into_iter();
        let modules = modules.filter(|(_, name)| IMPURE.contains(&name.as_str()));
        for (line, what) in words.chain(modules.map(|(line, name)| (line, format!("std::{name}"))))
        {
            let cure = "this code is pure: take time, ids, chance and what was read as arguments";
            found.push(file.complaint(line, &format!("`{what}`"), cure));
        }
    }
    found
}

fn decisions(files: &[File]) -> Vec<String> {
    let literal = pattern(r"(struct |impl |for |let |-> |[\w]+::)?\bDecision\s*\{");
    let mut found = Vec::new();
    for file in rust(files, "src/").filter(|file| file.path != "src/pipeline/gate.rs") {
        for hit in literal
            .captures_iter(&file.product)
            .filter(|hit| hit.get(1).is_none_or(|m| m.as_str().ends_with("::")))
        {
            let at = hit.get(0).map_or(0, |whole| whole.start());
            let cure = "only `gate::decide` makes one, over the whole list of conditions";
            found.push(file.complaint(
                line_at(&file.product, at),
                "a `Decision` is made here",
                cure,
            ));
        }
    }
    found
}

fn names(files: &[File]) -> Vec<String> {
    let says_nothing = |file: &&File| {
        let mut parts = file.path.split(['/', '.']);
        ending(&file.path) == "rs" && parts.any(|part| NAMES_SAYING_NOTHING.contains(&part))
    };
    let wrong = files.iter().filter(says_nothing);
    wrong
        .map(|file| {
            file.complaint(
                1,
                "the name says nothing",
                "name it after the one type or verb in it",
            )
        })
        .collect()
}

fn panics(files: &[File]) -> Vec<String> {
    let banned = pattern(r"\.unwrap\(\)|\.expect\(|\b(?:panic|todo|unimplemented|unreachable)!");
    let mut found = Vec::new();
    for file in rust(files, "src/") {
        for hit in banned.find_iter(&file.product) {
            let cure = "return an error whose name says what its caller can do";
            found.push(file.complaint(
                line_at(&file.product, hit.start()),
                &format!("`{}`", hit.as_str()),
                cure,
            ));
        }
    }
    found
}

/// Fixtures and alerts are other people's words, and are left alone.
fn places(files: &[File]) -> Vec<String> {
    let folders = ["work", "tmp", "root", "home"].join("|");
    let hosts = r"(?:index|static)\.crates\.io|pypi\.org|pythonhosted\.org|registry\.npmjs\.org|proxy\.golang\.org";
    let banned = pattern(&format!(r#"(?:^|[\s"'`(=])/(?:{folders})/|{hosts}"#));
    let data = [
        "tests/fixtures/",
        "eval/demo/alerts/",
        "Cargo.lock",
        "tests/tidy",
    ];
    let mut found = Vec::new();
    for file in files
        .iter()
        .filter(|file| !data.iter().any(|data| file.path.starts_with(data)))
    {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(hit) = banned.find(line) {
                let what = format!(
                    "`{}` is a place on one machine or a registry",
                    hit.as_str().trim()
                );
                found.push(file.complaint(
                    number + 1,
                    &what,
                    "use a path relative to the project, or a temporary folder",
                ));
            }
        }
    }
    found
}

/// Copied prose would make retrieval look better than it is.
fn demo_words(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    let mut runs: BTreeMap<Vec<String>, BTreeSet<(String, String)>> = BTreeMap::new();
    for file in files.iter().filter(|file| is_precedents(file)) {
        let summaries = match summaries(&file.text) {
            Ok(summaries) => summaries,
            Err(cause) => {
                found.push(file.complaint(
                    1,
                    &cause,
                    "every `[[precedent]]` has an `id` and a `summary`",
                ));
                continue;
            }
        };
        for (id, summary) in summaries {
            let lower = summary.to_lowercase();
            let words: Vec<String> = lower
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(Into::into)
                .collect();
            for run in words.windows(RUN_WORDS) {
                runs.entry(run.to_vec())
                    .or_default()
                    .insert((file.path.clone(), id.clone()));
            }
        }
    }
    for (run, rows) in runs
        .into_iter()
        .filter(|(_, rows)| rows.len() > RUN_MAX_PRECEDENTS)
    {
        let path = rows.first().map_or("", |(path, _)| path);
        let ids: Vec<&str> = rows.iter().map(|(_, id)| id.as_str()).collect();
        let what = format!(
            "`{}` stands in {} summaries ({})",
            run.join(" "),
            ids.len(),
            ids.join(", ")
        );
        found.push(format!(
            "{path}:1: {what}; at most {RUN_MAX_PRECEDENTS} may share it: write the others anew"
        ));
    }
    found
}

fn demo_counts(files: &[File]) -> Vec<String> {
    let families = files.iter().filter(|file| is_precedents(file));
    let precedents: usize = families
        .clone()
        .map(|file| summaries(&file.text).map_or(0, |rows| rows.len()))
        .sum();
    let alerts = |folder: &str| {
        files
            .iter()
            .filter(|file| file.path.starts_with(folder))
            .count()
    };
    let counts = [
        ("precedents", precedents, 36),
        ("families of precedents", families.count(), 8),
        ("alerts", alerts("eval/demo/alerts/"), 20),
        ("physical alerts", alerts("eval/demo/alerts/badge/"), 5),
    ];
    let few = counts.iter().filter(|(_, is, least)| is < least);
    few.map(|(what, is, least)| {
        format!("eval/demo has {is} {what}; add some until they are {least}")
    })
    .collect()
}

fn is_precedents(file: &File) -> bool {
    file.path.starts_with("eval/demo/precedents/") && ending(&file.path) == "toml"
}

fn summaries(text: &str) -> Result<Vec<(String, String)>, String> {
    let table: toml::Table = toml::from_str(text).map_err(|cause| cause.message().to_owned())?;
    let rows = table
        .get("precedent")
        .and_then(|rows| rows.as_array())
        .ok_or("no `[[precedent]]`")?;
    let texts = rows.iter().map(|row| {
        let text = |key| {
            row.get(key)
                .and_then(|value| value.as_str())
                .map(ToOwned::to_owned)
        };
        text("id").zip(text("summary"))
    });
    texts
        .collect::<Option<_>>()
        .ok_or_else(|| "a row lacks `id` or `summary`".into())
}
