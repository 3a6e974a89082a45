//! The promise of a calibration: the share of unsafe fires is at most alpha, and the right to fire is wrong in at most delta of all histories.
//!
//! The reference scenario is fixed: a score that is uniform, a risk of 0.20·(1 - score)⁴, twenty rungs, alpha 1 %, delta 5 %. What may act
//! from score λ on has the risk 0.04·(1 - λ)⁴, so that the promise is broken by every rung below 0.293.

use tierone::{
    domain::statistics::upper,
    eval::chance::Chance,
    pipeline::calibrate::{Rung, Terms, Tested, walk},
};

const RUNGS: u32 = 20;
const TERMS: Terms = Terms {
    alpha: 0.01,
    beta: 0.01,
    delta: 0.05,
};

/// One history: how many trials, and unsafe ones, have their score in each twentieth.
type Cells = Vec<(u64, u64)>;

/// A way to choose from which rung on to act.
type Rule = fn(&Cells) -> Option<u32>;

/// What a rule did over all histories.
#[derive(Debug)]
struct Kept {
    histories: u64,
    broken: u64,
    /// The mean share of alerts that it acts on.
    coverage: f64,
}

fn unit(chance: &mut Chance) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let bits = (chance.bits() >> 11) as f64;
    bits / 9_007_199_254_740_992.0
}

/// `trials` trials, each told `rows` times.
fn history(seed: u32, trials: usize, rows: u64) -> Cells {
    let mut chance = Chance::new(seed, "promise");
    let mut cells = vec![(0, 0); RUNGS as usize];
    for _ in 0..trials {
        let score = unit(&mut chance);
        let wrong = unit(&mut chance) < 0.20 * (1.0 - score).powi(4);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "under 20"
        )]
        let cell = &mut cells[(score * f64::from(RUNGS)) as usize];
        cell.0 += rows;
        cell.1 += u64::from(wrong) * rows;
    }
    cells
}

/// The rungs, strictest first, each with all that is at or above it.
fn counted(cells: &Cells) -> Vec<Rung> {
    let mut sum = (0, 0);
    let rung = |(level, (all, wrong)): (usize, &(u64, u64))| {
        sum = (sum.0 + all, sum.1 + wrong);
        Rung {
            level: u32::try_from(level).unwrap(),
            trials: sum.0,
            not_safe: sum.1,
            bound: upper(sum.1, sum.0),
            attacks: None,
            tested: Tested::TooFew,
        }
    };
    cells.iter().enumerate().rev().map(rung).collect()
}

fn ours(cells: &Cells) -> Option<u32> {
    let mut rungs = counted(cells);
    // All of delta on one look, which is the hardest for the promise.
    walk(&mut rungs, TERMS.delta, TERMS);
    let accepted = rungs.iter().filter(|rung| rung.tested == Tested::Accepted);
    accepted.map(|rung| rung.level).min()
}

/// The loosest rung whose observed share is under alpha, as thresholds are usually set.
fn naive(cells: &Cells) -> Option<u32> {
    let rungs = counted(cells);
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let observed = |rung: &&Rung| rung.not_safe as f64 <= TERMS.alpha * rung.trials as f64;
    rungs
        .iter()
        .filter(|rung| rung.trials > 0)
        .filter(observed)
        .map(|rung| rung.level)
        .min()
}

fn kept(rule: Rule, histories: u32, trials: usize, rows: u64) -> Kept {
    let (mut broken, mut coverage) = (0, 0.0);
    for seed in 0..histories {
        if let Some(level) = rule(&history(seed, trials, rows)) {
            let acted_on = 1.0 - f64::from(level) / f64::from(RUNGS);
            broken += u64::from(0.04 * acted_on.powi(4) > TERMS.alpha);
            coverage += acted_on / f64::from(histories);
        }
    }
    Kept {
        histories: u64::from(histories),
        broken,
        coverage,
    }
}

impl Kept {
    fn line(&self) -> String {
        let percent = |ppm: u32| f64::from(ppm) / 1e4;
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let share = 100.0 * self.broken as f64 / self.histories as f64;
        format!(
            "broken in {} of {} histories: {share:.2} %, at most {:.2} %; acts on {:.1} % (an oracle on 70.0 %)",
            self.broken,
            self.histories,
            percent(upper(self.broken, self.histories)),
            100.0 * self.coverage,
        )
    }

    /// Whether it is proven that at most a share `delta` of histories is broken.
    fn keeps(&self) -> bool {
        f64::from(upper(self.broken, self.histories)) / 1e6 <= TERMS.delta
    }
}

#[test]
fn the_promise_is_kept_where_the_naive_rule_and_counted_rows_break_it() {
    let (histories, trials) = (400, 1_000);
    let kept_by_us = kept(ours, histories, trials, 1);
    assert!(kept_by_us.keeps(), "{}", kept_by_us.line());
    assert!(kept_by_us.coverage > 0.1, "{}", kept_by_us.line());
    let naive = kept(naive, histories, trials, 1);
    assert!(!naive.keeps(), "{}", naive.line());
    let rows = kept(ours, histories, trials, 20);
    assert!(!rows.keeps(), "{}", rows.line());
}

#[test]
#[ignore = "some seconds in a release build: `just promise`"]
fn the_promise_over_two_thousand_histories() {
    let histories = 2_000;
    for trials in [1_000, 3_000, 10_000] {
        println!("{trials} trials, alpha 1 %, delta 5 %");
        let us = kept(ours, histories, trials, 1);
        println!("  this test            {}", us.line());
        let naive = kept(naive, histories, trials, 1);
        println!("  observed share       {}", naive.line());
        let rows = kept(ours, histories, trials, 20);
        println!("  rows told 20 times   {}", rows.line());
        assert!(us.keeps(), "{}", us.line());
        // With ten thousand rows the next looser rung is too far from alpha for anyone to take.
        assert!(trials > 3_000 || !rows.keeps(), "{}", rows.line());
    }
}
