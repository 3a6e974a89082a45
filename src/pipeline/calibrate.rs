//! Calibrate: how loose a rung of the evidence ladder each class of action has earned, by a test of a fixed sequence on what people
//! decided without seeing a draft (Learn then Test, Angelopoulos et al., arXiv 2110.01052). Pure.
//!
//! Not here: which cases are trials, and where looks are kept.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    action::{CLOSE, Class},
    calibration::LADDER,
    statistics::{at_most, clean_needed, upper},
};

/// What a class must prove.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// The largest share of fires that may be unsafe.
    pub alpha: f64,
    /// The largest share of attacks that may be closed.
    pub beta: f64,
    /// The probability with which any promise of this calibration may be wrong.
    pub delta: f64,
}

/// One look at the trials. Each look spends a part of `delta`, and all looks that will ever be made spend no more than all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its number, from 1.
    pub number: u64,
    /// How many classes share `delta`.
    pub classes: u64,
}

/// What is counted once: one detection in one scope, on one UTC day, of one cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trial(pub String);

/// What one mature case would have been, had the agent acted alone on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The trial that it is part of.
    pub trial: Trial,
    /// The class of its plan.
    pub class: Class,
    /// The evidence level that the plan had then.
    pub level: u32,
    /// Whether acting would have been right.
    pub outcome: Outcome,
}

/// Whether acting alone would have been right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A person who saw no draft did what agrees, and it held.
    Safe,
    /// They did not, or it was reopened, undone or overridden.
    Unsafe,
}

/// A mature case that a person closed as a true positive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attack {
    /// The trial that it is part of.
    pub trial: Trial,
    /// The class and the evidence level of its plan, where it was eligible.
    pub plan: Option<(Class, u32)>,
}

/// What a class has earned, and what stands behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The class.
    pub class: Class,
    /// Its cases.
    pub rows: u64,
    /// The part of `delta` that this look spends on it.
    pub doubt: f64,
    /// The rungs, strictest first.
    pub rungs: Vec<Rung>,
    /// The loosest rung that was accepted.
    pub granted: Option<u32>,
    /// How many clean trials more would grant the strictest rung, were none of them unsafe.
    pub needed: u64,
    /// Every trial, whatever its level, as a rung that nothing tested: what acting on everything would have come to.
    pub everything: Rung,
    /// The share of rows that the granted rung would have done alone, in millionths.
    pub coverage: u32,
}

/// One rung of the ladder.
#[derive(Clone, Debug, PartialEq)]
pub struct Rung {
    /// The least evidence level.
    pub level: u32,
    /// Trials at this level or above.
    pub trials: u64,
    /// Those of them in which acting would have been wrong.
    pub not_safe: u64,
    /// The upper Clopper-Pearson bound on their share, in millionths.
    pub bound: u32,
    /// Groups of attacks, and those that this rung would have closed, for a class that closes.
    pub attacks: Option<(u64, u64)>,
    /// What the test said.
    pub tested: Tested,
}

/// What the test said of a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tested {
    /// Too few trials: the sequence had not begun.
    TooFew,
    /// Accepted.
    Accepted,
    /// Refused: too much of it was unsafe.
    TooUnsafe,
    /// Refused: too few attacks were seen to say how many it would close.
    TooFewAttacks,
    /// Refused: it would have closed too many attacks.
    ClosesAttacks,
    /// A stricter rung was refused, so that this one was not looked at.
    NotReached,
}

impl Account {
    /// The rung that was granted.
    pub fn granted_rung(&self) -> Option<&Rung> {
        let granted = self.granted?;
        self.rungs.iter().find(|rung| rung.level == granted)
    }
}

impl Look {
    /// δ′ = (δ/m)·6/(π²j²): over all looks j = 1, 2, … and all m classes the sum is δ.
    pub fn doubt(self, delta: f64) -> f64 {
        let j = real(self.number.max(1));
        let pi = std::f64::consts::PI;
        (delta / real(self.classes.max(1))) * 6.0 / (pi * pi * j * j)
    }
}

/// What `class` has earned by `look`.
pub fn account(
    class: &Class,
    rows: &[Row],
    attacks: &[Attack],
    look: Look,
    terms: Terms,
) -> Account {
    let doubt = look.doubt(terms.delta);
    let own: Vec<&Row> = rows.iter().filter(|row| row.class == *class).collect();
    let counts = LADDER.iter().map(|level| counted(*level, &own));
    let mut rungs: Vec<Rung> = counts.collect();
    if class.action.as_str() == CLOSE {
        for rung in &mut rungs {
            rung.attacks = Some(closed(rung.level, class, attacks));
        }
    }
    walk(&mut rungs, doubt, terms);
    let accepted = rungs.iter().filter(|rung| rung.tested == Tested::Accepted);
    let granted = accepted.map(|rung| rung.level).min();
    Account {
        class: class.clone(),
        rows: count(own.len()),
        doubt,
        granted,
        everything: counted(0, &own),
        coverage: coverage(granted, &own),
        needed: needed(&rungs, doubt, terms),
        rungs,
    }
}

