//! Placing, freeing and resizing: the steps that change the tiling.

use super::{BlockTable, Entry, Id, NIL};

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
    /// Places a block of `len` bytes at offset `start` inside a hole that the index has already given up.
    ///
    /// Returns the block, and the holes left in front of it and behind it ([`NIL`] for none), which the index does
    /// not know yet. Needs 3 reserved slots.
    #[inline(always)]
    pub fn split_hole(&mut self, hole: Id, start: u64, len: u64, align: u64) -> Split {
        if start != self.offset(hole) {
            return self.split_hole_in_three(hole, start, len, align);
        }
        self.holes -= 1;
        let block = self.become_block(hole, align);
        let rest = self.cut_rest(block, start + len);
        self.count_block(start, len);
        Split { block, front: NIL, rest }
    }

    /// As [`BlockTable::split_hole`] where a front part is skipped for the alignment.
    #[cold]
    fn split_hole_in_three(&mut self, front: Id, start: u64, len: u64, align: u64) -> Split {
        let slot = self.take_slot();
        self.link_after(front, slot, start);
        let block = self.become_block(slot, align);
        let rest = self.cut_rest(block, start + len);
        self.count_block(start, len);
        Split { block, front, rest }
    }

    /// Ends a block at `end` and makes a hole of what it covers beyond; [`NIL`] for nothing.
    #[inline]
    fn cut_rest(&mut self, block: Id, end: u64) -> Id {
        if self.offset(self.next(block)) == end {
            return NIL;
        }
        let rest = self.take_slot();
        self.link_after(block, rest, end);
        self.holes += 1;
        rest
    }

    /// Counts a new block.
    #[inline]
    fn count_block(&mut self, start: u64, len: u64) {
        self.live_bytes += len;
        self.live_blocks += 1;
        self.note_end(start + len);
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
            front = self.take_slot();
            self.link_after(self.last(), front, end);
            self.holes += 1;
        }
        let slot = self.take_slot();
        self.link_after(self.last(), slot, start);
        let block = self.become_block(slot, align);
        self.entry_mut(NIL).offset = start + len;
        self.count_block(start, len);
        Split { block, front, rest: NIL }
    }

    /// Frees a block and coalesces its space with the holes beside it, or with the wilderness.
    ///
    /// The index must have given up those holes already. Returns the hole that now covers the space, which the index
    /// does not know yet; [`NIL`] if the space went to the wilderness.
    #[inline(always)]
    pub fn free_block(&mut self, block: Id) -> Id {
        let Entry { prev, next, .. } = *self.entry(block);
        self.live_bytes -= self.len(block);
        self.live_blocks -= 1;
        let entry = self.entry_mut(block);
        entry.tag = entry.tag.wrapping_add(1);
        let mut hole = block;
        self.holes += 1;
        if self.is_hole(prev) {
            self.absorb_above(prev);
            hole = prev;
        }
        if next == NIL {
            let offset = self.offset(hole);
            self.unlink(hole);
            self.release_slot(hole);
            self.holes -= 1;
            self.entry_mut(NIL).offset = offset;
            return NIL;
        }
        if self.is_hole(next) {
            self.absorb_above(hole);
        }
        hole
    }

    /// Lets a hole grow over the hole right above it.
    #[inline]
    pub(super) fn absorb_above(&mut self, hole: Id) {
        let above = self.next(hole);
        self.unlink(above);
        self.release_slot(above);
        self.holes -= 1;
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
        let tail = self.take_slot();
        self.link_after(block, tail, end);
        self.holes += 1;
        tail
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
            self.absorb_above(block);
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
            self.unlink(a);
            self.link_after(b, a, offset_b);
        } else {
            self.unlink(a);
            self.unlink(b);
            self.link_after(prev_a, b, offset_a);
            // `prev_b` cannot be `a`, or the two would be neighbors.
            self.link_after(prev_b, a, offset_b);
        }
        (self.entry_mut(b).offset, self.entry_mut(a).offset) = (offset_a, offset_b);
    }
}
