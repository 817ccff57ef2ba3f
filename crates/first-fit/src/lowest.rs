//! The lowest hole among all classes from a given one up.

use alloc::vec::Vec;
use core::hint::select_unpredictable;

use heaplab_blocks::classes::{Class, filled};
use heaplab_blocks::{Id, NIL};
use heaplab_core::ConfigError;

/// A hole and its address; [`Lowest::NONE`] for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lowest {
    /// Bytes from the start of the heap.
    pub(crate) offset: u64,
    /// The hole.
    pub(crate) hole: Id,
}

impl Lowest {
    /// No hole: higher than any.
    pub(crate) const NONE: Self = Self { offset: u64::MAX, hole: NIL };

    /// Whether both are the same hole, or none: at one address there is one hole at a time, so one comparison will do.
    #[inline]
    pub(crate) const fn is_same(self, other: Self) -> bool {
        self.offset == other.offset
    }

    /// The lower of the two, without a branch: which it is cannot be foretold.
    #[inline]
    fn or_lower(self, other: Self) -> Self {
        let is_lower = other.offset < self.offset;
        Self {
            offset: select_unpredictable(is_lower, other.offset, self.offset),
            hole: select_unpredictable(is_lower, other.hole, self.hole),
        }
    }
}

/// Classes in a group.
const GROUP: usize = 64;

/// A tournament over the classes of one group: node 1 is the winner, nodes 64 to 127 are the classes' lowest holes, and
/// each node between holds the lower of the nodes `2 k` and `2 k + 1`. Node 0 is not used.
type Tournament = [Lowest; 2 * GROUP];

/// The lowest hole of each class, so arranged that the lowest from any class up is found with few looks.
///
/// ```text
/// classes      0 ... 63 | 64 ... 127 | 128 ... 191
/// groups          tournament of each: its lowest hole at node 1
/// from group      0          1             2           the lowest of this group and all above
/// ```
///
/// The lowest from class `c` up is the lowest of those of its own group from `c` on, which seven nodes cover at most, and
/// the lowest from the next group up, which is noted.
///
/// Invariants
///
/// 1. In each tournament, a node from 1 to 63 holds the lower of its two children.
/// 2. `from_group[g]` is the lower of group `g`'s winner and `from_group[g + 1]`; the last holds none.
#[derive(Debug)]
pub(crate) struct LowestByClass {
    groups: Vec<Tournament>,
    from_group: Vec<Lowest>,
}

impl LowestByClass {
    /// No holes in any of `classes` classes.
    pub(crate) fn new(classes: usize) -> Result<Self, ConfigError> {
        let groups = classes.div_ceil(GROUP);
        Ok(Self {
            groups: filled(groups, [Lowest::NONE; 2 * GROUP])?,
            from_group: filled(groups + 1, Lowest::NONE)?,
        })
    }

    /// The lowest hole of one class.
    #[inline]
    pub(crate) fn get(&self, class: Class) -> Lowest {
        self.groups[class as usize / GROUP][GROUP + class as usize % GROUP]
    }

    /// Notes the lowest hole of a class.
    #[inline]
    pub(crate) fn set(&mut self, class: Class, lowest: Lowest) {
        let group = class as usize / GROUP;
        let tournament = &mut self.groups[group];
        let mut node = GROUP + class as usize % GROUP;
        let mut winner = lowest;
        tournament[node] = winner;
        // All the way up: where nothing changes any more is anybody's guess, and a wrong guess costs more than the rest.
        for _ in 0..GROUP.ilog2() {
            winner = winner.or_lower(tournament[(node ^ 1) % (2 * GROUP)]);
            node /= 2;
            tournament[node % (2 * GROUP)] = winner;
        }
        self.carry_down(group, winner);
    }

    /// Brings `from_group` up to date after the winner of `group` has changed.
    #[inline]
    fn carry_down(&mut self, group: usize, winner: Lowest) {
        let mut lowest = winner.or_lower(self.from_group[group + 1]);
        for group in (0..=group).rev() {
            if self.from_group[group].is_same(lowest) {
                return;
            }
            self.from_group[group] = lowest;
            if group > 0 {
                lowest = self.groups[group - 1][1].or_lower(lowest);
            }
        }
    }

    /// The lowest hole of all classes from `class` up.
    #[inline]
    pub(crate) fn from(&self, class: Class) -> Lowest {
        let group = class as usize / GROUP;
        let Some(tournament) = self.groups.get(group) else { return Lowest::NONE };
        let mut winner = self.from_group[group + 1];
        // `node` heads what remains to be seen on its level: a right child is seen here, a left one by its parent.
        // Which it is, is anybody's guess, so the choice is arithmetic and no branch.
        let mut node = GROUP + class as usize % GROUP;
        for _ in 0..=GROUP.ilog2() {
            let Lowest { offset, hole } = tournament[node % (2 * GROUP)];
            let is_left = (node as u64 & 1).wrapping_sub(1);
            winner = winner.or_lower(Lowest { offset: offset | is_left, hole });
            node = node / 2 + node % 2;
        }
        winner
    }

    /// Forgets all holes.
    pub(crate) fn clear(&mut self) {
        self.groups.fill([Lowest::NONE; 2 * GROUP]);
        self.from_group.fill(Lowest::NONE);
    }

    /// Bytes outside the value itself.
    pub(crate) const fn metadata_bytes(&self) -> u64 {
        (self.groups.capacity() * size_of::<Tournament>()
            + self.from_group.capacity() * size_of::<Lowest>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::{Lowest, LowestByClass};

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    fn agrees_with_a_look_at_every_class() {
        let classes = 300;
        let mut lowest = LowestByClass::new(classes).unwrap();
        let mut plain = std::vec![Lowest::NONE; classes];
        let mut state = 1_u64;
        for _ in 0..20_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let class = (state >> 33) as usize % classes;
            let value = match state >> 60 {
                0..6 => Lowest::NONE,
                _ => {
                    Lowest { offset: (state >> 20) % 5_000, hole: 1 + (state >> 40) as u32 % 1_000 }
                }
            };
            // Two holes never lie at one address.
            if value == Lowest::NONE || plain.iter().all(|other| other.offset != value.offset) {
                plain[class] = value;
                lowest.set(class as u32, value);
            }
            let from = (state >> 12) as usize % (classes + 20);
            let expected = plain.iter().skip(from).min_by_key(|lowest| lowest.offset);
            assert_eq!(lowest.from(from as u32), *expected.unwrap_or(&Lowest::NONE), "from {from}");
        }
    }
}
