//! Intervals by resampling (Efron 1979), with a seed: the same samples yield the same interval for ever.

use super::{Interval, median, quantile};

/// Resamples of an interval that decides something.
pub const RESAMPLES: u32 = 4000;

/// Seed of the draws; any would do.
pub const SEED: u64 = 0x6865_6170_6C61_6200;

/// The percentile interval of a statistic over resamples of both lists, drawn with replacement.
///
/// `statistic` sees a resample of `x` and one of `y`. The ends are quantiles of its values, type 7.
/// `None` where a list is empty, and where the statistic is NaN or infinite for some resample.
pub fn bootstrap(
    x: &[f64],
    y: &[f64],
    confidence: f64,
    statistic: impl Fn(&[f64], &[f64]) -> f64,
) -> Option<Interval> {
    if x.is_empty() || y.is_empty() {
        return None;
    }
    let mut random = SplitMix(SEED);
    let (mut of_x, mut of_y) = (x.to_vec(), y.to_vec());
    let values: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            of_x.fill_with(|| x[random.below(x.len())]);
            of_y.fill_with(|| y[random.below(y.len())]);
            statistic(&of_x, &of_y)
        })
        .collect();
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let outside = (1.0 - confidence) / 2.0;
    Some(Interval {
        lower: quantile(&values, outside)?,
        upper: quantile(&values, 1.0 - outside)?,
        confidence,
    })
}

/// The interval of the difference between two medians, `y` minus `x`; of logarithms, that of a ratio.
pub fn median_difference(x: &[f64], y: &[f64], confidence: f64) -> Option<Interval> {
    let of = |samples: &[f64]| median(samples).unwrap_or(f64::NAN);
    bootstrap(x, y, confidence, |x, y| of(y) - of(x))
}

/// Steele, Lea and Flood's generator (2014), which needs no more than a seed.
#[derive(Debug)]
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; the bias of the widening multiplication is below 2^-32 for any list that fits.
    fn below(&mut self, limit: usize) -> usize {
        let product = u128::from(self.next()) * limit as u128;
        usize::try_from(product >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // The first outputs for the seed 1234567, as the authors' C program prints them.
        let mut random = SplitMix(1_234_567);
        let first = [random.next(), random.next(), random.next()];
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn the_same_samples_yield_the_same_interval() {
        let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 3.0, 4.0, 5.0, 7.0]);
        let first = median_difference(&x, &y, 0.95);
        assert!(first.is_some());
        assert_eq!(first, median_difference(&x, &y, 0.95));
        assert_eq!(median_difference(&[], &y, 0.95), None);
        assert_eq!(median_difference(&[f64::NAN], &y, 0.95), None);
    }

    /// Of 400 pairs of lists from one distribution, about 380 intervals of 95 % must hold the true difference of 0.
    #[test]
    fn intervals_hold_the_truth_about_as_often_as_they_say() {
        let mut random = SplitMix(7);
        let mut draw = || -> Vec<f64> {
            (0..12)
                .map(|_| (0..4).map(|_| random.below(1 << 20)).sum::<usize>())
                .map(|sum| f64::from(u32::try_from(sum).unwrap()))
                .collect()
        };
        let held = (0..400)
            .filter(|_| {
                let interval = median_difference(&draw(), &draw(), 0.95).unwrap();
                interval.lower <= 0.0 && 0.0 <= interval.upper
            })
            .count();
        assert!((366..=398).contains(&held), "{held} of 400");
    }
}
