//! Where holes begin and end, found by the offset.

use heaplab_core::Granule;

/// Offsets below so many granules have a place each: at most 8 MiB, and what lies beyond takes several times as long.
const NEAR_GRANULES: usize = 1 << 21;

/// No hole begins or ends at the place.
const VACANT: u32 = u32::MAX;

/// What stands under each offset. Some of these calls happen in nearly every operation of a replay.
#[derive(Debug)]
pub(super) struct Bounds {
    granule_shift: u32,
    /// By the granule, for those below a power of two that grows with the heap.
    near: Vec<u32>,
    /// All others.
    far: Scattered,
}

impl Bounds {
    pub(super) const fn new(granule: Granule) -> Self {
        Self {
            granule_shift: granule.bytes().trailing_zeros(),
            near: Vec::new(),
            far: Scattered::new(),
        }
    }

    /// What stands under an offset, if anything does.
    #[inline]
    pub(super) fn find(&self, offset: u64) -> Option<u32> {
        match self.near.get(self.place_of(offset)) {
            Some(&value) => (value != VACANT).then_some(value),
            None => self.far.find(offset),
        }
    }

    /// Enters an offset that is not there.
    #[inline]
    pub(super) fn insert(&mut self, offset: u64, value: u32) {
        let at = self.place_of(offset);
        match self.near.get_mut(at) {
            Some(place) => *place = value,
            None => self.insert_far(at, offset, value),
        }
    }

    /// Puts another value under an offset that is there.
    #[inline]
    pub(super) fn set(&mut self, offset: u64, value: u32) {
        let at = self.place_of(offset);
        match self.near.get_mut(at) {
            Some(place) => *place = value,
            None => self.far.set(offset, value),
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, offset: u64) {
        let at = self.place_of(offset);
        match self.near.get_mut(at) {
            Some(place) => *place = VACANT,
            None => self.far.remove(offset),
        }
    }

    /// The granule that begins at an offset, or a place beyond all.
    #[inline]
    fn place_of(&self, offset: u64) -> usize {
        // Rotated, what is no multiple of a granule becomes a huge number.
        usize::try_from(offset.rotate_right(self.granule_shift)).unwrap_or(usize::MAX)
    }

    #[inline(never)]
    fn insert_far(&mut self, at: usize, offset: u64, value: u32) {
        if at >= NEAR_GRANULES {
            self.far.insert(offset, value);
            return;
        }
        let places = (at + 1).next_power_of_two().max(FIRST_PLACES);
        self.near.resize(places, VACANT);
        self.near[at] = value;
    }
}

/// No offset.
const NONE: u64 = u64::MAX;

/// Places at first; a power of two, as always.
const FIRST_PLACES: usize = 64;

/// 2^64 over the golden ratio: offsets come in regular steps, and this scatters any of them.
const SCATTER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Offsets and what stands under each, in a table with open addresses: a map of the standard library takes several
/// times as long.
///
/// Invariants
///
/// 1. Of eight places seven are empty: whether a place is the right one, the processor should guess right.
/// 2. No empty place lies between the place that an offset's hash names and the one where it stands.
#[derive(Debug)]
struct Scattered {
    places: Vec<(u64, u32)>,
    shift: u32,
    count: usize,
}

impl Scattered {
    const fn new() -> Self {
        Self { places: Vec::new(), shift: 63, count: 0 }
    }

    #[inline]
    fn find(&self, offset: u64) -> Option<u32> {
        self.place_of(offset).map(|at| self.places[at].1)
    }

    /// Enters an offset that is not there.
    #[inline]
    fn insert(&mut self, offset: u64, value: u32) {
        if 8 * (self.count + 1) > self.places.len() {
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
    fn set(&mut self, offset: u64, value: u32) {
        if let Some(at) = self.place_of(offset) {
            self.places[at].1 = value;
        }
    }

    #[inline]
    fn remove(&mut self, offset: u64) {
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

    /// Few offsets in regular steps from `first` on, so that they meet often.
    fn is_a_map(first: u64, step_bytes: u64) -> Bounds {
        let mut random = SplitMix::new(7);
        let mut bounds = Bounds::new(Granule::DEFAULT);
        let mut map = HashMap::new();
        let mut any = || first + random.below(700) as u64 * step_bytes;
        assert_eq!(bounds.find(0), None);
        bounds.remove(16);
        for step in 0..200_000_u32 {
            let offset = any();
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
            let asked = any();
            assert_eq!(bounds.find(asked), map.get(&asked).copied(), "step {step}");
        }
        assert_eq!(bounds.find(NONE), None);
        bounds
    }

    #[test]
    fn it_is_a_map() {
        let near = is_a_map(0, 16);
        assert!(near.near.len() <= 1024 && near.far.places.is_empty());
        // No granule begins at most of these, and no place is kept for what lies high.
        assert!(!is_a_map(8, 8).far.places.is_empty());
        let limit = NEAR_GRANULES as u64 * Granule::DEFAULT.bytes();
        assert!(is_a_map(limit, 16).near.is_empty());
        let both = is_a_map(limit - 350 * 16, 16);
        assert_eq!(both.near.len(), NEAR_GRANULES);
        assert!(!both.far.places.is_empty());
    }
}
