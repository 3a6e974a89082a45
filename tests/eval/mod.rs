//! What an evaluation promises: it passes on this build, says the same every time, and cannot be passed by accident.

mod leaks;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use ::tierone::{
    domain::decision::Code,
    eval::{
        bars,
        bundle::{Bundle, Insufficient, Verdict},
    },
};
use serde_json::Value;

use crate::cli::run::{Folder, Ran, tierone};

/// One whole run, with its report.
static WHOLE: LazyLock<(Folder, Ran)> = LazyLock::new(|| {
    let folder = Folder::new();
    let ran = tierone(["eval", "run", "--report", &folder.at("report")]);
    (folder, ran)
});

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.path().join("report").join(name)).unwrap()
}

/// The folder of its report.
fn report() -> PathBuf {
    WHOLE.0.path().join("report")
}

/// The evidence of one whole run.
pub fn whole() -> Bundle {
    serde_json::from_str(&read(&WHOLE.0, "bundle.json")).unwrap()
}

/// A copy of this build's policies in a candidate's folder.
fn candidate() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    for entry in fs::read_dir(shipped).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        folder.write(&format!("policies/{name}"), fs::read(&path).unwrap());
    }
    let path = folder.path().to_owned();
    (folder, path)
}

fn change(candidate: &Path, file: &str, change: impl Fn(&str) -> String) {
    let path = candidate.join("policies").join(file);
    let before = fs::read_to_string(&path).unwrap();
    let after = change(&before);
    assert_ne!(before, after, "{file} was not changed");
    fs::write(path, after).unwrap();
}

fn eval(candidate: &Path, more: &[&str]) -> Ran {
    let candidate = candidate.to_str().unwrap();
    let arguments = ["eval", "run", "--candidate", candidate];
    tierone(arguments.iter().chain(more))
}

#[test]
fn this_build_passes_every_suite_and_says_with_how_many_cases_clusters_and_bounds() {
    let (_, ran) = &*WHOLE;
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let bundle = whole();
    assert_eq!(bundle.suffices(), Ok(()));
    for suite in &bundle.suites {
        let line = format!(
            "{}: {} cases in {} clusters",
            suite.name, suite.cases, suite.clusters
        );
        ran.says(&line);
        assert!(suite.clusters >= 20 && suite.errors == 0, "{suite:?}");
    }
    assert_eq!(bundle.suites.len(), bars::suites().count());
}

#[test]
fn every_condition_and_every_policy_is_missed_when_it_is_left_out() {
    let bundle = whole();
    let policy = fs::read_to_string("policies/gate.cedar").unwrap();
    assert_eq!(
        bundle.mutants.len(),
        Code::ALL.len() + policy.matches("@id(").count()
    );
    for mutant in &bundle.mutants {
        assert!(mutant.caught_by.is_some(), "{mutant:?}");
    }
}

#[test]
fn every_bad_agent_is_caught_and_the_perfect_one_passes() {
    let agents = whole().agents;
    let names: Vec<&str> = agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, bars::AGENTS);
    for agent in agents {
        assert!(agent.graded, "{agent:?}");
        assert_eq!(agent.failed_by.is_empty(), agent.name == bars::PERFECT);
    }
}

#[test]
fn the_same_seed_says_the_same_on_any_number_of_threads_and_another_draws_other_cases() {
    let run = |seed: &str, threads: &str| {
        let folder = Folder::new();
        let report = folder.at("report");
        let suite = [
            "eval",
            "run",
            "--suite",
            "hijacked-model",
            "--report",
            &report,
        ];
        tierone(suite.iter().chain(&["--seed", seed, "--threads", threads])).ended(0);
        (read(&folder, "bundle.json"), read(&folder, "cases.json"))
    };
    let (once, cases) = run("7", "1");
    assert_eq!((once.clone(), cases.clone()), run("7", "3"));
    let (other, other_cases) = run("8", "3");
    assert_ne!(once, other);
    assert_ne!(cases, other_cases);
}

