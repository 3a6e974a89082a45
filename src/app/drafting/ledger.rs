//! Ledger: what drafting took today: what the store had of it when this process began, and what it took since. What is under way counts as if it
//! took the most that it can.

use std::sync::{Mutex, PoisonError};

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::terms::Ceilings;
use crate::domain::case::Spent;

/// The spending of one UTC day.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Day>);

#[derive(Debug, Default)]
struct Day {
    date: Option<Date>,
    spent: Spent,
}

impl Ledger {
    /// Begins the day of `now`, in which so much was spent before.
    pub(super) fn begin(&self, now: Timestamp, spent: Spent) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Day {
            date: Some(date(now)),
            spent,
        };
    }

    /// Sets `most` aside for a call of a case that took `case` so far; says which ceiling forbids it.
    pub(super) fn reserve(
        &self,
        ceilings: &Ceilings,
        case: Spent,
        most: Spent,
        now: Timestamp,
    ) -> Result<(), &'static str> {
        over(
            ceilings.case_tokens,
            case.tokens,
            most.tokens,
            "the tokens of one case",
        )?;
        over(
            ceilings.case_micros,
            case.cost_micros,
            most.cost_micros,
            "the cost of one case",
        )?;
        let mut day = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let today = date(now);
        if day.date != Some(today) {
            *day = Day {
                date: Some(today),
                spent: Spent::default(),
            };
        }
        over(
            ceilings.day_tokens,
            day.spent.tokens,
            most.tokens,
            "the tokens of one day",
        )?;
        over(
            ceilings.day_micros,
            day.spent.cost_micros,
            most.cost_micros,
            "the cost of one day",
        )?;
        day.spent = plus(day.spent, most);
        Ok(())
    }

    /// Puts what was taken in the place of what was set aside.
    pub(super) fn settle(&self, most: Spent, taken: Spent) {
        let mut day = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        day.spent = Spent {
            tokens: day.spent.tokens.saturating_sub(most.tokens),
            cost_micros: day.spent.cost_micros.saturating_sub(most.cost_micros),
        };
        day.spent = plus(day.spent, taken);
    }
}

fn date(now: Timestamp) -> Date {
    Offset::UTC.to_datetime(now).date()
}

/// Both together.
pub(super) const fn plus(a: Spent, b: Spent) -> Spent {
    Spent {
        tokens: a.tokens.saturating_add(b.tokens),
        cost_micros: a.cost_micros.saturating_add(b.cost_micros),
    }
}

fn over(
    ceiling: Option<u64>,
    spent: u64,
    more: u64,
    what: &'static str,
) -> Result<(), &'static str> {
    match ceiling {
        Some(ceiling) if spent.saturating_add(more) > ceiling => Err(what),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tokens(tokens: u64) -> Spent {
        Spent {
            tokens,
            cost_micros: 0,
        }
    }

    #[test]
    fn what_is_under_way_counts_in_full_and_a_new_day_begins_at_nothing() {
        let ceilings = Ceilings {
            case_tokens: Some(150),
            day_tokens: Some(200),
            ..Ceilings::default()
        };
        let ledger = Ledger::default();
        let now: Timestamp = "2026-10-15T10:00:00Z".parse().unwrap();
        let reserve = |case: u64, now| ledger.reserve(&ceilings, tokens(case), tokens(100), now);
        assert_eq!(reserve(51, now), Err("the tokens of one case"));
        assert_eq!((reserve(0, now), reserve(0, now)), (Ok(()), Ok(())));
        assert_eq!(reserve(0, now), Err("the tokens of one day"));
        ledger.settle(tokens(100), tokens(10));
        assert_eq!(reserve(0, now), Err("the tokens of one day"));
        ledger.settle(tokens(100), tokens(10));
        assert_eq!(reserve(0, now), Ok(()));
        ledger.begin(now, tokens(101));
        assert_eq!(reserve(0, now), Err("the tokens of one day"));
        let tomorrow = "2026-10-16T00:00:00Z".parse().unwrap();
        assert_eq!(
            (reserve(0, tomorrow), reserve(0, tomorrow)),
            (Ok(()), Ok(()))
        );
    }
}
