//! A run: every suite that was asked for, its verdict, and the evidence bundle.

use std::sync::Arc;

use super::{
    bundle::{Agent, Bundle, Extent, FORMAT, Mutant, SuiteResult, Verdict},
    drive::Shipped,
    material::Material,
    mutation,
    runner::{self, Decider, Pipeline, Progress, Ran},
    selftest,
    suite::{Draw, Suite},
    suites::{self, SuiteError},
    verdict,
};

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Asked {
    /// This suite only; every one where there is none.
    pub suite: Option<String>,
    /// The seed of the sample.
    pub seed: u32,
    /// How much of each suite.
    pub extent: Extent,
    /// On how many threads.
    pub threads: usize,
}

/// What a run found: the bundle, and each case of each suite for the reports.
pub struct Found {
    /// The bundle.
    pub bundle: Bundle,
    /// Each case, by suite, in the order of the bundle's suites.
    pub ran: Vec<Vec<Ran>>,
}

/// Who is told of what happens.
pub trait Watch: Sync {
    /// A suite begins, with so many cases.
    fn begins(&self, suite: &str, cases: usize);
    /// Some cases are done.
    fn done(&self, cases: usize);
    /// The suite is done.
    fn ends(&self, result: &SuiteResult);
}

/// Runs what is `asked`. The parts of the gate and the graders are tried where every suite runs.
pub fn run(
    material: &Arc<Material>,
    asked: &Asked,
    shipped: Shipped<'_>,
    watch: &dyn Watch,
) -> Result<Found, SuiteError> {
    let chosen = chosen(suites::all(material)?, asked.suite.as_deref())?;
    let agents = match asked.suite {
        None => Vec::from(selftest::agents()),
        Some(_) => Vec::new(),
    };
    let pipeline = Pipeline(shipped);
    let deciders: Vec<&dyn Decider> = std::iter::once(&pipeline as &dyn Decider)
        .chain(agents.iter().map(|agent| agent as &dyn Decider))
        .collect();
    let mut found: Vec<Vec<SuiteResult>> = deciders.iter().map(|_| Vec::new()).collect();
    let mut all = Vec::new();
    for suite in &chosen {
        let (own, results) = one(suite, asked, &deciders, watch);
        for (found, result) in found.iter_mut().zip(results) {
            found.push(result);
        }
        all.push(own);
    }
    let mut found = found.into_iter();
    let suites = found.next().unwrap_or_default();
    let graded = agents
        .iter()
        .zip(found)
        .map(|(agent, results)| agent.graded(&results));
    let agents: Vec<Agent> = graded.collect();
    let mutants = match asked.suite.as_deref() {
        None | Some(suites::mutation::NAME) => mutation::mutants(material, shipped)?,
        Some(_) => Vec::new(),
    };
    let verdict = verdict(&suites, &mutants, &agents);
    Ok(Found {
        bundle: Bundle {
            format: FORMAT,
            release: material.release.clone(),
            seed: asked.seed,
            extent: asked.extent,
            suites,
            mutants,
            agents,
            verdict,
        },
        ran: all,
    })
}

/// Runs one suite before every decider: the pipeline's cases, and each one's result.
fn one(
    suite: &Suite,
    asked: &Asked,
    deciders: &[&dyn Decider],
    watch: &dyn Watch,
) -> (Vec<Ran>, Vec<SuiteResult>) {
    let draw = match asked.extent {
        Extent::Full => Draw::Full,
        Extent::Sampled => Draw::Sample(asked.seed),
    };
    let drawn = suite.drawn(draw).len();
    watch.begins(&suite.name, drawn);
    let progress: Progress<'_> = &|cases| watch.done(cases);
    let mut ran = runner::run(suite, draw, deciders, asked.threads, progress);
    let results: Vec<SuiteResult> = ran
        .iter()
        .map(|ran| verdict::of(suite, drawn, ran))
        .collect();
    if let Some(own) = results.first() {
        watch.ends(own);
    }
    (ran.drain(..).next().unwrap_or_default(), results)
}

/// The worst of all. A part of the gate that nothing misses, or a grader that lets a bad agent pass, fails the run.
fn verdict(suites: &[SuiteResult], mutants: &[Mutant], agents: &[Agent]) -> Verdict {
    let suites = suites.iter().map(|suite| suite.verdict).max();
    let proven = mutants.iter().all(|mutant| mutant.caught_by.is_some())
        && agents.iter().all(|agent| agent.graded);
    let rest = if proven { Verdict::Pass } else { Verdict::Fail };
    suites.unwrap_or(Verdict::Inconclusive).max(rest)
}

fn chosen(suites: Vec<Suite>, name: Option<&str>) -> Result<Vec<Suite>, SuiteError> {
    let Some(name) = name else {
        return Ok(suites);
    };
    let known: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
    let known = known.join(", ");
    let chosen: Vec<Suite> = suites
        .into_iter()
        .filter(|suite| suite.name == name)
        .collect();
    if chosen.is_empty() {
        let name = name.to_owned();
        return Err(SuiteError::Unknown { name, known });
    }
    Ok(chosen)
}
