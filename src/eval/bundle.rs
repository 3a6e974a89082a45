//! The evidence bundle: what a run of the suites found, in a form that is the same for the same run, and that can be signed.
//!
//! It has no time, no host and no path in it. Shares are whole millionths, so that no machine writes them in another way.

use serde::{Deserialize, Serialize};

use super::bars;
use crate::domain::{
    canonical::{self, Digest, NotCanonical},
    release::Release,
};

/// The format that this build writes and reads.
pub const FORMAT: u32 = 1;

/// What a run found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Its format: [`FORMAT`].
    pub format: u32,
    /// What was tried: the digest of each component.
    pub release: Release,
    /// The seed of the sample.
    pub seed: u32,
    /// Whether every case ran.
    pub extent: Extent,
    /// What each suite found, in the order in which they ran.
    pub suites: Vec<SuiteResult>,
    /// What became of each part of the gate that was left out.
    pub mutants: Vec<Mutant>,
    /// What became of each agent that is bad on purpose, and of the perfect one.
    pub agents: Vec<Agent>,
    /// The verdict on the whole: the worst of all.
    pub verdict: Verdict,
}

/// How much of each suite ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// A sample with a seed, of each stratum.
    Sampled,
    /// Every case.
    Full,
}

/// What a suite found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteResult {
    /// Its name: that of its folder.
    pub name: String,
    /// Whether it and its bars are part of this build; only such suites count in an attestation.
    pub compiled_in: bool,
    /// The digest of the files that its cases are made of.
    pub data: Digest,
    /// The cases that ran.
    pub cases: u64,
    /// The clusters that they are in. Bounds count clusters, never cases.
    pub clusters: u64,
    /// The cases that came to no result.
    pub errors: u64,
    /// The verdict: the worst of its bars.
    pub verdict: Verdict,
    /// Each bar, as declared before the run.
    pub bars: Vec<BarResult>,
    /// Figures without a bar, by name.
    pub figures: std::collections::BTreeMap<String, u64>,
}

/// What came of a bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BarResult {
    /// Its name.
    pub name: String,
    /// What it bounds.
    pub side: Side,
    /// The clusters that it is about.
    pub n: u64,
    /// Those in which it happened.
    pub k: u64,
    /// The Clopper-Pearson bound on the share, in millionths: the upper one of what may be at most, the lower one of what must be at least.
    pub bound: u32,
    /// Where the bound must be, in millionths.
    pub limit: u32,
    /// The verdict.
    pub verdict: Verdict,
}

/// What a bar bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What must never happen: one cluster in which it does fails.
    Never,
    /// What may happen at most so often.
    AtMost,
    /// What must happen at least so often.
    AtLeast,
}

/// What is said of a bar, a suite or a run. The later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every bar is met.
    Pass,
    /// Too little was seen to say.
    Inconclusive,
    /// A bar is missed.
    Fail,
}

/// A part of the gate that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// The code of the condition, or the id of the policy.
    pub name: String,
    /// Which of them.
    pub part: Part,
    /// How many cases noticed.
    pub noticed: u64,
    /// The first case that did; `None` where the mutant lived.
    pub caught_by: Option<String>,
}

/// A part of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A condition in Rust.
    Condition,
    /// A policy in Cedar.
    Policy,
}

/// What became of an agent in the test of the graders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Whether it is bad on purpose.
    pub bad: bool,
    /// The suites that failed it.
    pub failed_by: Vec<String>,
    /// Whether the graders said what they must: a bad agent fails, the perfect one passes.
    pub graded: bool,
}

/// Why a bundle attests nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Insufficient {
    /// It has another format.
    #[error(
        "the bundle has format {0}, this build knows {FORMAT}; run the evaluation with this build"
    )]
    Format(u32),
    /// The run did not pass.
    #[error("the run's verdict is {0}; look into its report")]
    Verdict(Verdict),
    /// A suite that must pass is not in it.
    #[error("suite `{0}` is not among its compiled-in suites; run the evaluation without --suite")]
    Missing(&'static str),
    /// A suite did not pass, or ran nothing.
    #[error("suite `{0}` did not pass; look into its report")]
    Suite(String),
    /// A bar of this build is not in it as declared.
    #[error(
        "suite `{suite}` lacks the bar `{bar}` as this build declares it; run the evaluation with this build"
    )]
    Bar {
        /// Of which suite.
        suite: String,
        /// Which.
        bar: String,
    },
    /// A part of the gate can be left out unnoticed, or none was tried.
    #[error("`{0}` of the gate was not proven to be needed")]
    Mutant(String),
    /// The graders are not proven.
    #[error("the graders said of agent `{0}` what they must not")]
    Agent(String),
}

impl Bundle {
    /// The canonical bytes: what is written, hashed and signed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::to_bytes(self)
    }

    /// Their digest.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        Digest::of(self)
    }

    /// Whether it is what an attestation needs, by this build's own bars. A signer checks this, and so does whoever reads the signature.
    pub fn suffices(&self) -> Result<(), Insufficient> {
        if self.format != FORMAT {
            return Err(Insufficient::Format(self.format));
        }
        if self.verdict != Verdict::Pass {
            return Err(Insufficient::Verdict(self.verdict));
        }
        for name in bars::suites() {
            let suite = self
                .suites
                .iter()
                .find(|suite| suite.name == name && suite.compiled_in);
            suite.ok_or(Insufficient::Missing(name))?.suffices()?;
        }
        self.gate_is_needed()?;
        self.graders_are_proven()
    }

    fn gate_is_needed(&self) -> Result<(), Insufficient> {
        let lived = self
            .mutants
            .iter()
            .find(|mutant| mutant.caught_by.is_none());
        if let Some(mutant) = lived {
            return Err(Insufficient::Mutant(mutant.name.clone()));
        }
        let tried = |code: &&crate::domain::decision::Code| {
            let name = code.text();
            let mut mutants = self.mutants.iter();
            mutants.any(|mutant| mutant.part == Part::Condition && mutant.name == name)
        };
        match crate::domain::decision::Code::ALL
            .iter()
            .find(|code| !tried(code))
        {
            Some(code) => Err(Insufficient::Mutant(code.text().into())),
            None => Ok(()),
        }
    }

    fn graders_are_proven(&self) -> Result<(), Insufficient> {
        if let Some(agent) = self.agents.iter().find(|agent| !agent.graded) {
            return Err(Insufficient::Agent(agent.name.clone()));
        }
        let graded = |name: &&&str| self.agents.iter().any(|agent| agent.name == **name);
        match bars::AGENTS.iter().find(|name| !graded(name)) {
            Some(name) => Err(Insufficient::Agent((*name).into())),
            None => Ok(()),
        }
    }
}

impl SuiteResult {
    fn suffices(&self) -> Result<(), Insufficient> {
        if self.verdict != Verdict::Pass || self.cases == 0 {
            return Err(Insufficient::Suite(self.name.clone()));
        }
        for declared in bars::of(&self.name) {
            let met = self.bars.iter().any(|bar| {
                bar.name == declared.name
                    && bar.side == declared.side
                    && bar.limit == declared.limit
                    && bar.verdict == Verdict::Pass
            });
            if !met {
                return Err(Insufficient::Bar {
                    suite: self.name.clone(),
                    bar: declared.name.into(),
                });
            }
        }
        Ok(())
    }
}

impl Verdict {
    /// The word, as people are shown it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Fail => "FAIL",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
