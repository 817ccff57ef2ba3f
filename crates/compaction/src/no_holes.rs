//! The index of those who never search for a hole.

use alloc::string::String;

use heaplab_blocks::{BlockTable, HoleIndex, Id, NIL};
use heaplab_core::{ConfigError, Granule};

/// Knows no holes: every block goes to the wilderness, and a free costs nothing beyond coalescing.
///
/// Only the longest hole, which errors and usage figures name, is looked up, by a walk.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHoles;

impl HoleIndex for NoHoles {
    type Position = ();

    #[inline]
    fn new(_capacity_bytes: u64, _granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    #[inline]
    fn insert(&mut self, _table: &mut BlockTable, _hole: Id) {}

    #[inline]
    fn remove(&mut self, _table: &mut BlockTable, _hole: Id) {}

    #[inline]
    fn find(&self, _table: &BlockTable, _len: u64, _align: u64) -> Option<Id> {
        None
    }

    fn largest(&self, table: &BlockTable) -> u64 {
        let mut largest = 0;
        let mut id = table.first();
        while id != NIL {
            if table.is_hole(id) {
                largest = largest.max(table.len(id));
            }
            id = table.next(id);
        }
        largest
    }

    #[inline]
    fn clear(&mut self) {}

    fn metadata_bytes(&self) -> u64 {
        0
    }

    fn check_invariants(&self, _table: &BlockTable, _holes: u64) -> Result<(), String> {
        Ok(())
    }
}
