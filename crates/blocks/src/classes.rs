//! Length classes and the bitmap over them.

use alloc::vec::Vec;

use heaplab_core::{ConfigError, Granule};

/// Number of a length class. Longer holes have higher classes.
pub type Class = u32;

/// Lengths below this many granules have a class each.
const EXACT_GRANULES: u64 = 1 << EXACT_SHIFT;
const EXACT_SHIFT: u32 = 12;

/// Above, every octave is cut into this many classes.
const PER_OCTAVE_SHIFT: u32 = 6;

/// Sorts lengths into classes: one for each number of granules below 4,096, and 64 for each octave above.
///
/// At the default granule of 16 bytes each length below 64 KiB has a class of its own; above, a class spans at most
/// 1/64 of its lengths.
#[derive(Clone, Copy, Debug)]
pub struct Classes {
    shift: u32,
}

impl Classes {
    /// Number of classes whose lengths are all equal: the lowest ones.
    pub const EXACT: usize = 1 << EXACT_SHIFT;

    /// The classes for lengths that are multiples of `granule`.
    #[must_use]
    pub const fn new(granule: Granule) -> Self {
        Self { shift: granule.shift() }
    }

    /// The class of a length in bytes, which is at least one granule.
    #[must_use]
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a class is below 2^13")]
    pub const fn of(self, len: u64) -> Class {
        let granules = len >> self.shift;
        if granules < EXACT_GRANULES {
            return granules as Class;
        }
        let octave = granules.ilog2();
        let part = granules >> (octave - PER_OCTAVE_SHIFT);
        // `part` has its leading bit at `PER_OCTAVE_SHIFT`, which counts the octave once more.
        let octaves_above = ((octave - EXACT_SHIFT) as u64) << PER_OCTAVE_SHIFT;
        (EXACT_GRANULES + octaves_above + part - (1 << PER_OCTAVE_SHIFT)) as Class
    }

    /// The class of a length in bytes whose class is exact, or 0 for none.
    #[must_use]
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "an exact class is below 2^12")]
    pub const fn of_exact(self, len: u64) -> Class {
        (len >> self.shift) as Class
    }

    /// Whether all lengths of a class are equal.
    #[must_use]
    #[inline]
    pub const fn is_exact(self, class: Class) -> bool {
        (class as u64) < EXACT_GRANULES
    }

    /// The length in bytes of all holes of an exact class.
    #[must_use]
    #[inline]
    pub const fn len_of(self, class: Class) -> u64 {
        (class as u64) << self.shift
    }

    /// How many classes a heap of `capacity_bytes` needs: one more than the highest.
    #[must_use]
    pub const fn count(self, capacity_bytes: u64) -> usize {
        self.of(capacity_bytes) as usize + 1
    }
}

/// A set of classes that finds the next member at or above a class with two or three looks.
#[derive(Debug)]
pub struct ClassSet {
    words: Vec<u64>,
    /// One bit for each word that is not zero: of the exact classes, and of those above; 8,192 classes at most.
    summaries: [u64; 2],
}

impl ClassSet {
    /// An empty set of classes below `count`, which is at most 8,192.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] if there is no memory for it.
    pub fn new(count: usize) -> Result<Self, ConfigError> {
        debug_assert!(count <= 8_192, "{count} classes exceed the summaries");
        Ok(Self { words: filled(count.div_ceil(64), 0)?, summaries: [0; 2] })
    }

    /// Adds a class.
    #[inline]
    pub fn insert(&mut self, class: Class) {
        let word = class as usize / 64;
        self.words[word] |= 1 << (class % 64);
        self.summaries[word / 64 % 2] |= 1 << (word % 64);
    }

    /// Takes a class out.
    #[inline]
    pub fn remove(&mut self, class: Class) {
        let word = class as usize / 64;
        let bits = &mut self.words[word];
        *bits &= !(1 << (class % 64));
        if *bits == 0 {
            self.summaries[word / 64 % 2] &= !(1 << (word % 64));
        }
    }

