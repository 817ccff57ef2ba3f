//! Whether two lists of samples differ: rank tests, and what to make of many of them.
//!
//! Rank tests ask nothing of the samples' distribution but that the samples are independent.

use statrs::distribution::{ContinuousCDF as _, Normal};
use statrs::stats_tests::Alternative;
use statrs::stats_tests::mannwhitneyu::{MannWhitneyUMethod, mannwhitneyu};

use super::sorted;

/// Samples of both sides together up to which the exact distribution is counted out.
const EXACT_SAMPLES: usize = 40;

/// Two-sided p-value of Mann and Whitney's U test (1947): how likely ranks lie as far apart by chance.
///
/// Exact up to 40 samples of both sides together, by counting the subsets of the ranks that were seen; equal samples
/// share their mean rank, and the count holds for them too (the conditional distribution of Lehmann's *Nonparametrics*).
/// Above that the normal approximation, corrected for ties and continuity.
/// `None` where a side has no sample or holds a NaN. O(n³ m) where exact.
///
/// The exact count is our own: that of statrs 0.19 lists every subset one by one, and returns 1 minus the value
/// where both sides are equally long.
///
/// ```
/// use heaplab_report::stats::mann_whitney;
/// // Five samples against five that are all larger: 2 of 252 ways to lie as far apart.
/// assert_eq!(mann_whitney(&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0]), Some(2.0 / 252.0));
/// ```
pub fn mann_whitney(x: &[f64], y: &[f64]) -> Option<f64> {
    sorted(x)?;
    sorted(y)?;
    let all: Vec<f64> = x.iter().chain(y).copied().collect();
    if all.len() > EXACT_SAMPLES {
        let method = MannWhitneyUMethod::AsymptoticInclContinuityCorrection;
        let (_, p) = mannwhitneyu(x, y, method, Alternative::TwoSided).ok()?;
        // All samples equal: no rank differs from another, and the approximation divides by zero.
        return Some(if p.is_nan() { 1.0 } else { p });
    }
    let ranks = doubled_ranks(&all);
    let seen: usize = ranks[..x.len()].iter().sum();
    let counts = subset_counts(&ranks, x.len());
    Some(two_sided(&counts, seen))
}

/// Two-sided p-value of Wilcoxon's signed-rank test (1945): how likely paired differences lie as far from zero by chance.
///
/// Differences of zero are left out, as Wilcoxon had it; equal ones share their mean rank. Exact by counting up to 40
/// differences; beyond, the normal approximation with the variance of the ranks that were seen.
/// `None` for no differences and where one is NaN; 1 where all are zero.
///
/// ```
/// use heaplab_report::stats::signed_rank;
/// // Six differences of one sign: 2 of 64 ways.
/// assert_eq!(signed_rank(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), Some(0.03125));
/// ```
pub fn signed_rank(differences: &[f64]) -> Option<f64> {
    sorted(differences)?;
    let differences: Vec<f64> = differences.iter().copied().filter(|it| *it != 0.0).collect();
    if differences.is_empty() {
        return Some(1.0);
    }
    let sizes: Vec<f64> = differences.iter().map(|it| it.abs()).collect();
    let ranks = doubled_ranks(&sizes);
    let seen: usize =
        ranks.iter().zip(&differences).filter(|(_, it)| **it > 0.0).map(|(rank, _)| rank).sum();
    if ranks.len() > EXACT_SAMPLES {
        return normal_signed_rank(&ranks, seen);
    }
    let mut counts = vec![0.0; ranks.iter().sum::<usize>() + 1];
    counts[0] = 1.0;
    for &rank in &ranks {
        for sum in (rank..counts.len()).rev() {
            counts[sum] += counts[sum - rank];
        }
    }
    Some(two_sided(&counts, seen))
}

