//! A suite: cases that are made when they run, by stratum, so that a sample is drawn of each and no run holds all of them.

use super::{bars::Bar, chance::Chance, drive::Broken, trial::Trial};
use crate::domain::canonical::Digest;

/// Cases with the same question.
pub struct Suite {
    /// Its name: that of its folder.
    pub name: String,
    /// Whether it is part of this build.
    pub compiled_in: bool,
    /// The digest of what its cases are made of.
    pub data: Digest,
    /// Its bars.
    pub bars: Vec<Bar>,
    /// Cases of one stratum that are run where not all are.
    pub sampled: usize,
    /// Its strata.
    pub strata: Vec<Stratum>,
}

/// Cases of which a sample stands for the rest.
pub struct Stratum {
    /// Its name.
    pub name: String,
    /// How many cases it has.
    pub count: usize,
    /// Makes one of them.
    pub make: Box<dyn Fn(usize) -> Result<Trial, Broken> + Send + Sync>,
}

/// Cases that are known in full, each a stratum of its own kind: all of them always run.
pub fn all(name: &str, trials: Vec<Trial>) -> Stratum {
    Stratum {
        name: name.into(),
        count: trials.len(),
        make: Box::new(move |place| {
            let trial = trials.get(place).cloned();
            trial.ok_or_else(|| Broken::Unmade(format!("no case {place}")))
        }),
    }
}

/// How much of a suite is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// A sample with this seed.
    Sample(u32),
    /// Every case.
    Full,
}

impl Suite {
    /// The places of the cases that are run: stratum and number, in order. The first of a stratum is always among them: it is the one that
    /// may fire where any may, and a suite in which nothing could would prove little.
    pub fn drawn(&self, draw: Draw) -> Vec<(usize, usize)> {
        let mut drawn = Vec::new();
        for (place, stratum) in self.strata.iter().enumerate() {
            let numbers: Vec<usize> = match draw {
                Draw::Full => (0..stratum.count).collect(),
                Draw::Sample(seed) => self.sample(stratum, seed),
            };
            drawn.extend(numbers.into_iter().map(|number| (place, number)));
        }
        drawn
    }

    fn sample(&self, stratum: &Stratum, seed: u32) -> Vec<usize> {
        let mut chance = Chance::new(seed, &format!("{}/{}", self.name, stratum.name));
        let rest = chance.places(
            self.sampled.saturating_sub(1),
            stratum.count.saturating_sub(1),
        );
        let first = (0..stratum.count).take(1);
        first
            .chain(rest.into_iter().map(|place| place + 1))
            .collect()
    }
}
