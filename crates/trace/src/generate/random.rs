//! Random numbers whose meaning never changes: `ChaCha8`, and integers alone.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};

/// Fractional bits of a logarithm.
const LOG_BITS: u32 = 32;

/// Draws numbers from the `ChaCha8` stream of a seed.
///
/// The key is the seed's eight little-endian bytes and 24 zero bytes; each number takes the stream's
/// next eight bytes, or more where a draw is rejected.
#[derive(Debug)]
pub struct Random {
    stream: ChaCha8Rng,
}

impl Random {
    /// The start of the stream of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self { stream: ChaCha8Rng::from_seed(key) }
    }

    /// A number below `bound`, each equally likely; 0 when `bound` is 0.
    ///
    /// Source: Lemire, "Fast Random Integer Generation in an Interval", 2019.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let reject_below = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.stream.next_u64()) * u128::from(bound);
            let [low, high] = halves(product);
            if low >= reject_below {
                return high;
            }
        }
    }

    /// A number from `least` to `most`, each equally likely; `least` where `most` is below it.
    pub fn range(&mut self, least: u64, most: u64) -> u64 {
        match most.saturating_sub(least).checked_add(1) {
            Some(bound) => least + self.below(bound),
            None => self.stream.next_u64(),
        }
    }

    /// An index into a slice of this length, which must not be empty.
    pub fn index(&mut self, len: usize) -> usize {
        // Below a usize.
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Fisher and Yates, from the end.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

/// The roots of two, one for each fractional bit.
type Roots = Box<[u64; LOG_BITS as usize]>;

/// A distribution of sizes.
#[derive(Clone, Debug)]
pub(super) enum Sizes {
    /// Every size equally likely.
    Uniform { least: u64, most: u64 },
    /// Every factor equally likely: as many from 16 to 32 as from 32 to 64.
    LogUniform { least: u64, most: u64, logarithms: (u64, u64), roots: Roots },
}

impl Sizes {
    pub(super) const fn uniform(least: u64, most: u64) -> Self {
        Self::Uniform { least, most }
    }

    /// Sizes from `least`, which must not be 0, to `most`.
    pub(super) fn log_uniform(least: u64, most: u64) -> Self {
        let logarithms = (logarithm(least), logarithm(most.saturating_add(1)));
        Self::LogUniform { least, most, logarithms, roots: roots_of_two() }
    }

    pub(super) fn draw(&self, random: &mut Random) -> u64 {
        match self {
            Self::Uniform { least, most } => random.range(*least, *most),
            Self::LogUniform { least, most, logarithms, roots } => {
                let drawn = random.range(logarithms.0, logarithms.1);
                power_of_two(drawn, roots).clamp(*least, *most)
            }
        }
    }
}

/// The binary logarithm in units of 2^-32, rounded down, by repeated squaring.
fn logarithm(value: u64) -> u64 {
    let whole = value.ilog2();
    let mut mantissa = u128::from(value) << (63 - whole);
    let mut result = u64::from(whole);
    for _ in 0..LOG_BITS {
        mantissa = (mantissa * mantissa) >> 63;
        let bit = mantissa >> 64;
        mantissa >>= bit;
        result = (result << 1) | u64::from(bit > 0);
    }
    result
}

/// The roots 2^(1/2), 2^(1/4), … in units of 2^-63.
fn roots_of_two() -> Roots {
    let mut root: u128 = 1 << 64;
    Box::new(core::array::from_fn(|_| {
        root = (root << 63).isqrt();
        halves(root)[0]
    }))
}

/// Two to the power of `exponent`, in units of 2^-32, rounded down: a product of roots.
fn power_of_two(exponent: u64, roots: &Roots) -> u64 {
    let mut mantissa: u128 = 1 << 63;
    for (root, bit) in roots.iter().zip((0..LOG_BITS).rev()) {
        if exponent >> bit & 1 == 1 {
            mantissa = (mantissa * u128::from(*root)) >> 63;
        }
    }
    let whole = exponent >> LOG_BITS;
    // Roots are rounded down, so the mantissa stays below 2^64 and the result below 2^(whole + 1).
    u64::try_from(mantissa << whole >> 63).unwrap_or(u64::MAX)
}

/// The lower and the upper 64 bits.
fn halves(value: u128) -> [u64; 2] {
    let bytes = value.to_le_bytes();
    let (low, high) = bytes.split_at(8);
    [low, high].map(|half| half.iter().rev().fold(0, |sum, &byte| (sum << 8) | u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_and_draws_are_pinned() {
        let mut random = Random::new(42);
        let drawn: Vec<u64> = (0..6).map(|_| random.below(1000)).collect();
        let mut items: Vec<u32> = (0..8).collect();
        random.shuffle(&mut items);
        let sizes = Sizes::log_uniform(16, 65_536);
        let sized: Vec<u64> = (0..6).map(|_| sizes.draw(&mut random)).collect();
        let full = random.range(0, u64::MAX);
        assert_eq!(format!("{drawn:?} {items:?} {sized:?} {full}"), PINNED);
    }

    const PINNED: &str = "[348, 285, 493, 367, 825, 67] [6, 0, 4, 5, 7, 2, 1, 3] [742, 1049, 53, 464, 79, 1929] \
                          13225389910161871412";

    #[test]
    fn chacha8_is_the_published_one() {
        // The key stream of a zero key and a zero nonce with 8 rounds, first 8 bytes
        // (draft-strombergson-chacha-test-vectors, TC1).
        let first = Random::new(0).range(0, u64::MAX);
        assert_eq!(first.to_le_bytes(), [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6]);
    }

    #[test]
    fn logarithm_and_power_agree() {
        let roots = roots_of_two();
        for value in [1, 2, 3, 16, 1000, 65_536, (1 << 40) + 7, 1 << 63] {
            let back = power_of_two(logarithm(value), &roots);
            assert!(back <= value && value - back <= (value >> 24).max(1), "{value} became {back}");
        }
        assert_eq!(logarithm(1 << 20), 20 << 32);
        // log2(3) = 1.58496250072…
        assert_eq!(logarithm(3), 6_807_362_105);
    }

    #[test]
    fn log_uniform_fills_octaves_evenly() {
        let sizes = Sizes::log_uniform(16, 65_535);
        let mut random = Random::new(1);
        let mut octaves = [0_u32; 16];
        for _ in 0..12_000 {
            let size = sizes.draw(&mut random);
            assert!((16..=65_535).contains(&size));
            octaves[size.ilog2() as usize] += 1;
        }
        assert_eq!(octaves[..4], [0; 4]);
        assert!(octaves[4..].iter().all(|&count| (850..1150).contains(&count)), "{octaves:?}");
    }

    #[test]
    fn bounds_are_reached_and_kept() {
        let mut random = Random::new(3);
        let drawn: Vec<u64> = (0..200).map(|_| random.range(5, 7)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&5), Some(&7)));
        assert_eq!(random.below(0), 0);
        assert_eq!(random.below(1), 0);
        assert_eq!(Sizes::uniform(9, 9).draw(&mut random), 9);
        assert_eq!(Sizes::log_uniform(9, 9).draw(&mut random), 9);
        assert_eq!(Sizes::log_uniform(u64::MAX, u64::MAX).draw(&mut random), u64::MAX);
    }
}
