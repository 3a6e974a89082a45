//! The material of a run: what is tried, and what its cases are made of. Read by `app`, so that nothing here opens a file.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use crate::{
    domain::{canonical::Digest, precedent::Precedent, release::Release},
    pipeline::{normalise::Sources, rules::Rules},
};

/// What is tried, and what its cases are made of.
pub struct Material {
    /// The candidate's catalogue, policy and signs, over the demo's inventory, never list, people and calibration.
    pub candidate: Arc<Rules>,
    /// The same of this build alone.
    pub shipped: Rules,
    /// The candidate's sources.
    pub sources: Arc<Sources>,
    /// The candidate's policy tests.
    pub policy_tests: String,
    /// The digest of each of the candidate's components.
    pub release: Release,
    /// The demo.
    pub demo: Demo,
    /// The files of `eval/suites`, by path from there.
    pub files: BTreeMap<String, String>,
    /// The files of the suites that the candidate adds, by path.
    pub own_files: BTreeMap<String, String>,
}

/// The demo: alerts and how people settled their like.
pub struct Demo {
    /// Each alert file, by path from `alerts`: its folder is its source.
    pub alerts: BTreeMap<String, Vec<u8>>,
    /// The precedents.
    pub precedents: Vec<Precedent>,
    /// The clock.
    pub now: Timestamp,
}

impl Material {
    /// The digest of the files of a suite: what its cases are made of beside this build.
    pub fn digest(&self, suite: &str) -> Digest {
        let folder = format!("{suite}/");
        let own = self.files.iter().chain(&self.own_files);
        let named = own.filter(|(path, _)| path.starts_with(&folder));
        let mut text = String::new();
        for (path, content) in named {
            text.push_str(path);
            text.push('\0');
            text.push_str(content);
            text.push('\0');
        }
        Digest::of_bytes(text.as_bytes())
    }
}