#[test]
fn a_bundle_that_lacks_something_attests_nothing() {
    type Spoil = fn(&mut Bundle);
    let spoils: [(&str, Spoil); 8] = [
        ("format", |bundle| bundle.format += 1),
        ("verdict", |bundle| bundle.verdict = Verdict::Inconclusive),
        ("suite", |bundle| drop(bundle.suites.pop())),
        ("site's own", |bundle| bundle.suites[0].compiled_in = false),
        ("no cases", |bundle| bundle.suites[0].cases = 0),
        ("bar", |bundle| bundle.suites[0].bars[0].limit = 1_000_000),
        ("mutant", |bundle| drop(bundle.mutants.remove(3))),
        ("agent", |bundle| drop(bundle.agents.pop())),
    ];
    for (what, spoil) in spoils {
        let mut bundle = whole();
        spoil(&mut bundle);
        assert!(bundle.suffices().is_err(), "{what}");
    }
    let mut bundle = whole();
    bundle.mutants[5].caught_by = None;
    let lived = Insufficient::Mutant(bundle.mutants[5].name.clone());
    assert_eq!(bundle.suffices(), Err(lived));
}

#[test]
fn a_suite_that_is_not_there_is_a_usage_error() {
    let ran = tierone(["eval", "run", "--suite", "hijacked-modle"]).ended(2);
    ran.says("there is no suite `hijacked-modle`");
    ran.says("hijacked-model, mutation");
    let ran = tierone(["eval", "run", "--candidate", "Cargo.toml"]).ended(2);
    ran.says("candidate `Cargo.toml` is no folder");
}

#[test]
fn a_suite_that_is_empty_or_errs_says_nothing() {
    let folder = Folder::new();
    folder.write("suites/own/cases.toml", "case = []\n");
    eval(folder.path(), &["--suite", "own"])
        .ended(3)
        .says("INCONCLUSIVE");
    folder.write("suites/own/notes.toml", "");
    let case = |id: &str, demo: &str| {
        format!(
            "[[case]]\nid = \"{id}\"\nalert = {{ demo = \"{demo}\" }}\nexpect = {{ fire = \"never\" }}\n"
        )
    };
    let there = "badge/tailgating-lobby.json";
    folder.write("suites/own/cases.toml", case("a", there));
    eval(folder.path(), &["--suite", "own"])
        .ended(0)
        .says("1 cases");
    let both = case("a", there) + &case("b", "badge/not-there.json");
    folder.write("suites/own/cases.toml", both);
    let ran = eval(folder.path(), &["--suite", "own"]).ended(3);
    ran.says("1 without a result");
    ran.says("the demo has no alert `badge/not-there.json`");
}

#[test]
fn a_case_file_that_is_wrong_is_a_usage_error_that_names_its_line() {
    let folder = Folder::new();
    folder.write("suites/own/cases.toml", "[[case]]\nid = \"a\"\nalrt = 1\n");
    let ran = eval(folder.path(), &["--suite", "own"]).ended(2);
    ran.says("own/cases.toml").says("line 3").says("alrt");
}

#[test]
fn an_expectation_that_is_not_met_fails() {
    let folder = Folder::new();
    let case = "[[case]]\nid = \"a\"\nalert = { demo = \"guardduty/research-bucket-public.json\" }\nexpect = { fire = \"never\" }\n";
    folder.write("suites/own/cases.toml", case);
    let ran = eval(folder.path(), &["--suite", "own"]).ended(1);
    ran.says("FAIL")
        .says("unsafe fire: fired `make-bucket-private`");
}

#[test]
fn a_policy_that_lost_a_forbid_fails_its_own_tests_and_proves_nothing() {
    let (_folder, path) = candidate();
    change(&path, "gate.cedar", |text| {
        text.replace(
            "when { resource.severity == \"critical\" };",
            "when { resource.severity == \"none\" };",
        )
    });
    let ran = eval(&path, &["--suite", "mutation"]).ended(1);
    ran.says("NOT CAUGHT");
}

#[test]
fn signs_that_find_nothing_are_noticed() {
    let (_folder, path) = candidate();
    change(&path, "injection.toml", |_| {
        "[[sign]]\nid = \"none\"\npattern = \"a^\"\nwhat = \"nothing\"\n".into()
    });
    let ran = eval(&path, &["--suite", "near-misses"]).ended(1);
    ran.says("injection.signs should hold it back");
}

