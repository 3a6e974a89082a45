//! Progress of an evaluation on a terminal. It goes to standard error, and nowhere where that is none.

use indicatif::{ProgressBar, ProgressStyle};

use crate::eval::{bundle::SuiteResult, run::Watch};

const STYLE: &str = "{msg:<24} {bar:32} {pos}/{len} cases, {per_sec}";

/// A bar for the suite that runs.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar that shows nothing yet.
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(STYLE) {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Bar {
    /// The bar of a run before a model.
    pub fn live(pairs: usize) -> Self {
        let bar = Self::new();
        bar.begins("live", pairs);
        bar
    }
}

impl Watch for Bar {
    fn begins(&self, suite: &str, cases: usize) {
        self.0.reset();
        self.0.set_message(suite.to_owned());
        self.0.set_length(u64::try_from(cases).unwrap_or(u64::MAX));
    }

    fn done(&self, cases: usize) {
        self.0.inc(u64::try_from(cases).unwrap_or(u64::MAX));
    }

    fn ends(&self, _: &SuiteResult) {
        self.0.finish_and_clear();
    }
}
