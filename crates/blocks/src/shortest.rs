//! Exact best fit as an index: shared by the strategy of that name and by compaction.

use alloc::string::String;

use heaplab_core::{ConfigError, Granule};

use crate::bins::{self, Bins};
use crate::hole_index::HoleIndex;
use crate::table::{BlockTable, Id};

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
    fn find_aligned(&self, table: &BlockTable, len: u64, align: u64) -> Option<Id> {
        // From this length on any hole will do, since offsets are multiples of the granule.
        let ample = len.checked_add(align - table.granule().bytes());
        let last = ample.map_or(u64::MAX, |ample| ample.min(table.capacity_bytes()));
        let last = self.bins.class_of(last);
        let mut next = self.bins.class_at_or_above(self.bins.class_of(len));
        while let Some(class) = next.filter(|&class| class <= last) {
            let mut best: Option<(u64, u64, Id)> = None;
            self.bins.visit_class(table, class, &mut |hole| {
                if bins::fits(table, hole, len, align) {
                    let candidate = (table.len(hole), table.offset(hole), hole);
                    best = Some(best.map_or(candidate, |best| best.min(candidate)));
                }
            });
            if let Some((_, _, hole)) = best {
                return Some(hole);
            }
            next = self.bins.class_at_or_above(class + 1);
        }
        self.bins.shortest(table, ample?)
    }
}

impl HoleIndex for ShortestFit {
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
        if align <= table.granule().bytes() {
            self.bins.shortest(table, len)
        } else {
            self.find_aligned(table, len, align)
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
