//! The entries of the table, as an index sees them.

use super::Id;

/// One piece of the heap, or an unused slot; 32 bytes, two to a cache line.
///
/// A piece's length is not stored: pieces tile the heap, so it is the next entry's offset less its own.
///
/// An index works on the slice of entries ([`BlockTable::entries_mut`](super::BlockTable::entries_mut)) and changes nothing but holes' links.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
pub struct Entry {
    /// Bytes from the start of the heap; in the sentinel, the end of the last block.
    pub(crate) offset: u64,
    /// The piece below; [`NIL`](super::NIL) in the lowest.
    pub(super) prev: Id,
    /// The piece above; [`NIL`](super::NIL) in the highest. In an unused slot, the next unused one.
    pub(super) next: Id,
    /// Even in live blocks, where it equals the handle's; odd in holes and unused slots.
    pub(super) tag: u32,
    /// A hole's links in whatever index holds it; a block's first link is the logarithm of its alignment, and the
    /// sentinel's mean nothing.
    pub links: [u32; 3],
}

#[cfg(test)]
impl Entry {
    /// A hole at an offset, without neighbors.
    pub(crate) const fn at(offset: u64) -> Self {
        Self { offset, prev: super::NIL, next: super::NIL, tag: 1, links: [super::NIL; 3] }
    }
}

/// What can be read off the table's entries, and the links that an index may change.
///
/// Implemented for slices of entries: a slice that is handed from call to call stays in registers, which a vector inside
/// a table does not.
pub trait Entries {
    /// A piece's distance from the start of the heap in bytes.
    fn offset(&self, id: Id) -> u64;

    /// A piece's length in bytes.
    fn len_of(&self, id: Id) -> u64;

    /// The piece above, [`NIL`](super::NIL) behind the highest; the one above [`NIL`](super::NIL) is the lowest.
    fn next(&self, id: Id) -> Id;

    /// The piece below, [`NIL`](super::NIL) before the lowest.
    fn prev(&self, id: Id) -> Id;

    /// Whether the entry is a hole; the sentinel is none.
    fn is_hole(&self, id: Id) -> bool;

    /// A hole's links, for the index that holds it.
    fn links(&self, hole: Id) -> &[u32; 3];

    /// A hole's links, for the index that holds it.
    fn links_mut(&mut self, hole: Id) -> &mut [u32; 3];
}

impl Entries for [Entry] {
    #[inline(always)]
    fn offset(&self, id: Id) -> u64 {
        self[id as usize].offset
    }

    #[inline(always)]
    fn len_of(&self, id: Id) -> u64 {
        let entry = &self[id as usize];
        self[entry.next as usize].offset - entry.offset
    }

    #[inline(always)]
    fn next(&self, id: Id) -> Id {
        self[id as usize].next
    }

    #[inline(always)]
    fn prev(&self, id: Id) -> Id {
        self[id as usize].prev
    }

    #[inline(always)]
    fn is_hole(&self, id: Id) -> bool {
        self[id as usize].tag & 1 == 1
    }

    #[inline(always)]
    fn links(&self, hole: Id) -> &[u32; 3] {
        &self[hole as usize].links
    }

    #[inline(always)]
    fn links_mut(&mut self, hole: Id) -> &mut [u32; 3] {
        &mut self[hole as usize].links
    }
}
