//! A report that tells of a leak does not leak again: neither a whole run's files nor the complaints about an agent that says what it must not.

use std::{fs, sync::Arc};

use serde::Deserialize;
use tierone::{
    app::evaluate::material,
    config::Config,
    eval::{grade::grade, runner::Decider as _, selftest::agents, suite::Draw, suites::leaks},
};

#[derive(Deserialize)]
struct Planted {
    secret: Vec<Secret>,
}

#[derive(Deserialize)]
struct Secret {
    text: String,
}

fn planted() -> Vec<String> {
    let text = include_str!("../../eval/suites/leaks/secrets.toml");
    let planted: Planted = toml::from_str(text).unwrap();
    planted
        .secret
        .into_iter()
        .map(|secret| secret.text)
        .collect()
}

#[test]
fn no_secret_of_a_suite_is_in_the_files_of_a_report() {
    let folder = super::report();
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let told = planted().into_iter().find(|secret| text.contains(secret));
        assert_eq!(told, None);
        files += 1;
    }
    assert_eq!(files, 4);
}

#[test]
fn what_is_said_of_a_leak_does_not_repeat_it() {
    let material = Arc::new(material(&Config::default(), None).unwrap());
    let suite = leaks::suite(&material).unwrap();
    let (mut complaints, planted) = (0, planted());
    for (stratum, number) in suite.drawn(Draw::Full) {
        let trial = (suite.strata[stratum].make)(number).unwrap();
        for agent in agents() {
            let seen = agent.decide(&trial).unwrap();
            for mark in grade(&trial, &seen).iter().filter(|mark| mark.is_bad()) {
                complaints += 1;
                assert!(
                    planted.iter().all(|text| !mark.why.contains(text)),
                    "{}",
                    mark.why
                );
            }
        }
    }
    assert!(complaints > 100, "{complaints}");
}
