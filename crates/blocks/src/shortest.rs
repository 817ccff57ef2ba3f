//! Exact best fit as an index: shared by the strategy of that name and by compaction.

use alloc::string::String;

use heaplab_core::{ConfigError, Granule};

use crate::aside::Choosing;
use crate::bins::Bins;
use crate::classes::Class;
use crate::hole_index::{HoleIndex, Taken};
use crate::table::{Entries as _, Entry, Id, NIL};

/// The shortest hole that can hold the block, and of those the lowest.
///
/// Without an alignment above the granule a search looks at one bit of the class set and takes the root it stands for.
/// With one of up to four granules it looks, after a while, at a few roots for each length between the block's and the
/// block's plus the alignment; with a larger one it may look through all holes of these lengths.
#[derive(Debug)]
pub struct ShortestFit {
    bins: Bins,
}

impl HoleIndex for ShortestFit {
    type Position = ();

    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self { bins: Bins::new(capacity_bytes, granule)? })
    }

    #[inline(always)]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        self.bins.insert(entries, hole, len);
    }

    #[inline(always)]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        self.bins.remove(entries, hole, len);
    }

    #[inline(always)]
    fn take(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        self.take_choice(entries, len, self.choose(len))
    }

    /// The shortest fitting hole for an alignment above the granule; adds to `looks` as
    /// [`Bins::shortest_aligned_in`] does.
    #[inline]
    fn find_aligned(&self, entries: &[Entry], len: u64, align: u64, looks: &mut u64) -> Option<Id> {
        // From this length on any hole will do, since offsets are multiples of the granule.
        let ample = len.checked_add(align - self.bins.granule_bytes());
        let last = ample.map_or(u64::MAX, |ample| ample.min(self.bins.capacity_bytes()));
        let last = self.bins.class_of(last);
        let mut next = self.bins.class_at_or_above(self.bins.class_of(len));
        while let Some(class) = next.filter(|&class| class <= last) {
            let found = self.bins.shortest_aligned_in(entries, class, len, align, looks);
            if found.is_some() {
                return found;
            }
            next = self.bins.class_at_or_above(class + 1);
        }
        self.bins.shortest(entries, ample?)
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
            self.bins.shortest(entries, len)
        } else {
            self.find_aligned(entries, len, align, &mut 0)
        }
    }

    fn largest(&self, entries: &[Entry]) -> u64 {
        self.bins.longest_len(entries)
    }

    fn clear(&mut self) {
        self.bins.clear();
    }

    fn metadata_bytes(&self) -> u64 {
        self.bins.metadata_bytes()
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        self.bins.check_invariants(entries, holes)
    }
}

/// The choice where no class has a hole that fits.
const NO_CLASS: Class = Class::MAX;

impl Choosing for ShortestFit {
    /// The lowest class at or above the block's that has holes.
    type Choice = Class;

    /// A treap need not be searched to tell where a hole of an exact class comes.
    #[inline(always)]
    fn may_wait(&self, len: u64) -> bool {
        self.bins.is_exact(self.bins.class_of(len))
    }

    #[inline(always)]
    fn choose(&self, len: u64) -> Class {
        self.bins.class_at_or_above(self.bins.class_of(len)).unwrap_or(NO_CLASS)
    }

    #[inline(always)]
    fn comes_before_choice(
        &self,
        entries: &[Entry],
        (hole, hole_len): (Id, u64),
        len: u64,
        choice: Class,
    ) -> bool {
        let class = self.bins.class_of_exact(hole_len);
        // One branch for both, since each alone is anybody's guess.
        if (hole_len < len) | (class > choice) {
            return false;
        }
        let lowest = || self.bins.lowest(entries, class).unwrap_or(NIL);
        class < choice || entries.offset(hole) < entries.offset(lowest())
    }

    #[inline(always)]
    fn take_choice(&mut self, entries: &mut [Entry], len: u64, choice: Class) -> Option<Taken<()>> {
        if choice == NO_CLASS {
            return None;
        }
        let (hole, len) = self.bins.take_shortest(entries, len, choice)?;
        Some(Taken { hole, len, position: () })
    }

    #[inline]
    fn comes_before(entries: &[Entry], hole: Id, other: Id) -> bool {
        let key = |hole| (entries.len_of(hole), entries.offset(hole));
        key(hole) < key(other)
    }
}