#[expect(clippy::cast_precision_loss, reason = "no run has 2^26 processes")]
fn normal_signed_rank(ranks: &[usize], seen: usize) -> Option<f64> {
    let sum: f64 = ranks.iter().map(|&rank| rank as f64).sum();
    let variance: f64 = ranks.iter().map(|&rank| (rank as f64).powi(2) / 4.0).sum();
    // A step of the sum is one rank, which is 2 where ranks are doubled.
    let beyond = ((seen as f64 - sum / 2.0).abs() - 1.0).max(0.0);
    let z = beyond / variance.sqrt();
    Some((2.0 * Normal::standard().sf(z)).min(1.0))
}

/// Twice the rank of each sample, counted from 1, so that the mean rank of equal ones is whole.
fn doubled_ranks(samples: &[f64]) -> Vec<usize> {
    let below = |it: &f64| samples.iter().filter(|other| *other < it).count();
    let up_to = |it: &f64| samples.iter().filter(|other| *other <= it).count();
    samples.iter().map(|it| below(it) + 1 + up_to(it)).collect()
}

/// How many subsets of so many ranks have each sum.
fn subset_counts(ranks: &[usize], size: usize) -> Vec<f64> {
    let sums = ranks.iter().sum::<usize>() + 1;
    let mut counts = vec![vec![0.0; sums]; size + 1];
    counts[0][0] = 1.0;
    // No subset of the ranks so far is larger, in number or in sum.
    let mut largest = 0;
    for (before, &rank) in ranks.iter().enumerate() {
        largest += rank;
        for taken in (1..=size.min(before + 1)).rev() {
            let (fewer, more) = counts.split_at_mut(taken);
            let fewer = &fewer[taken - 1][..=largest - rank];
            for (more, fewer) in more[0][rank..=largest].iter_mut().zip(fewer) {
                *more += fewer;
            }
        }
    }
    counts.swap_remove(size)
}

/// Twice the smaller tail, the value seen included in both, at most 1.
fn two_sided(counts: &[f64], seen: usize) -> f64 {
    let total: f64 = counts.iter().sum();
    let lower: f64 = counts[..=seen].iter().sum();
    let upper: f64 = counts[seen..].iter().sum();
    (2.0 * lower.min(upper) / total).min(1.0)
}

/// Holm's adjustment (1979) of p-values for so many tests at once, in the order given.
///
/// Rejecting what is adjusted below a level keeps the chance of even one false rejection below that level, whatever
/// depends on what.
///
/// ```
/// use heaplab_report::stats::holm;
/// assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
/// ```
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (position, index) in order.into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "no report has 2^53 rows")]
        let tests_left = (p_values.len() - position) as f64;
        least = least.max((p_values[index] * tests_left).min(1.0));
        adjusted[index] = least;
    }
    adjusted
}

/// The smallest p-value that [`mann_whitney`] can reach with so many samples a side: 2 over the binomial coefficient.
///
/// ```
/// use heaplab_report::stats::smallest_mann_whitney;
/// assert_eq!(smallest_mann_whitney(5, 5), 2.0 / 252.0);
/// ```
pub fn smallest_mann_whitney(x: usize, y: usize) -> f64 {
    let (few, many) = (x.min(y), x.max(y));
    #[expect(clippy::cast_precision_loss, reason = "no run has 2^53 samples")]
    let subsets: f64 = (1..=few).fold(1.0, |product, i| product * (many + i) as f64 / i as f64);
    (2.0 / subsets).min(1.0)
}

/// The smallest p-value that [`signed_rank`] can reach with so many pairs.
pub fn smallest_signed_rank(pairs: usize) -> f64 {
    2.0_f64.powi(1 - i32::try_from(pairs).unwrap_or(i32::MAX)).min(1.0)
}

/// How many samples the least p-value `smallest` needs to be no larger than `level`; at most 1,000.
pub fn samples_needed(level: f64, smallest: impl Fn(usize) -> f64) -> usize {
    (1..1000).find(|&samples| smallest(samples) <= level).unwrap_or(1000)
}