    /// Takes a class out if `is_empty`; no branch, for callers to whom that is anybody's guess.
    #[inline(always)]
    pub fn remove_if(&mut self, class: Class, is_empty: bool) {
        let word = class as usize / 64;
        let bits = &mut self.words[word];
        *bits &= !(u64::from(is_empty) << (class % 64));
        self.summaries[word / 64 % 2] &= !(u64::from(*bits == 0) << (word % 64));
    }

    /// The lowest member at or above `class`.
    #[must_use]
    #[inline]
    pub fn at_or_above(&self, class: Class) -> Option<Class> {
        let word = class as usize / 64;
        let rest = self.words.get(word)? & (u64::MAX << (class % 64));
        if rest != 0 {
            return Some((class & !63) + rest.trailing_zeros());
        }
        let half = word / 64 % 2;
        // Two shifts, since the word may be the last of 64.
        let words_above = self.summaries[half] & (u64::MAX << (word % 64) << 1);
        if words_above != 0 {
            return Some(self.lowest_of(half, words_above));
        }
        (half == 0 && self.summaries[1] != 0).then(|| self.lowest_of(1, self.summaries[1]))
    }

    /// The lowest class of the lowest of these words of one half.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "half is 0 or 1")]
    fn lowest_of(&self, half: usize, words: u64) -> Class {
        let word = half as u32 * 64 + words.trailing_zeros();
        word * 64 + self.words[word as usize].trailing_zeros()
    }

    /// The highest member.
    #[must_use]
    #[inline]
    pub fn highest(&self) -> Option<Class> {
        let word = match self.summaries[1].checked_ilog2() {
            Some(word) => 64 + word,
            None => self.summaries[0].checked_ilog2()?,
        };
        Some(word * 64 + self.words[word as usize].ilog2())
    }

    /// Forgets all members.
    pub fn clear(&mut self) {
        self.words.fill(0);
        self.summaries = [0; 2];
    }

    /// Bytes outside the value itself.
    #[must_use]
    pub const fn metadata_bytes(&self) -> u64 {
        (self.words.capacity() * size_of::<u64>()) as u64
    }
}

/// A vector of `count` equal values.
///
/// # Errors
///
/// [`ConfigError::OutOfMetadata`] if there is no memory for it.
pub fn filled<T: Clone>(count: usize, value: T) -> Result<Vec<T>, ConfigError> {
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| ConfigError::OutOfMetadata)?;
    values.resize(count, value);
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::{ClassSet, Classes, Granule};

    #[test]
    fn classes_rise_with_the_length_and_are_dense() {
        let classes = Classes::new(Granule::DEFAULT);
        let mut last = classes.of(16);
        assert_eq!(last, 1);
        for granules in 2..100_000 {
            let class = classes.of(granules * 16);
            assert!(class == last || class == last + 1, "{granules} granules: {last} then {class}");
            assert!(classes.is_exact(class) == (granules < 4_096));
            last = class;
        }
    }

    #[test]
    fn the_largest_length_has_a_class_within_the_set() {
        assert!(Classes::new(Granule::BYTE).count(u64::MAX) <= 8_192);
    }

    #[test]
    fn set_finds_the_next_member() {
        let mut set = ClassSet::new(8_192).unwrap();
        assert_eq!((set.at_or_above(0), set.highest()), (None, None));
        for class in [0, 63, 64, 1_000, 8_191] {
            set.insert(class);
        }
        let next: std::vec::Vec<_> =
            [0, 1, 63, 64, 65, 1_001, 8_191].map(|class| set.at_or_above(class)).into();
        assert_eq!(
            next,
            [Some(0), Some(63), Some(63), Some(64), Some(1_000), Some(8_191), Some(8_191)]
        );
        set.remove(8_191);
        assert_eq!((set.at_or_above(1_001), set.highest()), (None, Some(1_000)));
    }
}
