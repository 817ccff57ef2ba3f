//! The lowest hole among all classes from a given one up.

use alloc::vec::Vec;
use core::hint::select_unpredictable;

use heaplab_blocks::classes::{Class, filled};
use heaplab_core::ConfigError;

/// The address of the lowest hole of a class, and the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lowest {
    /// Bytes from the start of the heap.
    pub(crate) offset: u64,
    /// The class of the hole's length.
    pub(crate) class: Class,
}

impl Lowest {
    /// No hole: higher than any.
    pub(crate) const NONE: Self = Self { offset: u64::MAX, class: 0 };
}

/// A tournament of `N / 2` places: node 1 is the winner, nodes `N / 2` and up are the places, and each node between
/// holds the lower of the nodes `2 k` and `2 k + 1`. Node 0 is not used.
#[derive(Clone, Copy, Debug)]
struct Tournament<const N: usize> {
    /// Addresses.
    lows: [u64; N],
    /// The place that each comes from; apart, since that takes fewer cache lines.
    places: [u8; N],
}

impl<const N: usize> Tournament<N> {
    const EMPTY: Self = Self { lows: [u64::MAX; N], places: [0; N] };
    const PLACES: usize = N / 2;

    /// Changes one place; returns the winner's address.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "there are at most 128 places")]
    fn set(&mut self, place: usize, low: u64) -> u64 {
        let place = place % Self::PLACES;
        let mut node = Self::PLACES + place;
        let (mut low, mut place) = (low, place as u8);
        self.lows[node] = low;
        self.places[node] = place;
        // All the way up: where nothing changes any more is anybody's guess, and a wrong guess costs more than the rest.
        for _ in 0..Self::PLACES.ilog2() {
            let other = self.lows[(node ^ 1) % N];
            let is_lower = other < low;
            place = select_unpredictable(is_lower, self.places[(node ^ 1) % N], place);
            low = select_unpredictable(is_lower, other, low);
            node /= 2;
            self.lows[node % N] = low;
            self.places[node % N] = place;
        }
        low
    }

    /// The lowest address of all places, and the place it comes from.
    #[inline(always)]
    const fn winner(&self) -> (u64, u8) {
        (self.lows[1], self.places[1])
    }

    /// The lowest address from a place on, and the place it comes from.
    #[inline(always)]
    fn from(&self, place: usize) -> (u64, u8) {
        let (mut low, mut found) = (u64::MAX, 0);
        // `node` heads what remains to be seen on its level: a right child is seen here, a left one by its parent.
        // Which it is, is anybody's guess, so the choice is arithmetic and no branch.
        let mut node = Self::PLACES + place % Self::PLACES;
        for _ in 0..=Self::PLACES.ilog2() {
            let is_left = (node as u64 & 1).wrapping_sub(1);
            let other = self.lows[node % N] | is_left;
            let is_lower = other < low;
            found = select_unpredictable(is_lower, self.places[node % N], found);
            low = select_unpredictable(is_lower, other, low);
            node = node / 2 + node % 2;
        }
        (low, found)
    }
}

/// Classes in a group.
const GROUP: usize = 64;

/// Groups; a heap that spans 64 bits has 114.
const GROUPS: usize = 128;

/// The lowest hole of each class, so arranged that the lowest from any class up is found with few looks.
///
/// ```text
/// classes      0 ... 63 | 64 ... 127 | 128 ... 191
/// groups          tournament of each: its lowest hole at node 1
/// above            -         one tournament over the winners of the groups but the first
/// ```
///
/// The lowest from class `c` up is the lowest of those of its own group from `c` on, which seven nodes cover at most, and
/// of the groups from the next one on, which eight nodes cover. No search needs the first group's winner in the upper
/// tournament; without it, node 1 there is the answer for all classes of that group, which programs ask for most.
///
/// Invariant: in each tournament, a node holds the lower of its two children; a place of the upper one holds the winner
/// of its group, and that of the first group holds none.
#[derive(Debug)]
pub(crate) struct LowestByClass {
    groups: Vec<Tournament<{ 2 * GROUP }>>,
    above: Vec<Tournament<{ 2 * GROUPS }>>,
}

impl LowestByClass {
    /// No holes in any of `classes` classes, which are at most 8,128.
    pub(crate) fn new(classes: usize) -> Result<Self, ConfigError> {
        let groups = classes.div_ceil(GROUP);
        debug_assert!(groups < GROUPS, "{classes} classes exceed the groups");
        Ok(Self {
            groups: filled(groups, Tournament::EMPTY)?,
            above: filled(1, Tournament::EMPTY)?,
        })
    }

    /// The address of the lowest hole of one class.
    #[inline]
    pub(crate) fn get(&self, class: Class) -> u64 {
        self.groups[class as usize / GROUP].lows[GROUP + class as usize % GROUP]
    }

    /// Notes the address of the lowest hole of a class, `u64::MAX` for none.
    #[inline(always)]
    pub(crate) fn set(&mut self, class: Class, offset: u64) {
        let group = class as usize / GROUP;
        let tournament = &mut self.groups[group];
        let before = tournament.lows[1];
        let low = tournament.set(class as usize, offset);
        if (low != before) & (group != 0) {
            self.above[0].set(group, low);
        }
    }

    /// The lowest hole of all classes from `class` up.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "a class is below 2^13")]
    pub(crate) fn from(&self, class: Class) -> Lowest {
        let group = class as usize / GROUP;
        let Some(tournament) = self.groups.get(group) else { return Lowest::NONE };
        let (low, place) = tournament.from(class as usize);
        // The place behind the last is never used.
        let (above, winner) =
            if group == 0 { self.above[0].winner() } else { self.above[0].from(group + 1) };
        if low < above {
            return Lowest { offset: low, class: (group * GROUP) as u32 + u32::from(place) };
        }
        if above == u64::MAX {
            return Lowest::NONE;
        }
        let place = self.groups[winner as usize].places[1];
        Lowest { offset: above, class: u32::from(winner) * GROUP as u32 + u32::from(place) }
    }

    /// Forgets all holes.
    pub(crate) fn clear(&mut self) {
        self.groups.fill(Tournament::EMPTY);
        self.above.fill(Tournament::EMPTY);
    }

    /// Bytes outside the value itself.
    pub(crate) const fn metadata_bytes(&self) -> u64 {
        (self.groups.capacity() * size_of::<Tournament<{ 2 * GROUP }>>()
            + self.above.capacity() * size_of::<Tournament<{ 2 * GROUPS }>>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::{Lowest, LowestByClass};

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    fn agrees_with_a_look_at_every_class() {
        for classes in [300, 5_000] {
            let mut lowest = LowestByClass::new(classes).unwrap();
            let mut plain = std::vec![u64::MAX; classes];
            let mut state = 1_u64;
            for _ in 0..40_000 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let class = (state >> 33) as usize % classes;
                let low = if state >> 60 < 6 { u64::MAX } else { (state >> 20) % 5_000 };
                // Two holes never lie at one address.
                if low == u64::MAX || !plain.contains(&low) {
                    plain[class] = low;
                    lowest.set(class as u32, low);
                }
                let from = (state >> 12) as usize % (classes + 20);
                let expected = plain.iter().enumerate().skip(from).min_by_key(|(_, low)| **low);
                let expected = expected.filter(|(_, low)| **low != u64::MAX);
                let expected = expected.map_or(Lowest::NONE.offset, |(_, low)| *low);
                let found = lowest.from(from as u32);
                assert_eq!(found.offset, expected, "from {from}");
                assert!(expected == u64::MAX || plain[found.class as usize] == expected);
            }
        }
    }
}
