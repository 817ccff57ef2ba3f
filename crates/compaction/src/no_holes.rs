//! The index of those who never search for a hole.

use alloc::string::String;

use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, NIL};
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
    fn insert(&mut self, _entries: &mut [Entry], _hole: Id, _len: u64) {}

    #[inline]
    fn remove(&mut self, _entries: &mut [Entry], _hole: Id, _len: u64) {}

    #[inline]
    fn find(&self, _entries: &[Entry], _len: u64, _align: u64) -> Option<Id> {
        None
    }

    fn largest(&self, entries: &[Entry]) -> u64 {
        let mut largest = 0;
        let mut id = entries.next(NIL);
        while id != NIL {
            if entries.is_hole(id) {
                largest = largest.max(entries.len_of(id));
            }
            id = entries.next(id);
        }
        largest
    }

    #[inline]
    fn clear(&mut self) {}

    fn metadata_bytes(&self) -> u64 {
        0
    }

    fn check_invariants(&self, _entries: &[Entry], _holes: u64) -> Result<(), String> {
        Ok(())
    }
}
