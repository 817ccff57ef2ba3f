//! The index that finds the longest hole.

use alloc::string::String;
use core::cmp::Reverse;

use heaplab_blocks::bins::{self, Bins};
use heaplab_blocks::classes::Class;
use heaplab_blocks::{Choosing, Entries as _, Entry, HoleIndex, Id, NIL, Taken};
use heaplab_core::{ConfigError, Granule};

/// The longest hole that can hold the block, and of those the lowest.
#[derive(Debug)]
pub struct LongestFit {
    bins: Bins,
}

impl LongestFit {
    /// The longest fitting hole where even the longest of all may not suit the alignment.
    fn find_aligned(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        let mut best: Option<(u64, Reverse<u64>, Id)> = None;
        let mut next = self.bins.class_at_or_above(self.bins.class_of(len));
        while let Some(class) = next {
            self.bins.visit_class(entries, class, &mut |hole| {
                if bins::fits(entries, hole, len, align) {
                    let offset = Reverse(entries.offset(hole));
                    best = best.max(Some((entries.len_of(hole), offset, hole)));
                }
            });
            next = self.bins.class_at_or_above(class + 1);
        }
        best.map(|(_, _, hole)| hole)
    }
}

impl HoleIndex for LongestFit {
    type Position = ();

    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self { bins: Bins::new(capacity_bytes, granule)? })
    }

    #[inline]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        self.bins.insert(entries, hole, len);
    }

    #[inline]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        self.bins.remove(entries, hole, len);
    }

    #[inline(always)]
    fn take(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        self.take_choice(entries, len, self.choose(len))
    }

    #[inline]
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        let longest = self.bins.longest(entries)?;
        if bins::fits(entries, longest, len, align) {
            Some(longest)
        } else if align > self.bins.granule_bytes() && len <= entries.len_of(longest) {
            self.find_aligned(entries, len, align)
        } else {
            None
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

impl Choosing for LongestFit {
    /// The highest class that has holes.
    type Choice = Option<Class>;

    /// A treap need not be searched to tell where a hole of an exact class comes.
    #[inline(always)]
    fn may_wait(&self, len: u64) -> bool {
        self.bins.is_exact(self.bins.class_of(len))
    }

    #[inline(always)]
    fn choose(&self, _: u64) -> Option<Class> {
        self.bins.highest_class()
    }

    #[inline(always)]
    fn comes_before_choice(
        &self,
        entries: &[Entry],
        (hole, hole_len): (Id, u64),
        len: u64,
        choice: Option<Class>,
    ) -> bool {
        let class = self.bins.class_of_exact(hole_len);
        let highest = choice.unwrap_or_default();
        // One branch for both, since each alone is anybody's guess.
        if (hole_len < len) | (class < highest) {
            return false;
        }
        let lowest = || self.bins.lowest(entries, class).unwrap_or(NIL);
        class > highest || entries.offset(hole) < entries.offset(lowest())
    }

    #[inline(always)]
    fn take_choice(
        &mut self,
        entries: &mut [Entry],
        len: u64,
        choice: Option<Class>,
    ) -> Option<Taken<()>> {
        let (hole, len) = self.bins.take_longest(entries, len, choice?)?;
        Some(Taken { hole, len, position: () })
    }

    #[inline]
    fn comes_before(entries: &[Entry], hole: Id, other: Id) -> bool {
        let key = |hole| (Reverse(entries.len_of(hole)), entries.offset(hole));
        key(hole) < key(other)
    }
}
