//! Intervals by resampling (Efron 1979), with a seed: the same samples yield the same interval for ever.

use super::{Interval, quantile_of_sorted};

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
    let values = (0..RESAMPLES)
        .map(|_| {
            of_x.fill_with(|| x[random.below(x.len())]);
            of_y.fill_with(|| y[random.below(y.len())]);
            statistic(&of_x, &of_y)
        })
        .collect();
    ends(values, confidence)
}

/// The interval of the difference between two medians, `y` minus `x`; of logarithms, that of a ratio.
///
/// It is the one that [`bootstrap`] finds, with the same draws, but no resample is written down and sorted: it is known
/// how often each rank was drawn, and the middle of that is the median.
pub fn median_difference(x: &[f64], y: &[f64], confidence: f64) -> Option<Interval> {
    let (mut of_x, mut of_y) = (Medians::of(x)?, Medians::of(y)?);
    let mut random = SplitMix(SEED);
    let values = (0..RESAMPLES)
        .map(|_| {
            let x = of_x.draw(&mut random);
            of_y.draw(&mut random) - x
        })
        .collect();
    ends(values, confidence)
}

/// The interval of one list's median, as [`bootstrap`] finds it for a statistic of the first list, the second being the
/// same one.
pub fn median_resampled(x: &[f64], confidence: f64) -> Option<Interval> {
    let (mut of_x, mut second) = (Medians::of(x)?, Medians::of(x)?);
    let mut random = SplitMix(SEED);
    let values = (0..RESAMPLES)
        .map(|_| {
            let median = of_x.draw(&mut random);
            second.draw(&mut random);
            median
        })
        .collect();
    ends(values, confidence)
}

/// The quantiles of what the resamples came to.
fn ends(mut values: Vec<f64>, confidence: f64) -> Option<Interval> {
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let outside = (1.0 - confidence) / 2.0;
    Some(Interval {
        lower: quantile_of_sorted(&values, outside)?,
        upper: quantile_of_sorted(&values, 1.0 - outside)?,
        confidence,
    })
}

/// The medians of a list's resamples.
struct Medians {
    sorted: Vec<f64>,
    /// The rank of each sample.
    ranks: Vec<usize>,
    /// How often each rank was drawn.
    drawn: Vec<u32>,
}

impl Medians {
    /// `None` for no samples and where a sample is NaN.
    fn of(samples: &[f64]) -> Option<Self> {
        if samples.is_empty() || samples.iter().any(|sample| sample.is_nan()) {
            return None;
        }
        let mut order: Vec<usize> = (0..samples.len()).collect();
        order.sort_by(|&one, &other| samples[one].total_cmp(&samples[other]));
        let mut ranks = vec![0; samples.len()];
        for (rank, &index) in order.iter().enumerate() {
            ranks[index] = rank;
        }
        let sorted = order.into_iter().map(|index| samples[index]).collect();
        Some(Self { sorted, ranks, drawn: vec![0; samples.len()] })
    }

    /// The median of one resample, to the last bit as [`median`](super::median) has it.
    fn draw(&mut self, random: &mut SplitMix) -> f64 {
        let count = self.ranks.len();
        self.drawn.fill(0);
        for _ in 0..count {
            self.drawn[self.ranks[random.below(count)]] += 1;
        }
        let below = (count - 1) / 2;
        let (mut rank, mut passed) = (0, 0);
        let mut next = |position: usize| {
            while passed + self.drawn[rank] as usize <= position {
                passed += self.drawn[rank] as usize;
                rank += 1;
            }
            self.sorted[rank]
        };
        let lower = next(below);
        // As a quantile is interpolated, which also knows no negative zero.
        lower + if count % 2 == 1 { 0.0 } else { (next(below + 1) - lower) * 0.5 }
    }
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
    use super::super::median;
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

    /// Counting ranks is a short cut to the same figures, to the last bit.
    #[test]
    fn medians_of_counted_ranks_are_those_of_sorted_resamples() {
        let mut random = SplitMix(11);
        let mut draw = |count: usize| -> Vec<f64> {
            // Few values, so that many are equal.
            let value = |it| f64::from(u32::try_from(it).unwrap()).ln_1p();
            (0..count).map(|_| value(random.below(3 * count))).collect()
        };
        let of = |samples: &[f64]| median(samples).unwrap();
        for count in 1..=24 {
            let (x, y) = (draw(count), draw(25 - count));
            assert_eq!(
                median_difference(&x, &y, 0.95),
                bootstrap(&x, &y, 0.95, |x, y| of(y) - of(x)),
                "{x:?} {y:?}"
            );
            assert_eq!(median_resampled(&x, 0.95), bootstrap(&x, &x, 0.95, |x, _| of(x)), "{x:?}");
        }
        for (x, y) in [([f64::INFINITY], [1.0]), ([0.0], [f64::NEG_INFINITY])] {
            assert_eq!(median_difference(&x, &y, 0.95), None);
        }
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
