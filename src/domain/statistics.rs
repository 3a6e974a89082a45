//! Statistics: exact bounds on a share, its binomial tail, and the exact test of a difference. Formulas are in the comments, the functions
//! of a library.

use statrs::function::beta::checked_beta_reg;

/// Confidence of each bound, one-sided.
const CONFIDENCE: f64 = 0.95;
const MILLION: f64 = 1e6;
/// Halvings of an interval: more than a share in millionths can show.
const HALVINGS: u32 = 60;

/// The upper Clopper-Pearson bound on a share of which `k` of `n` were seen, one-sided, in millionths, rounded up: the
/// quantile of Beta(k + 1, n - k) at the confidence. With nothing seen at all it is the whole.
pub fn upper(k: u64, n: u64) -> u32 {
    if k >= n {
        return 1_000_000;
    }
    in_millionths(quantile(real(k + 1), real(n - k), CONFIDENCE), f64::ceil)
}

/// The lower one, rounded down: the quantile of Beta(k, n - k + 1) at one less the confidence.
pub fn lower(k: u64, n: u64) -> u32 {
    if k == 0 || n == 0 {
        return 0;
    }
    let k = k.min(n);
    in_millionths(
        quantile(real(k), real(n - k + 1), 1.0 - CONFIDENCE),
        f64::floor,
    )
}

/// The quantile of Beta(a, b), by halving: its distribution function only rises.
fn quantile(a: f64, b: f64, probability: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        match checked_beta_reg(a, b, middle) {
            Ok(below) if below < probability => low = middle,
            Ok(_) | Err(_) => high = middle,
        }
    }
    f64::midpoint(low, high)
}

/// P(Bin(n, p) ≤ k), the probability of so few when each of `n` happens with probability `p`: the regularised incomplete beta function
/// I(1-p; n-k, k+1). Where it cannot be computed it is 1, which proves nothing.
pub fn at_most(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    checked_beta_reg(real(n - k), real(k + 1), 1.0 - p).unwrap_or(1.0)
}

/// How many trials without a single failure prove at level `doubt` that at most a share `p` fails: ⌈ln doubt / ln(1 - p)⌉. A bound that is
/// no share takes more trials than there can be.
pub fn clean_needed(p: f64, doubt: f64) -> u64 {
    if !(p > 0.0 && p < 1.0 && doubt > 0.0 && doubt < 1.0) {
        return u64::MAX;
    }
    // Rounding must not ask for one more where the quotient is whole.
    whole((doubt.ln() / (1.0 - p).ln() - 1e-9).ceil())
}

/// The exact two-sided test of `McNemar`: of `worse + better` cases that changed, the probability of so uneven a split by a fair coin,
/// 2·P(Bin(n, ½) ≤ min), at most 1.
pub fn mcnemar(worse: u64, better: u64) -> f64 {
    let n = worse + better;
    // P(Bin(n, ½) = i) from that of i - 1, from 2⁻ⁿ on, in logarithms so that no n underflows.
    let mut term = -real(n) * std::f64::consts::LN_2;
    let mut sum = 0.0;
    for i in 0..=worse.min(better) {
        sum += term.exp();
        term += (real(n - i) / real(i + 1)).ln();
    }
    (2.0 * sum).min(1.0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of cases are far below 2^53"
)]
const fn real(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of trials is whole and not negative; too large a one is the largest"
)]
const fn whole(number: f64) -> u64 {
    number as u64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share is between 0 and 1"
)]
fn in_millionths(share: f64, round: fn(f64) -> f64) -> u32 {
    round(share.clamp(0.0, 1.0) * MILLION) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(Bin(n, p) ≤ k), by its sum.
    fn summed(k: u64, n: u64, p: f64) -> f64 {
        let mut term = real(n) * (1.0 - p).ln();
        let mut sum = 0.0;
        for i in 0..=k {
            sum += term.exp();
            term += (real(n - i) / real(i + 1)).ln() + p.ln() - (1.0 - p).ln();
        }
        sum
    }

    #[test]
    fn at_its_upper_bound_what_was_seen_has_one_chance_in_twenty() {
        for (k, n) in [(0, 59), (0, 300), (3, 40), (12, 700), (1, 2_995)] {
            let p = f64::from(upper(k, n)) / MILLION;
            assert!(summed(k, n, p) <= 0.05, "{k} of {n}");
            assert!(summed(k, n, p - 2e-6) > 0.05, "{k} of {n}");
        }
    }

    #[test]
    fn at_its_lower_bound_as_many_have_one_chance_in_twenty() {
        for (k, n) in [(59, 59), (290, 300), (37, 40), (1, 7)] {
            let p = f64::from(lower(k, n)) / MILLION;
            assert!(1.0 - summed(k - 1, n, p) <= 0.05, "{k} of {n}");
            assert!(1.0 - summed(k - 1, n, p + 2e-6) > 0.05, "{k} of {n}");
        }
    }

    #[test]
    fn the_tail_is_the_sum_of_its_terms() {
        for (k, n, p) in [
            (0, 1, 0.5),
            (2, 628, 0.01),
            (17, 40, 0.3),
            (1, 4_742, 0.001),
        ] {
            let (tail, sum) = (at_most(k, n, p), summed(k, n, p));
            assert!((tail - sum).abs() < 1e-9, "{k} of {n}: {tail}, {sum}");
        }
        assert!((at_most(5, 5, 0.1) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_published_numbers_of_trials() {
        for (p, clean, with_one) in [(0.05, 59, 93), (0.01, 299, 473), (0.001, 2_995, 4_742)] {
            assert_eq!(clean_needed(p, 0.05), clean);
            let least = |k| (1..9_000).find(|n| at_most(k, *n, p) <= 0.05);
            assert_eq!((least(0), least(1)), (Some(clean), Some(with_one)));
        }
        assert_eq!((1..9_000).find(|n| at_most(2, *n, 0.01) <= 0.05), Some(628));
    }

    #[test]
    fn what_is_no_share_is_never_proven() {
        for (p, doubt) in [
            (0.0, 0.05),
            (1.0, 0.05),
            (f64::NAN, 0.05),
            (0.01, 0.0),
            (0.01, 1.0),
        ] {
            assert_eq!(clean_needed(p, doubt), u64::MAX);
        }
    }

    #[test]
    fn from_nothing_nothing_follows() {
        assert_eq!((lower(0, 0), upper(0, 0)), (0, 1_000_000));
        assert_eq!((lower(0, 9), upper(9, 9)), (0, 1_000_000));
    }

    #[test]
    fn the_published_bound_of_no_event_in_a_hundred() {
        // 1 - 0.05^(1/100), the rule of three made exact.
        assert_eq!(upper(0, 100), 29_514);
    }

    #[test]
    fn an_uneven_split_is_unlikely_by_chance_and_an_even_one_is_not() {
        assert!((mcnemar(0, 0) - 1.0).abs() < 1e-12);
        assert!((mcnemar(5, 5) - 1.0).abs() < 1e-12);
        assert!((mcnemar(0, 6) - 0.031_25).abs() < 1e-12);
        assert!((mcnemar(1, 9) - 0.021_484_375).abs() < 1e-12);
        assert!(mcnemar(2_000, 4_000) < 1e-100);
    }
}
