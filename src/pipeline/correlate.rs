//! Correlate: whether an alert opens a case, joins one, or asks that one be decided again. Pure.

use crate::domain::{
    alert::{Alert, Status},
    canonical::NotCanonical,
    case::{Case, Phase},
    event::{Again, Body},
    sealed::Sealed,
};

/// The event that `alert` is, given the open case of its fingerprint.
pub fn correlate(open: Option<&Case>, alert: Alert, salt: [u8; 32]) -> Result<Body, NotCanonical> {
    let (status, urgency) = (alert.status, alert.urgency());
    let again = open.map(|case| again(case, &alert));
    let alert = Sealed::new(alert, salt)?;
    Ok(match (again, status) {
        (None, _) => Body::Received {
            alert,
            status,
            urgency,
        },
        (Some(_), Status::Resolved) => Body::Resolved { alert },
        (Some(again), Status::Firing) => Body::Repeated {
            alert,
            urgency,
            again,
        },
    })
}

/// A repeat that is graver, brings something new or is one of very many is decided again.
fn again(case: &Case, alert: &Alert) -> Again {
    let occurrences = case.occurrences + 1;
    let new = alert
        .entities
        .iter()
        .filter(|entity| !case.entities.contains(&entity.value))
        .count();
    let because = if case.phase == Phase::Quiet {
        "the first that fires".into()
    } else if alert.urgency() > case.urgency {
        format!("severity rose to {}", alert.urgency())
    } else if new > 0 {
        format!("{new} new entities")
    } else if is_tenfold(occurrences) {
        format!("seen {occurrences} times")
    } else {
        return Again::Joined;
    };
    Again::Decide { because }
}

/// 10, 100, 1,000, …
fn is_tenfold(count: u64) -> bool {
    count >= 10 && 10_u64.checked_pow(count.ilog10()) == Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_powers_of_ten_are_decided_again() {
        let found: Vec<u64> = (1..=1_000).filter(|count| is_tenfold(*count)).collect();
        assert_eq!(found, [10, 100, 1_000]);
    }
}
