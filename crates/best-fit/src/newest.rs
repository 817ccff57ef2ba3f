//! The index of best fit with the newest of equal holes first.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heaplab_blocks::classes::{Class, ClassSet, Classes, filled};
use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, NIL, Taken, bins};
use heaplab_core::{ConfigError, Granule};

use crate::by_length;
use crate::lists::ExactLists;

/// The shortest hole that can hold the block, and of those the one that most recently became a hole of its length.
///
/// ```text
/// class      1     2     3    ...  4095 | 4096 ... (64 an octave)
/// set        1     0     1    ...    0  |   1
/// first      |           |              |   |
///          list        list             | treap by (length, newest first)
/// ```
///
/// Where alignments above the granule are asked for often, an exact class has four lists, by what its holes' offsets in
/// granules leave when divided by four: a search then looks at first holes alone.
///
/// In an exact class all holes have one length, so the newest is the first of a list, and every operation there
/// touches a hole and the two beside it in its list, whatever the number of holes.
///
/// Invariants
///
/// 1. A class is in the set if and only if it has holes.
/// 2. Each hole is in a list or the treap of its length's class, and there is no other hole.
#[derive(Debug)]
pub struct NewestOfShortestFit {
    classes: Classes,
    set: ClassSet,
    exact: ExactLists,
    /// The treaps of the classes above the exact ones.
    treaps: Vec<Id>,
    class_count: usize,
    capacity_bytes: u64,
}

impl NewestOfShortestFit {
    #[cfg(test)]
    pub(crate) const fn exact_mut(&mut self) -> &mut ExactLists {
        &mut self.exact
    }

    #[inline]
    fn treap(&self, class: Class) -> Id {
        self.treaps[class as usize - Classes::EXACT]
    }

    #[inline]
    fn treap_mut(&mut self, class: Class) -> &mut Id {
        &mut self.treaps[class as usize - Classes::EXACT]
    }

    /// The shortest hole of a class in which the block fits, and of those the newest; `looks` as in
    /// [`ExactLists::newest_suiting`].
    #[inline]
    fn find_in_class(
        &self,
        entries: &[Entry],
        class: Class,
        (len, align): (u64, u64),
        looks: &mut u64,
    ) -> Option<Id> {
        if self.classes.is_exact(class) {
            let hole = self.exact.newest_suiting(entries, class, (len, align), looks);
            return (hole != NIL).then_some(hole);
        }
        let mut holes = by_length::in_order(entries, self.treap(class));
        holes.find(|&hole| bins::fits(entries, hole, len, align))
    }

    /// The shortest hole of at least `len` bytes, and of those the newest.
    fn shortest(&self, entries: &[Entry], len: u64) -> Option<Id> {
        let own = self.classes.of(len);
        let class = self.set.at_or_above(own)?;
        if self.classes.is_exact(class) {
            return Some(self.exact.newest(entries, class));
        }
        let found = by_length::first_from(entries, self.treap(class), len);
        if found.is_some() || class != own {
            return found;
        }
        // The class of `len` itself may hold only shorter ones; all of the next hold it.
        let class = self.set.at_or_above(own + 1)?;
        by_length::first_from(entries, self.treap(class), len)
    }

    #[cold]
    #[inline(never)]
    fn insert_above_exact(&mut self, entries: &mut [Entry], hole: Id, class: Class) {
        let root = self.treap_mut(class);
        *root = by_length::insert(entries, *root, hole);
        self.set.insert(class);
    }

    #[cold]
    #[inline(never)]
    fn remove_above_exact(&mut self, entries: &mut [Entry], hole: Id, class: Class) {
        let root = self.treap_mut(class);
        *root = by_length::remove(entries, *root, hole);
        if *root == NIL {
            self.set.remove(class);
        }
    }

    #[cold]
    #[inline(never)]
    fn take_above_exact(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        let hole = self.shortest(entries, len)?;
        let len = entries.len_of(hole);
        self.remove(entries, hole, len);
        Some(Taken { hole, len, position: () })
    }
}

