//! The index that finds the longest hole.

use alloc::string::String;

use heaplab_blocks::bins::{self, Bins};
use heaplab_blocks::{BlockTable, HoleIndex, Id};
use heaplab_core::{ConfigError, Granule};

/// The longest hole that can hold the block, and of those the lowest.
#[derive(Debug)]
pub struct LongestFit {
    bins: Bins,
}

impl LongestFit {
    /// The longest fitting hole where even the longest of all may not suit the alignment.
    fn find_aligned(&self, table: &BlockTable, len: u64, align: u64) -> Option<Id> {
        let mut best: Option<(u64, core::cmp::Reverse<u64>, Id)> = None;
        let mut next = self.bins.class_at_or_above(self.bins.class_of(len));
        while let Some(class) = next {
            self.bins.visit_class(table, class, &mut |hole| {
                if bins::fits(table, hole, len, align) {
                    let offset = core::cmp::Reverse(table.offset(hole));
                    best = best.max(Some((table.len(hole), offset, hole)));
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
    fn insert(&mut self, table: &mut BlockTable, hole: Id) {
        self.bins.insert(table, hole);
    }

    #[inline]
    fn remove(&mut self, table: &mut BlockTable, hole: Id) {
        self.bins.remove(table, hole);
    }

    #[inline]
    fn find(&self, table: &BlockTable, len: u64, align: u64) -> Option<Id> {
        let longest = self.bins.longest(table)?;
        if bins::fits(table, longest, len, align) {
            Some(longest)
        } else if align > table.granule().bytes() && len <= table.len(longest) {
            self.find_aligned(table, len, align)
        } else {
            None
        }
    }

    fn largest(&self, table: &BlockTable) -> u64 {
        self.bins.longest_len(table)
    }

    fn clear(&mut self) {
        self.bins.clear();
    }

    fn metadata_bytes(&self) -> u64 {
        self.bins.metadata_bytes()
    }

    fn check_invariants(&self, table: &BlockTable, holes: u64) -> Result<(), String> {
        self.bins.check_invariants(table, holes)
    }
}
