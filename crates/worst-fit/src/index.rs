//! The index that finds the longest hole.

use alloc::string::String;

use heaplab_blocks::bins::{self, Bins};
use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, Taken};
use heaplab_core::{ConfigError, Granule};

/// The longest hole that can hold the block, and of those the lowest.
#[derive(Debug)]
pub struct LongestFit {
    bins: Bins,
}

impl LongestFit {
    /// The longest fitting hole where even the longest of all may not suit the alignment.
    fn find_aligned(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        let mut best: Option<(u64, core::cmp::Reverse<u64>, Id)> = None;
        let mut next = self.bins.class_at_or_above(self.bins.class_of(len));
        while let Some(class) = next {
            self.bins.visit_class(entries, class, &mut |hole| {
                if bins::fits(entries, hole, len, align) {
                    let offset = core::cmp::Reverse(entries.offset(hole));
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
        let (hole, len) = self.bins.take_longest(entries, len)?;
        Some(Taken { hole, len, position: () })
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