impl HoleIndex for NewestOfShortestFit {
    type Position = ();

    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        let classes = Classes::new(granule);
        let count = classes.count(capacity_bytes);
        let exact = count.min(Classes::EXACT);
        Ok(Self {
            classes,
            set: ClassSet::new(count)?,
            exact: ExactLists::new(exact, granule)?,
            treaps: filled(count - exact, NIL)?,
            class_count: count,
            capacity_bytes,
        })
    }

    #[inline(always)]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let class = self.classes.of(len);
        if !self.classes.is_exact(class) {
            return self.insert_above_exact(entries, hole, class);
        }
        self.exact.insert(entries, class, hole);
        // Whether it is a member already cannot be foretold, and adding it again costs less than a wrong guess.
        self.set.insert(class);
    }

    #[inline(always)]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let class = self.classes.of(len);
        if !self.classes.is_exact(class) {
            return self.remove_above_exact(entries, hole, class);
        }
        if self.exact.remove(entries, class, hole) {
            self.set.remove(class);
        }
    }

    #[inline(always)]
    fn take(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        let class = self.set.at_or_above(self.classes.of(len))?;
        if !self.classes.is_exact(class) {
            return self.take_above_exact(entries, len);
        }
        let (hole, is_empty) = self.exact.pop(entries, class);
        if is_empty {
            self.set.remove(class);
        }
        Some(Taken { hole, len: self.classes.len_of(class), position: () })
    }

    /// The shortest fitting hole for an alignment above the granule.
    #[inline]
    fn find_aligned(&self, entries: &[Entry], len: u64, align: u64, looks: &mut u64) -> Option<Id> {
        // From this length on any hole will do, since offsets are multiples of the granule.
        let ample = len.checked_add(align - self.classes.len_of(1));
        let last = ample.map_or(u64::MAX, |ample| ample.min(self.capacity_bytes));
        let last = self.classes.of(last);
        let mut next = self.set.at_or_above(self.classes.of(len));
        while let Some(class) = next.filter(|&class| class <= last) {
            let found = self.find_in_class(entries, class, (len, align), looks);
            if found.is_some() {
                return found;
            }
            next = self.set.at_or_above(class + 1);
        }
        self.shortest(entries, ample?)
    }

    #[inline]
    fn count_looks(&mut self, looks: u64) {
        self.exact.count_looks(looks);
    }

    #[inline]
    fn adapt(&mut self, entries: &mut [Entry]) {
        self.exact.adapt(entries);
    }

    #[inline]
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        if align <= self.classes.len_of(1) {
            self.shortest(entries, len)
        } else {
            self.find_aligned(entries, len, align, &mut 0)
        }
    }

    fn largest(&self, entries: &[Entry]) -> u64 {
        let Some(class) = self.set.highest() else { return 0 };
        if self.classes.is_exact(class) {
            return self.classes.len_of(class);
        }
        by_length::longest(entries, self.treap(class))
    }

    fn clear(&mut self) {
        self.set.clear();
        self.exact.clear();
        self.treaps.fill(NIL);
    }

    fn metadata_bytes(&self) -> u64 {
        let treaps = self.treaps.capacity() * size_of::<Id>();
        self.set.metadata_bytes() + self.exact.metadata_bytes() + treaps as u64
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        let mut counted = 0;
        for (class, _) in (0..).zip(0..self.class_count) {
            let belongs =
                |hole| entries.is_hole(hole) && self.classes.of(entries.len_of(hole)) == class;
            let holds = if self.classes.is_exact(class) {
                self.exact.check(entries, class, holes, belongs)?
            } else {
                by_length::check(entries, self.treap(class), belongs)?
            };
            if (self.set.at_or_above(class) == Some(class)) != (holds != 0) {
                return Err(format!("class {class} has {holds} holes, which its bit contradicts"));
            }
            counted += holds;
        }
        if counted == holes {
            Ok(())
        } else {
            Err(format!("the lists hold {counted} holes, the table {holes}"))
        }
    }
}
