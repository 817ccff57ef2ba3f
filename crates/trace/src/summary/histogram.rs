//! Counts by power of two.

use serde::{Deserialize, Serialize};

/// Counts of values by the number of bits they need.
///
/// Class 0 holds the value 0; class `k` holds the values from 2^(k-1) to 2^k - 1.
/// In files it is the plain list of counts, up to the last class in use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram {
    counts: Vec<u64>,
}

impl Histogram {
    /// Counts one value.
    #[inline]
    pub fn count(&mut self, value: u64) {
        let class = (u64::BITS - value.leading_zeros()) as usize;
        if class >= self.counts.len() {
            self.counts.resize(class + 1, 0);
        }
        self.counts[class] += 1;
    }

    /// The classes in use as (least value, greatest value, count), in rising order, empty ones left
    /// out.
    pub fn classes(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        self.counts.iter().zip(0_u32..=64).filter(|(count, _)| **count > 0).map(
            |(&count, class)| match class {
                0 => (0, 0, count),
                _ => (1 << (class - 1), u64::MAX >> (64 - class), count),
            },
        )
    }

    /// How many values were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        // Counts from a damaged file may have any sum.
        self.counts.iter().fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// The greatest value of the class in which the `numerator / denominator` quantile falls; `None`
    /// without values.
    #[must_use]
    pub fn quantile_at_most(&self, numerator: u64, denominator: u64) -> Option<u64> {
        let rank = u128::from(self.total()) * u128::from(numerator);
        let mut below = 0;
        self.classes().find_map(|(_, greatest, count)| {
            below = u128::saturating_add(below, u128::from(count) * u128::from(denominator));
            (below >= rank).then_some(greatest)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_cover_all_values() {
        let mut histogram = Histogram::default();
        for value in [0, 1, 2, 3, 4, 7, 8, u64::MAX] {
            histogram.count(value);
        }
        let classes: Vec<_> = histogram.classes().collect();
        assert_eq!(
            classes,
            [(0, 0, 1), (1, 1, 1), (2, 3, 2), (4, 7, 2), (8, 15, 1), (1 << 63, u64::MAX, 1)]
        );
        assert_eq!(histogram.total(), 8);
        assert_eq!(histogram.quantile_at_most(1, 2), Some(3));
        assert_eq!(histogram.quantile_at_most(1, 1), Some(u64::MAX));
        assert_eq!(Histogram::default().quantile_at_most(1, 2), None);
    }
}
