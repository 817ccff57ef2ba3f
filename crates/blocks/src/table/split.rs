//! Placing, freeing and resizing: the steps that change the tiling.

use super::slots::{link_after, unlink};
use super::{BlockTable, Id, NIL};

/// What placing a block left behind.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    /// The new block.
    pub block: Id,
    /// The hole in front of it, skipped for its alignment; [`NIL`] for none.
    pub front: Id,
    /// The hole behind it; [`NIL`] for none.
    pub rest: Id,
}

impl BlockTable {
    /// Places a block of `len` bytes at offset `start` of a hole of `hole_len` bytes that the index has already given up;
    /// what is left in front and behind are holes that the index does not know yet. Needs 3 reserved slots.
    #[inline]
    pub fn split_hole_at(
        &mut self,
        hole: Id,
        hole_len: u64,
        start: u64,
        len: u64,
        align: u64,
    ) -> Split {
        let skipped = start - self.offset(hole);
        let lens = (skipped, hole_len);
        let (split, _) = self.slots.split_hole_at(&mut self.entries, hole, lens, len, align);
        self.count_block(len);
        split
    }

    /// The offset at which the wilderness can hold a block, if it can.
    #[must_use]
    #[inline]
    pub fn wilderness_fit(&self, len: u64, align: u64) -> Option<u64> {
        let start = heaplab_core::align_up(self.end(), align)?;
        (start <= self.capacity_bytes && len <= self.capacity_bytes - start).then_some(start)
    }

    /// Places a block of `len` bytes at offset `start` of the wilderness; what is skipped becomes a hole, which the
    /// index does not know yet. Needs 2 reserved slots.
    #[inline]
    pub fn append(&mut self, start: u64, len: u64, align: u64) -> Split {
        let end = self.end();
        let mut front = NIL;
        if start != end {
            front = self.insert_hole(self.last(), end);
        }
        let slot = self.insert_hole(self.last(), start);
        let shift = align.trailing_zeros();
        let block = self.slots.become_block(&mut self.entries, slot, shift);
        self.entry_mut(NIL).offset = start + len;
        self.count_block(len);
        self.note_end(start + len);
        Split { block, front, rest: NIL }
    }

    /// Shortens a block to `len` bytes. The index must have given up the hole right behind, if there is one.
    ///
    /// Returns the hole that now covers the tail, which the index does not know yet; [`NIL`] if the tail went to the
    /// wilderness. Needs 1 reserved slot.
    #[inline]
    pub fn shrink_block(&mut self, block: Id, len: u64) -> Id {
        self.live_bytes -= self.len(block) - len;
        let end = self.offset(block) + len;
        let next = self.next(block);
        if next == NIL || self.is_hole(next) {
            self.entry_mut(next).offset = end;
            return next;
        }
        self.insert_hole(block, end)
    }

    /// Lengthens a block in place to `len` bytes, over the hole right behind it, which is long enough and which the
    /// index must have given up, or into the wilderness.
    ///
    /// Returns what is left of the hole, which the index does not know yet; [`NIL`] for nothing.
    #[inline]
    pub fn grow_block(&mut self, block: Id, len: u64) -> Id {
        self.live_bytes += len - self.len(block);
        let end = self.offset(block) + len;
        self.note_end(end);
        let next = self.next(block);
        if next != NIL && self.len(next) == end - self.offset(next) {
            self.slots.absorb_above(&mut self.entries, block);
            return NIL;
        }
        self.entry_mut(next).offset = end;
        next
    }

    /// Lets two live blocks change places in the address order; handles and alignments stay with the entries.
    pub fn exchange(&mut self, a: Id, b: Id) {
        let (offset_a, offset_b) = (self.offset(a), self.offset(b));
        if self.next(b) == a {
            return self.exchange(b, a);
        }
        let (prev_a, prev_b) = (self.prev(a), self.prev(b));
        if self.next(a) == b {
            unlink(&mut self.entries, a);
            link_after(&mut self.entries, b, a, offset_b);
        } else {
            unlink(&mut self.entries, a);
            unlink(&mut self.entries, b);
            link_after(&mut self.entries, prev_a, b, offset_a);
            // `prev_b` cannot be `a`, or the two would be neighbors.
            link_after(&mut self.entries, prev_b, a, offset_b);
        }
        (self.entry_mut(b).offset, self.entry_mut(a).offset) = (offset_a, offset_b);
    }
}
