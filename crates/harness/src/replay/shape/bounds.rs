//! Where holes begin and end, found by the offset.

/// No hole begins or ends here.
const NONE: u64 = u64::MAX;

/// Places at first; a power of two, as always.
const FIRST_PLACES: usize = 64;

/// 2^64 over the golden ratio: offsets come in regular steps, and this scatters any of them.
const SCATTER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Offsets and what stands under each, in a table with open addresses: three of these calls happen in nearly every
/// operation of a replay, and a map of the standard library takes several times as long.
///
/// Invariants
///
/// 1. At least half of the places are empty.
/// 2. No empty place lies between the place that an offset's hash names and the one where it stands.
#[derive(Debug)]
pub(super) struct Bounds {
    places: Vec<(u64, u32)>,
    shift: u32,
    count: usize,
}

impl Bounds {
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), shift: 63, count: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.places.fill((NONE, 0));
        self.count = 0;
    }

    #[inline]
    pub(super) fn find(&self, offset: u64) -> Option<u32> {
        self.place_of(offset).map(|at| self.places[at].1)
    }

    /// Enters an offset that is not there.
    #[inline]
    pub(super) fn insert(&mut self, offset: u64, value: u32) {
        if 2 * (self.count + 1) > self.places.len() {
            self.grow();
        }
        let mask = self.places.len() - 1;
        let mut at = self.home_of(offset);
        while self.places[at].0 != NONE {
            at = (at + 1) & mask;
        }
        self.places[at] = (offset, value);
        self.count += 1;
    }

    /// Puts another value under an offset, if it is there.
    #[inline]
    pub(super) fn set(&mut self, offset: u64, value: u32) {
        if let Some(at) = self.place_of(offset) {
            self.places[at].1 = value;
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, offset: u64) {
        let Some(mut hollow) = self.place_of(offset) else { return };
        let mask = self.places.len() - 1;
        let mut at = hollow;
        loop {
            at = (at + 1) & mask;
            let (other, value) = self.places[at];
            if other == NONE {
                break;
            }
            // It may move back to the hollow unless it would then stand before its home.
            let home = self.home_of(other);
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hollow) & mask {
                self.places[hollow] = (other, value);
                hollow = at;
            }
        }
        self.places[hollow] = (NONE, 0);
        self.count -= 1;
    }

    #[inline]
    fn place_of(&self, offset: u64) -> Option<usize> {
        let mask = self.places.len().checked_sub(1)?;
        let mut at = self.home_of(offset);
        loop {
            let (other, _) = self.places[at];
            if other == offset {
                return (other != NONE).then_some(at);
            }
            if other == NONE {
                return None;
            }
            at = (at + 1) & mask;
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "fewer bits than the table has places")]
    const fn home_of(&self, offset: u64) -> usize {
        (offset.wrapping_mul(SCATTER) >> self.shift) as usize
    }

    #[cold]
    fn grow(&mut self) {
        let places = (2 * self.places.len()).max(FIRST_PLACES);
        let before = std::mem::replace(&mut self.places, vec![(NONE, 0); places]);
        self.shift = 64 - places.trailing_zeros();
        self.count = 0;
        for (offset, value) in before {
            if offset != NONE {
                self.insert(offset, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::splitmix::SplitMix;

    #[test]
    fn it_is_a_map() {
        let mut random = SplitMix::new(7);
        let mut bounds = Bounds::new();
        let mut map = HashMap::new();
        assert_eq!(bounds.find(0), None);
        bounds.remove(16);
        for step in 0..200_000_u32 {
            // Few offsets in regular steps, so that they meet often.
            let offset = random.below(700) as u64 * 16;
            match map.get(&offset) {
                None => {
                    bounds.insert(offset, step);
                    map.insert(offset, step);
                }
                Some(_) if step % 3 == 0 => {
                    bounds.set(offset, step);
                    map.insert(offset, step);
                }
                Some(_) => {
                    bounds.remove(offset);
                    map.remove(&offset);
                }
            }
            let asked = random.below(700) as u64 * 16;
            assert_eq!(bounds.find(asked), map.get(&asked).copied(), "step {step}");
            if step % 50_000 == 49_999 {
                bounds.clear();
                map.clear();
            }
        }
        assert_eq!(bounds.find(NONE), None);
    }
}
