//! Searches for alignments above the granule.

use heaplab_core::align_up;

use super::Bins;
use crate::classes::Class;
use crate::table::{Entries as _, Entry, Id, NIL};
use crate::treap;

impl Bins {
    /// The hole of a class in which `len` bytes fit at alignment `align`, above the granule: of those the shortest, and of
    /// those the lowest. No class below that of `len` has one.
    ///
    /// Adds to `looks` how many holes were looked at that may not have suited: for [`Bins::count_looks`].
    #[must_use]
    #[inline]
    pub fn shortest_aligned_in(
        &self,
        entries: &[Entry],
        class: Class,
        len: u64,
        align: u64,
        looks: &mut u64,
    ) -> Option<Id> {
        if self.classes.is_exact(class) {
            let hole = self.exact.lowest_suiting(entries, class, len, align, looks);
            return (hole != NIL).then_some(hole);
        }
        let reaches = |hole| entries.len_of(hole) >= len;
        let suits = |hole| fits(entries, hole, len, align);
        treap::first_suiting(entries, self.treap(class), &reaches, &suits)
    }

    /// The lowest hole of a class in which `len` bytes fit at alignment `align`, above the granule, if it lies below
    /// `bound`. No class below that of `len` has one.
    ///
    /// `looks` as in [`Bins::shortest_aligned_in`].
    #[must_use]
    #[inline]
    pub fn lowest_aligned_in(
        &self,
        entries: &[Entry],
        class: Class,
        (len, align): (u64, u64),
        bound: u64,
        looks: &mut u64,
    ) -> Option<Id> {
        if self.classes.is_exact(class) {
            let hole = self.exact.lowest_suiting(entries, class, len, align, looks);
            return (hole != NIL && entries.offset(hole) < bound).then_some(hole);
        }
        let suits = |hole| fits(entries, hole, len, align);
        treap::lowest_where(entries, self.treap(class), bound, &suits)
    }

    /// Counts holes that a search for an alignment looked at and that may not have suited.
    #[inline]
    pub const fn count_looks(&mut self, looks: u64) {
        self.exact.count_looks(looks);
    }

    /// Rearranges the holes for alignments above the granule if searches for them have looked at too many.
    #[inline]
    pub fn adapt(&mut self, entries: &mut [Entry]) {
        self.exact.adapt(entries);
    }
}

/// Whether a hole can hold `len` bytes at alignment `align`.
#[must_use]
#[inline]
pub fn fits(entries: &[Entry], hole: Id, len: u64, align: u64) -> bool {
    let end = entries.offset(entries.next(hole));
    align_up(entries.offset(hole), align).is_some_and(|start| start <= end && len <= end - start)
}