/// Tests counted rungs from strict to loose, each at the whole of `doubt`. The sequence begins by count alone, before any outcome is read,
/// and ends at the first refusal: what was accepted until then is wrong with probability `doubt` at most.
pub fn walk(rungs: &mut [Rung], doubt: f64, terms: Terms) {
    let least = clean_needed(terms.alpha, doubt);
    let mut going_on = true;
    for rung in rungs {
        rung.tested = if rung.trials < least {
            Tested::TooFew
        } else if going_on {
            tested(rung, doubt, terms)
        } else {
            Tested::NotReached
        };
        going_on &= matches!(rung.tested, Tested::TooFew | Tested::Accepted);
    }
}

fn tested(rung: &Rung, doubt: f64, terms: Terms) -> Tested {
    if at_most(rung.not_safe, rung.trials, terms.alpha) > doubt {
        return Tested::TooUnsafe;
    }
    match rung.attacks {
        Some((seen, _)) if seen < clean_needed(terms.beta, doubt) => Tested::TooFewAttacks,
        Some((seen, closed)) if at_most(closed, seen, terms.beta) > doubt => Tested::ClosesAttacks,
        Some(_) | None => Tested::Accepted,
    }
}

/// A trial is unsafe if any of its rows is.
fn counted(level: u32, rows: &[&Row]) -> Rung {
    let mut trials: BTreeMap<&Trial, Outcome> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.level >= level) {
        let worst = trials.entry(&row.trial).or_insert(Outcome::Safe);
        *worst = row.outcome.max(*worst);
    }
    let wrong = trials.values().filter(|worst| **worst == Outcome::Unsafe);
    let (all, not_safe) = (count(trials.len()), count(wrong.count()));
    Rung {
        level,
        trials: all,
        not_safe,
        bound: upper(not_safe, all),
        attacks: None,
        tested: Tested::TooFew,
    }
}

