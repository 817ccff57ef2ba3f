//! The index that finds the lowest hole that fits.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::bins::{Bins, Change};
use heaplab_blocks::classes::Class;
use heaplab_blocks::{Choosing, Entries as _, Entry, HoleIndex, Id, Taken};
use heaplab_core::{ConfigError, Granule};

use crate::lowest::{Lowest, LowestByClass};

/// The address of no hole.
const NONE: u64 = Lowest::NONE.offset;

/// The lowest hole that can hold the block: bins by length, and the lowest hole of each bin in staircases.
///
/// Invariant: what is noted for each class is the lowest hole of that class in the bins.
#[derive(Debug)]
pub struct LowestFit {
    bins: Bins,
    lowest_by_class: LowestByClass,
}

impl LowestFit {
    /// The lowest hole of at least `len` bytes.
    #[inline(always)]
    fn lowest(&self, entries: &[Entry], len: u64) -> Option<Id> {
        let class = self.bins.class_of(len);
        if !self.bins.is_exact(class) {
            return self.lowest_above_exact(entries, len, class);
        }
        let Lowest { offset, class } = self.lowest_by_class.from(class);
        if offset == NONE { None } else { self.bins.lowest(entries, class) }
    }

    #[cold]
    #[inline(never)]
    fn lowest_above_exact(&self, entries: &[Entry], len: u64, class: Class) -> Option<Id> {
        let Lowest { offset: low, class: above } = self.lowest_by_class.from(class + 1);
        match self.bins.lowest_in_class(entries, len) {
            Some(hole) if entries.offset(hole) < low => Some(hole),
            _ if low == NONE => None,
            _ => self.bins.lowest(entries, above),
        }
    }

    /// Notes the lowest hole of a class after it may have changed.
    #[inline(always)]
    fn note(&mut self, entries: &[Entry], class: Class) {
        let low = self.bins.lowest(entries, class).map_or(NONE, |hole| entries.offset(hole));
        self.lowest_by_class.set(class, low);
    }
}

impl LowestFit {
    #[cold]
    #[inline(never)]
    fn take_above_exact(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        let hole = self.lowest(entries, len)?;
        let len = entries.len_of(hole);
        self.remove(entries, hole, len);
        Some(Taken { hole, len, position: () })
    }
}

impl HoleIndex for LowestFit {
    type Position = ();

    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        let bins = Bins::new(capacity_bytes, granule)?;
        let lowest_by_class = LowestByClass::new(bins.class_count())?;
        Ok(Self { bins, lowest_by_class })
    }

    #[inline(always)]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let Change { class, may_be_lowest } = self.bins.insert(entries, hole, len);
        if may_be_lowest {
            let low = self.lowest_by_class.get(class).min(entries.offset(hole));
            self.lowest_by_class.set(class, low);
        }
    }

    #[inline(always)]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let Change { class, may_be_lowest } = self.bins.remove(entries, hole, len);
        if may_be_lowest {
            self.note(entries, class);
        }
    }

    #[inline(always)]
    fn take(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        self.take_choice(entries, len, self.choose(len))
    }

    /// The lowest fitting hole for an alignment above the granule: the lowest of those in which any alignment fits, or
    /// a lower one among the shorter that happens to suit. Adds to `looks` as [`Bins::lowest_aligned_in`] does.
    #[inline]
    fn find_aligned(&self, entries: &[Entry], len: u64, align: u64, looks: &mut u64) -> Option<Id> {
        let ample = len
            .checked_add(align - self.bins.granule_bytes())
            .filter(|&ample| ample <= self.bins.capacity_bytes());
        let mut lowest = ample.and_then(|ample| self.lowest(entries, ample));
        let mut low = lowest.map_or(NONE, |hole| entries.offset(hole));
        let last = self.bins.class_of(ample.unwrap_or(self.bins.capacity_bytes()));
        let mut next = self.bins.class_at_or_above(self.bins.class_of(len));
        while let Some(class) = next.filter(|&class| class <= last) {
            if self.lowest_by_class.get(class) < low {
                let found = self.bins.lowest_aligned_in(entries, class, (len, align), low, looks);
                if let Some(hole) = found {
                    (lowest, low) = (found, entries.offset(hole));
                }
            }
            next = self.bins.class_at_or_above(class + 1);
        }
        lowest
    }

    #[inline]
    fn count_looks(&mut self, looks: u64) {
        self.bins.count_looks(looks);
    }

    #[inline]
    fn adapt(&mut self, entries: &mut [Entry]) {
        self.bins.adapt(entries);
    }

    #[inline]
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        if align <= self.bins.granule_bytes() {
            self.lowest(entries, len)
        } else {
            self.find_aligned(entries, len, align, &mut 0)
        }
    }

    fn largest(&self, entries: &[Entry]) -> u64 {
        self.bins.longest_len(entries)
    }

    fn clear(&mut self) {
        self.bins.clear();
        self.lowest_by_class.clear();
    }

    fn metadata_bytes(&self) -> u64 {
        self.bins.metadata_bytes() + self.lowest_by_class.metadata_bytes()
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        self.bins.check_invariants(entries, holes)?;
        for class in (0..).take(self.bins.class_count()) {
            let lowest = self.bins.lowest(entries, class);
            let expected = lowest.map_or(NONE, |hole| entries.offset(hole));
            let noted = self.lowest_by_class.get(class);
            if noted != expected {
                return Err(format!("lowest of class {class} is {expected}, noted is {noted}"));
            }
        }
        Ok(())
    }
}

impl Choosing for LowestFit {
    /// The lowest hole at or above the block's class, if that is exact; else none is chosen in advance.
    type Choice = Lowest;

    #[inline(always)]
    fn may_wait(&self, len: u64) -> bool {
        self.bins.is_exact(self.bins.class_of(len))
    }

    #[inline(always)]
    fn choose(&self, len: u64) -> Lowest {
        let class = self.bins.class_of(len);
        if self.bins.is_exact(class) { self.lowest_by_class.from(class) } else { Lowest::NONE }
    }

    #[inline(always)]
    fn comes_before_choice(
        &self,
        entries: &[Entry],
        (hole, hole_len): (Id, u64),
        len: u64,
        choice: Lowest,
    ) -> bool {
        // One branch for both, since each alone is anybody's guess.
        (hole_len >= len) & (entries.offset(hole) < choice.offset)
    }

    #[inline(always)]
    fn take_choice(
        &mut self,
        entries: &mut [Entry],
        len: u64,
        choice: Lowest,
    ) -> Option<Taken<()>> {
        if !self.bins.is_exact(self.bins.class_of(len)) {
            return self.take_above_exact(entries, len);
        }
        if choice.offset == NONE {
            return None;
        }
        let (hole, len) = self.bins.take_lowest(entries, choice.class);
        self.note(entries, choice.class);
        Some(Taken { hole, len, position: () })
    }

    #[inline]
    fn comes_before(entries: &[Entry], hole: Id, other: Id) -> bool {
        entries.offset(hole) < entries.offset(other)
    }
}