#[test]
fn a_catalogue_in_which_nothing_is_autonomous_never_fires_and_does_not_pass() {
    let (_folder, path) = candidate();
    change(&path, "actions.toml", |text| {
        text.replace("autonomous = true", "autonomous = false")
    });
    eval(&path, &["--suite", "routine"]).ended(1);
}

#[test]
fn two_runs_are_compared_case_by_case() {
    let (folder, path) = candidate();
    let report = |name: &str| folder.at(name);
    eval(
        &path,
        &["--suite", "near-misses", "--report", &report("before")],
    )
    .ended(0);
    change(&path, "injection.toml", |_| {
        "[[sign]]\nid = \"none\"\npattern = \"a^\"\nwhat = \"nothing\"\n".into()
    });
    eval(
        &path,
        &["--suite", "near-misses", "--report", &report("after")],
    )
    .ended(1);
    let compare = |before: &str, after: &str| {
        tierone(["eval", "compare", &report(before), &report(after), "--json"])
    };
    let same: Value = compare("before", "before").ended(0).objects().remove(0);
    assert_eq!(
        (&same["worse"], &same["p"]),
        (&Value::Array(vec![]), &1.0.into())
    );
    let worse = compare("before", "after").ended(1).objects().remove(0);
    let changed = worse["worse"].as_array().unwrap();
    assert!(!changed.is_empty() && changed.len() < 10, "{worse}");
    assert!(
        changed
            .iter()
            .all(|case| case["before"]["complaint"].is_null())
    );
    let better = compare("after", "before").ended(0).objects().remove(0);
    assert_eq!(better["better"].as_array().unwrap().len(), changed.len());
}

#[test]
fn only_a_run_that_passed_as_a_whole_is_made_a_baseline() {
    let folder = Folder::new();
    let (part, baseline) = (folder.at("part"), folder.at("base/line.json"));
    tierone(["eval", "run", "--suite", "mutation", "--report", &part]).ended(0);
    let bless = |run: &str, store: &str| {
        let bless = ["eval", "bless", run, "--baseline", &baseline];
        tierone([&bless[..], &["--store", store]].concat())
    };
    let (live, demo) = ("sqlite://none.db", "demo://none.db");
    bless(&part, demo).ended(2).says("is no baseline");
    let report = WHOLE.0.at("report");
    bless(&report, live).ended(2).says("needs a key");
    assert!(!Path::new(&baseline).exists());
    bless(&report, demo).ended(0).says("is the baseline");
    let compare = |store: &str| tierone(["eval", "compare", &baseline, &report, "--store", store]);
    compare(demo).ended(0);
    compare(live).ended(2).says("is not believed");
    let moved = std::fs::read_to_string(&baseline).unwrap();
    std::fs::write(
        &baseline,
        moved.replacen("\"effect\":\"ask\"", "\"effect\":\"fire\"", 1),
    )
    .unwrap();
    compare(demo).ended(2).says("was changed after");
}

#[test]
fn the_reports_say_what_the_bundle_says() {
    let bundle = whole();
    let cases: u64 = bundle.suites.iter().map(|suite| suite.cases).sum();
    let junit = read(&WHOLE.0, "junit.xml");
    assert!(junit.contains(&format!("tests=\"{cases}\"")), "{cases}");
    assert_eq!(junit.matches("<testcase ").count() as u64, cases);
    let page = read(&WHOLE.0, "report.md");
    for suite in &bundle.suites {
        assert!(
            page.contains(&format!("| {} | PASS |", suite.name)),
            "{page}"
        );
    }
    assert!(page.contains(&bundle.digest().unwrap().to_string()));
    let listed: Value = serde_json::from_str(&read(&WHOLE.0, "cases.json")).unwrap();
    let listed = listed["suites"].as_object().unwrap().values();
    let listed: usize = listed.map(|suite| suite.as_object().unwrap().len()).sum();
    assert_eq!(listed as u64, cases, "two cases of a suite have one name");
}
