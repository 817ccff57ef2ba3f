//! Exact best fit as an index: shared by the strategy of that name and by compaction.

use alloc::string::String;

use heaplab_core::{ConfigError, Granule};

use crate::bins::{self, Bins};
use crate::hole_index::{HoleIndex, Taken};
use crate::table::{Entries as _, Entry, Id};

/// The shortest hole that can hold the block, and of those the lowest.
///
/// Without an alignment above the granule a search looks at one bit of the class set and takes the root it stands for;
/// with one it may look through all holes of lengths between the block's and the block's plus the alignment.
#[derive(Debug)]
pub struct ShortestFit {
    bins: Bins,
}

impl ShortestFit {
    /// The shortest fitting hole for an alignment above the granule.
    fn find_aligned(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        // From this length on any hole will do, since offsets are multiples of the granule.
        let ample = len.checked_add(align - self.bins.granule_bytes());
        let last = ample.map_or(u64::MAX, |ample| ample.min(self.bins.capacity_bytes()));
        let last = self.bins.class_of(last);
        let mut next = self.bins.class_at_or_above(self.bins.class_of(len));
        while let Some(class) = next.filter(|&class| class <= last) {
            let mut best: Option<(u64, u64, Id)> = None;
            self.bins.visit_class(entries, class, &mut |hole| {
                if bins::fits(entries, hole, len, align) {
                    let candidate = (entries.len_of(hole), entries.offset(hole), hole);
                    best = Some(best.map_or(candidate, |best| best.min(candidate)));
                }
            });
            if let Some((_, _, hole)) = best {
                return Some(hole);
            }
            next = self.bins.class_at_or_above(class + 1);
        }
        self.bins.shortest(entries, ample?)
    }
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
        let (hole, len) = self.bins.take_shortest(entries, len)?;
        Some(Taken { hole, len, position: () })
    }

    #[inline]
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        if align <= self.bins.granule_bytes() {
            self.bins.shortest(entries, len)
        } else {
            self.find_aligned(entries, len, align)
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
