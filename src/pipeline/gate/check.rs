//! How a condition says what it found: the words that all conditions share.

use jiff::SignedDuration;

use super::context::{Count, Problems};
use crate::domain::facts::Known;

const NO_ACTION: &str = "no action";

/// What a condition says.
pub struct Check {
    /// Whether the condition holds.
    pub holds: bool,
    /// What was found.
    pub observed: String,
    /// What is required.
    pub required: &'static str,
}

/// A check's word.
pub fn check(holds: bool, observed: impl Into<String>, required: &'static str) -> Check {
    Check {
        holds,
        observed: observed.into(),
        required,
    }
}

/// A condition about an action holds where there is none.
pub fn acting<T>(
    fact: Option<&T>,
    required: &'static str,
    then: impl FnOnce(&T) -> Check,
) -> Check {
    fact.map_or_else(|| check(true, NO_ACTION, required), then)
}

/// A fact that could not be read never holds.
pub fn known<T>(fact: &Known<T>, required: &'static str, then: impl FnOnce(&T) -> Check) -> Check {
    match fact {
        Known::Read(value) => then(value),
        Known::Unreadable(cause) => check(false, format!("unreadable: {cause}"), required),
    }
}

/// Holds where nothing speaks against it.
pub fn none_of(problems: &Problems, clean: &'static str, required: &'static str) -> Check {
    match problems.as_slice() {
        [] => check(true, clean, required),
        problems => check(false, problems.join("; "), required),
    }
}

/// Holds where the number reaches its bound.
pub fn at_least(count: Count, required: &'static str) -> Check {
    check(
        count.is >= count.bound,
        format!("{}, at least {}", count.is, count.bound),
        required,
    )
}

/// Holds where the number stays within its bound.
pub fn at_most(count: Count, required: &'static str) -> Check {
    check(
        count.is <= count.bound,
        format!("{}, at most {}", count.is, count.bound),
        required,
    )
}

/// So many days.
pub const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

/// An age in whole days.
pub fn in_days(age: SignedDuration) -> String {
    format!("{} days", age.as_hours() / 24)
}

/// An age in minutes, or hours when it is long.
pub fn in_minutes(age: SignedDuration) -> String {
    let minutes = age.as_mins();
    match minutes {
        ..0 => format!("{} min ahead", -minutes),
        0..120 => format!("{minutes} min"),
        _ => format!("{} h", minutes / 60),
    }
}
