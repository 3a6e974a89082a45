//! The runner: makes, drives and grades the drawn cases of a suite, on every core, and gives the same results in the same order each time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use super::{
    drive::{Broken, Shipped, drive},
    grade::{Mark, grade},
    seen::Seen,
    suite::{Draw, Stratum, Suite},
    trial::Trial,
};
use crate::domain::decision::{Code, Effect};

/// What became of a case.
#[derive(Debug)]
pub struct Ran {
    /// Its name.
    pub id: String,
    /// Its stratum.
    pub stratum: String,
    /// Its cluster.
    pub cluster: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its marks, or why there are none.
    pub result: Result<Graded, Broken>,
}

impl Ran {
    /// What nobody hopes for in this case, in one line.
    pub fn complaint(&self) -> Option<String> {
        match &self.result {
            Err(broken) => Some(format!("no result: {broken}")),
            Ok(graded) => {
                let bad = graded.marks.iter().filter(|mark| mark.is_bad());
                let bad: Vec<String> = bad
                    .map(|mark| format!("{}: {}", mark.bar, mark.why))
                    .collect();
                (!bad.is_empty()).then(|| bad.join("; "))
            }
        }
    }
}

/// A case that was graded. Of what was seen only this is kept, so that a long run needs little memory.
#[derive(Debug)]
pub struct Graded {
    /// Its marks.
    pub marks: Vec<Mark>,
    /// What happened next.
    pub effect: Effect,
    /// The codes that held it back.
    pub held_by: Vec<Code>,
}

/// Whoever decides on a trial: the pipeline, or in the test of the graders an agent that is bad on purpose.
pub trait Decider: Sync {
    /// What is seen of `trial` once it is decided.
    fn decide(&self, trial: &Trial) -> Result<Seen, Broken>;
}

/// The pipeline, as it ships.
pub struct Pipeline<'a>(pub Shipped<'a>);

impl Decider for Pipeline<'_> {
    fn decide(&self, trial: &Trial) -> Result<Seen, Broken> {
        drive(trial, self.0)
    }
}

/// Who is told of progress: how many cases of a suite are done.
pub type Progress<'a> = &'a (dyn Fn(usize) + Sync);

/// Runs what is drawn of `suite` on so many `threads`, and gives for each of `deciders` what became of each case.
pub fn run(
    suite: &Suite,
    draw: Draw,
    deciders: &[&dyn Decider],
    threads: usize,
    progress: Progress<'_>,
) -> Vec<Vec<Ran>> {
    let drawn = suite.drawn(draw);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(place) = drawn.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((*place, one(suite, *place, deciders)));
            progress(1);
        }
        done
    };
    let mut done: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for worker in workers {
            // A case that panics is caught where it is driven; what a worker does not hand over is missing, which counts as errors.
            done.extend(worker.join().unwrap_or_default());
        }
        done
    });
    done.sort_by_key(|(place, _)| *place);
    let mut by_decider: Vec<Vec<Ran>> = deciders.iter().map(|_| Vec::new()).collect();
    for (_, case) in done {
        for (all, ran) in by_decider.iter_mut().zip(case) {
            all.push(ran);
        }
    }
    by_decider
}

/// One case, made once, before each decider.
fn one(suite: &Suite, (stratum, number): (usize, usize), deciders: &[&dyn Decider]) -> Vec<Ran> {
    let name = |stratum: &Stratum| stratum.name.clone();
    let named = suite.strata.get(stratum).map(name).unwrap_or_default();
    let made = catch_unwind(AssertUnwindSafe(|| match suite.strata.get(stratum) {
        Some(stratum) => (stratum.make)(number),
        None => Err(Broken::Unmade("no such stratum".into())),
    }));
    match made.unwrap_or(Err(Broken::Panicked)) {
        Ok(trial) => {
            let decided = deciders
                .iter()
                .map(|decider| decided(&named, &trial, *decider));
            decided.collect()
        }
        Err(broken) => {
            let why = broken.to_string();
            let unmade = |_| unmade(&named, number, Broken::Unmade(why.clone()));
            deciders.iter().map(unmade).collect()
        }
    }
}

fn decided(stratum: &str, trial: &Trial, decider: &dyn Decider) -> Ran {
    let result = decider.decide(trial).map(|seen| Graded {
        marks: grade(trial, &seen),
        effect: seen.effect,
        held_by: seen.held_by,
    });
    Ran {
        id: trial.id.clone(),
        stratum: stratum.into(),
        cluster: trial.cluster.clone(),
        tags: trial.tags.clone(),
        result,
    }
}

fn unmade(stratum: &str, number: usize, broken: Broken) -> Ran {
    Ran {
        id: format!("{stratum}/{number}"),
        stratum: stratum.into(),
        cluster: stratum.into(),
        tags: Vec::new(),
        result: Err(broken),
    }
}
