//! The index that finds the lowest hole that fits.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::bins::{self, Bins, Change};
use heaplab_blocks::{BlockTable, HoleIndex, Id, NIL};
use heaplab_core::{ConfigError, Granule};

use crate::lowest::{Lowest, LowestByClass};

/// The lowest hole that can hold the block: bins by length, and the lowest hole of each bin in tournaments.
///
/// Invariant: what is noted for each class is the lowest hole of that class in the bins.
#[derive(Debug)]
pub struct LowestFit {
    bins: Bins,
    lowest_by_class: LowestByClass,
}

impl LowestFit {
    /// The lowest hole of at least `len` bytes.
    #[inline]
    fn lowest(&self, table: &BlockTable, len: u64) -> Lowest {
        let class = self.bins.class_of(len);
        if self.bins.is_exact(class) {
            return self.lowest_by_class.from(class);
        }
        let above = self.lowest_by_class.from(class + 1);
        match self.bins.lowest_in_class(table, len) {
            Some(hole) if table.offset(hole) < above.offset => {
                Lowest { offset: table.offset(hole), hole }
            }
            _ => above,
        }
    }

    /// The lowest fitting hole for an alignment above the granule: the lowest of those in which any alignment fits, or
    /// a lower one among the shorter that happens to suit.
    fn lowest_aligned(&self, table: &BlockTable, len: u64, align: u64) -> Lowest {
        let ample = len
            .checked_add(align - table.granule().bytes())
            .filter(|&ample| ample <= table.capacity_bytes());
        let mut lowest = ample.map_or(Lowest::NONE, |ample| self.lowest(table, ample));
        let last = self.bins.class_of(ample.unwrap_or(table.capacity_bytes()));
        let mut next = self.bins.class_at_or_above(self.bins.class_of(len));
        while let Some(class) = next.filter(|&class| class <= last) {
            if self.lowest_by_class.get(class).offset < lowest.offset {
                self.bins.visit_class(table, class, &mut |hole| {
                    let offset = table.offset(hole);
                    if offset < lowest.offset && bins::fits(table, hole, len, align) {
                        lowest = Lowest { offset, hole };
                    }
                });
            }
            next = self.bins.class_at_or_above(class + 1);
        }
        lowest
    }
}

impl HoleIndex for LowestFit {
    type Position = ();

    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        let bins = Bins::new(capacity_bytes, granule)?;
        let lowest_by_class = LowestByClass::new(bins.class_count())?;
        Ok(Self { bins, lowest_by_class })
    }

    #[inline]
    fn insert(&mut self, table: &mut BlockTable, hole: Id) {
        let Change { class, is_lowest } = self.bins.insert(table, hole);
        if is_lowest {
            self.lowest_by_class.set(class, Lowest { offset: table.offset(hole), hole });
        }
    }

    #[inline]
    fn remove(&mut self, table: &mut BlockTable, hole: Id) {
        let Change { class, is_lowest } = self.bins.remove(table, hole);
        if is_lowest {
            let lowest = match self.bins.lowest(table, class) {
                Some(hole) => Lowest { offset: table.offset(hole), hole },
                None => Lowest::NONE,
            };
            self.lowest_by_class.set(class, lowest);
        }
    }

    #[inline]
    fn find(&self, table: &BlockTable, len: u64, align: u64) -> Option<Id> {
        let lowest = if align <= table.granule().bytes() {
            self.lowest(table, len)
        } else {
            self.lowest_aligned(table, len, align)
        };
        (lowest.hole != NIL).then_some(lowest.hole)
    }

    fn largest(&self, table: &BlockTable) -> u64 {
        self.bins.longest_len(table)
    }

    fn clear(&mut self) {
        self.bins.clear();
        self.lowest_by_class.clear();
    }

    fn metadata_bytes(&self) -> u64 {
        self.bins.metadata_bytes() + self.lowest_by_class.metadata_bytes()
    }

    fn check_invariants(&self, table: &BlockTable, holes: u64) -> Result<(), String> {
        self.bins.check_invariants(table, holes)?;
        for class in (0..).take(self.bins.class_count()) {
            let expected = self.bins.lowest(table, class).unwrap_or(NIL);
            let noted = self.lowest_by_class.get(class).hole;
            if noted != expected {
                return Err(format!("lowest of class {class} is {expected}, noted is {noted}"));
            }
        }
        Ok(())
    }
}