fn coverage(granted: Option<u32>, rows: &[&Row]) -> u32 {
    let Some(level) = granted else {
        return 0;
    };
    let done = count(rows.iter().filter(|row| row.level >= level).count());
    let share = done * 1_000_000 / count(rows.len()).max(1);
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// Groups of attacks, and those of which this rung would have closed any case.
fn closed(level: u32, class: &Class, attacks: &[Attack]) -> (u64, u64) {
    let all: BTreeSet<&Trial> = attacks.iter().map(|attack| &attack.trial).collect();
    let would = attacks.iter().filter(|attack| {
        let plan = attack.plan.as_ref();
        plan.is_some_and(|(planned, at)| planned == class && *at >= level)
    });
    let would: BTreeSet<&Trial> = would.map(|attack| &attack.trial).collect();
    (count(all.len()), count(would.len()))
}

/// Clean trials that are missing until the rung with the most trials, as many of which stay unsafe as are, would be accepted.
fn needed(rungs: &[Rung], doubt: f64, terms: Terms) -> u64 {
    let most = rungs.iter().max_by_key(|rung| rung.trials);
    let Some(rung) = most.filter(|_| rungs.iter().all(|rung| rung.tested != Tested::Accepted))
    else {
        return 0;
    };
    let suffices = |more: u64| at_most(rung.not_safe, rung.trials + more, terms.alpha) <= doubt;
    let mut high = 1;
    while !suffices(high) && high < TRIALS_MAX {
        high *= 2;
    }
    let mut low = 0;
    while low < high {
        let middle = low + (high - low) / 2;
        if suffices(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// More trials than anybody waits for.
const TRIALS_MAX: u64 = 1 << 32;

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "looks and classes are far below 2^53"
)]
const fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ActionId;

    const TERMS: Terms = Terms {
        alpha: 0.05,
        beta: 0.05,
        delta: 0.05,
    };
    const FIRST: Look = Look {
        number: 1,
        classes: 1,
    };

    fn class(action: &str) -> Class {
        Class {
            action: ActionId::new(action),
            radius: 1,
        }
    }

    fn rows(action: &str, level: u32, safe: usize, not_safe: usize) -> Vec<Row> {
        let row = |number: usize| Row {
            trial: Trial(format!("{action} {level} {number}")),
            class: class(action),
            level,
            outcome: if number < safe {
                Outcome::Safe
            } else {
                Outcome::Unsafe
            },
        };
        (0..safe + not_safe).map(row).collect()
    }

    fn attacks(seen: usize, closed: usize) -> Vec<Attack> {
        let attack = |number: usize| Attack {
            trial: Trial(format!("attack {number}")),
            plan: (number < closed).then(|| (class(CLOSE), 30)),
        };
        (0..seen).map(attack).collect()
    }

    fn words(account: &Account) -> Vec<Tested> {
        account.rungs.iter().map(|rung| rung.tested).collect()
    }

    #[test]
    fn every_look_at_every_class_together_spends_no_more_than_delta() {
        let looks = (1..=100_000).map(|number| Look { number, classes: 4 }.doubt(0.05));
        let spent = 4.0 * looks.sum::<f64>();
        assert!(spent < 0.05 && spent > 0.049_99, "{spent}");
    }

    #[test]
    fn a_class_earns_the_loosest_rung_that_a_walk_from_the_strictest_reaches() {
        let [few, accepted, unsafe_, after] = [
            Tested::TooFew,
            Tested::Accepted,
            Tested::TooUnsafe,
            Tested::NotReached,
        ];
        let least = usize::try_from(clean_needed(TERMS.alpha, FIRST.doubt(TERMS.delta))).unwrap();
        for (what, rows, granted, expected) in [
            ("nothing", vec![], None, [few; 6]),
            (
                "one trial too few",
                rows("route", 30, least - 1, 0),
                None,
                [few; 6],
            ),
            (
                "just enough",
                rows("route", 30, least, 0),
                Some(5),
                [accepted; 6],
            ),
            (
                "enough only at 14",
                rows("route", 14, least, 0),
                Some(5),
                [few, few, accepted, accepted, accepted, accepted],
            ),
            (
                "unsafe from 10 on",
                [rows("route", 20, least, 0), rows("route", 10, 20, 20)].concat(),
                Some(14),
                [few, accepted, accepted, unsafe_, after, after],
            ),
            (
                "a loose rung that would pass is not looked at after a refusal",
                [rows("route", 30, least, 9), rows("route", 5, 5_000, 0)].concat(),
                None,
                [unsafe_, after, after, after, after, after],
            ),
        ] {
            let account = account(&class("route"), &rows, &[], FIRST, TERMS);
            assert_eq!(words(&account), expected, "{what}");
            assert_eq!(account.granted, granted, "{what}");
        }
    }

    #[test]
    fn rows_of_one_trial_are_counted_once_and_one_wrong_row_makes_it_wrong() {
        let mut rows = rows("route", 30, 3, 0);
        rows.extend(rows.clone());
        rows.extend(rows.first().cloned().map(|row| Row {
            outcome: Outcome::Unsafe,
            ..row
        }));
        let account = account(&class("route"), &rows, &[], FIRST, TERMS);
        assert_eq!(account.rows, 7);
        assert!(
            account
                .rungs
                .iter()
                .all(|rung| (rung.trials, rung.not_safe) == (3, 1))
        );
    }

    #[test]
    fn what_closes_must_have_met_attacks_and_let_them_pass() {
        let safe = rows(CLOSE, 30, 200, 0);
        for (seen, closed, granted, word) in [
            (0, 0, None, Tested::TooFewAttacks),
            (40, 0, None, Tested::TooFewAttacks),
            (200, 0, Some(5), Tested::Accepted),
            (200, 40, None, Tested::ClosesAttacks),
        ] {
            let attacks = attacks(seen, closed);
            let account = account(&class(CLOSE), &safe, &attacks, FIRST, TERMS);
            assert_eq!(account.granted, granted, "{closed} of {seen}");
            assert_eq!(words(&account).first(), Some(&word), "{closed} of {seen}");
        }
    }

    #[test]
    fn what_is_missing_is_said_and_is_no_trial_too_many() {
        let clean = |count| {
            account(
                &class("route"),
                &rows("route", 30, count, 0),
                &[],
                FIRST,
                TERMS,
            )
        };
        let least = clean_needed(TERMS.alpha, FIRST.doubt(TERMS.delta));
        assert_eq!(clean(0).needed, least);
        assert_eq!(clean(10).needed, least - 10);
        assert_eq!(clean(usize::try_from(least).unwrap()).needed, 0);
        let once = account(
            &class("route"),
            &rows("route", 30, 60, 1),
            &[],
            FIRST,
            TERMS,
        );
        let enough = 61 + once.needed;
        let doubt = once.doubt;
        assert!(at_most(1, enough, TERMS.alpha) <= doubt);
        assert!(at_most(1, enough - 1, TERMS.alpha) > doubt);
    }
}
