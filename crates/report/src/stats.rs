//! Medians and their intervals, without any assumption about how times are distributed.
//!
//! No sample is ever thrown out.

mod bootstrap;
mod significance;

pub use bootstrap::{RESAMPLES, SEED, bootstrap, median_difference, median_resampled};
pub use significance::{
    holm, mann_whitney, samples_needed, signed_rank, smallest_mann_whitney, smallest_signed_rank,
};

/// The confidence that intervals are asked to have.
pub const CONFIDENCE: f64 = 0.95;

/// An interval between two of the samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end, in the samples' unit.
    pub lower: f64,
    /// Upper end, in the samples' unit.
    pub upper: f64,
    /// Confidence that it has, at least what was asked for, 0 to 1.
    pub confidence: f64,
}

impl Interval {
    /// Half its width: what stands behind the ± in tables.
    pub fn half_width(&self) -> f64 {
        (self.upper - self.lower) / 2.0
    }
}

/// The p-quantile by linear interpolation between order statistics (Hyndman and Fan's type 7).
///
/// With n samples in order, that is the value at position (n - 1) p, counted from 0.
/// `None` for no samples, for p outside 0 to 1, and where a sample is NaN. O(n log n).
pub fn quantile(samples: &[f64], p: f64) -> Option<f64> {
    quantile_of_sorted(&sorted(samples)?, p)
}

/// As [`quantile`], of samples in order.
fn quantile_of_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    if sorted.is_empty() || !(0.0..=1.0).contains(&p) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "no run has 2^53 samples")]
    let position = (sorted.len() - 1) as f64 * p;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the position lies between 0 and the last index"
    )]
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    Some(sorted[below] + (sorted[above] - sorted[below]) * position.fract())
}

/// The median: the middle sample, or the mean of the two middle ones.
///
/// `None` for no samples and where a sample is NaN. O(n log n).
///
/// ```
/// assert_eq!(heaplab_report::stats::median(&[3.0, 1.0, 2.0, 10.0]), Some(2.5));
/// ```
pub fn median(samples: &[f64]) -> Option<f64> {
    quantile(samples, 0.5)
}

/// An interval for the median from order statistics, exact for any continuous distribution.
///
/// It runs from the k-th smallest to the k-th largest sample, with the largest k for which
/// 1 - 2 P(B < k) reaches `confidence`, where B counts heads in n throws of a fair coin.
/// `None` where not even the extremes reach it: for 95 % below 6 samples. O(n log n).
///
/// ```
/// let interval = heaplab_report::stats::median_interval(&[6.0, 1.0, 5.0, 2.0, 4.0, 3.0], 0.95);
/// assert_eq!(interval.map(|it| (it.lower, it.upper, it.confidence)), Some((1.0, 6.0, 0.96875)));
/// ```
pub fn median_interval(samples: &[f64], confidence: f64) -> Option<Interval> {
    let sorted = sorted(samples)?;
    let mut best = None;
    for k in 1..=sorted.len() / 2 {
        let reached = 1.0 - 2.0 * fewer_heads_than(k, sorted.len());
        if reached < confidence {
            break;
        }
        best = Some(Interval {
            lower: sorted[k - 1],
            upper: sorted[sorted.len() - k],
            confidence: reached,
        });
    }
    best
}

/// How many times slower `slow` is than `fast`, round by round, when rounds were interleaved.
///
/// The two samples of a round were taken next to each other, so what disturbed both cancels out.
/// `None` where the rounds differ in number, are none, or a sample is no positive number.
pub fn paired_ratios(slow: &[f64], fast: &[f64]) -> Option<Vec<f64>> {
    let positive = |samples: &[f64]| samples.iter().all(|&sample| sample > 0.0);
    if slow.len() != fast.len() || slow.is_empty() || !positive(slow) || !positive(fast) {
        return None;
    }
    Some(slow.iter().zip(fast).map(|(slow, fast)| slow / fast).collect())
}

/// Of the differences between two listings of one contestant, the share that [`noise_floor`] does not fall below.
pub const NOISE_QUANTILE: f64 = 0.9;

/// What two listings of one contestant differ by, though nothing but noise can be the reason.
///
/// Of each pair of listings the ratio is taken as it is between contestants: the median of the ratios round by round,
/// or of the medians where the rounds differ in number; as a factor above one, minus one. The result is the
/// [`NOISE_QUANTILE`] of these over all pairs. A difference between two contestants that is no larger may be noise too.
/// Not the largest: among many pairs that is one disturbed moment, and grows with their number.
/// `None` where no pair has positive medians.
///
/// ```
/// let pairs = [(vec![10.0, 11.0, 50.0], vec![10.0, 11.0, 12.0]), (vec![10.0], vec![9.8])];
/// let floor = heaplab_report::stats::noise_floor(pairs);
/// assert!(floor.is_some_and(|it| (it - 0.9 * (10.0 / 9.8 - 1.0)).abs() < 1e-12));
/// ```
pub fn noise_floor(pairs: impl IntoIterator<Item = (Vec<f64>, Vec<f64>)>) -> Option<f64> {
    let apart = |(one, other): (Vec<f64>, Vec<f64>)| {
        let ratio = match paired_ratios(&one, &other) {
            Some(ratios) => median(&ratios)?,
            None => median(&one)? / median(&other)?,
        };
        (ratio > 0.0 && ratio.is_finite()).then(|| ratio.max(1.0 / ratio) - 1.0)
    };
    let ratios: Vec<f64> = pairs.into_iter().filter_map(apart).collect();
    quantile(&ratios, NOISE_QUANTILE)
}

fn sorted(samples: &[f64]) -> Option<Vec<f64>> {
    if samples.is_empty() || samples.iter().any(|sample| sample.is_nan()) {
        return None;
    }
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(sorted)
}

/// P(B < k) for the heads B of n throws, summed from the terms C(n, i) / 2^n.
#[expect(clippy::cast_precision_loss, reason = "no run has 2^53 samples")]
fn fewer_heads_than(k: usize, n: usize) -> f64 {
    // In logarithms, as 2^-n underflows from 1,075 samples on.
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut sum = 0.0;
    for i in 0..k {
        sum += log_term.exp();
        log_term += ((n - i) as f64 / (i + 1) as f64).ln();
    }
    sum
}

#[cfg(test)]
mod tests;
