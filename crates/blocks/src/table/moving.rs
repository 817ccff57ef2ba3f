//! What compaction needs: pieces that move while the order stays.

use super::slots::{link_after, unlink};
use super::{BlockTable, Id, NIL};

impl BlockTable {
    /// Moves a piece's start; its neighbor below changes its length accordingly.
    ///
    /// For compaction, which moves pieces one after the other and restores the tiling at the end.
    #[inline]
    pub fn set_offset(&mut self, id: Id, offset: u64) {
        self.entry_mut(id).offset = offset;
    }

    /// Moves the end of the last block, for compaction.
    #[inline]
    pub fn set_end(&mut self, end: u64) {
        self.entry_mut(NIL).offset = end;
        self.note_end(end);
    }

    /// Adds to the live bytes, for compaction that lengthens a block by moving those behind it.
    #[inline]
    pub fn add_live_bytes(&mut self, bytes: u64) {
        self.live_bytes += bytes;
    }

    /// Takes a hole out of the order; the piece below covers its space until offsets are set anew. For compaction.
    #[inline]
    pub fn drop_hole(&mut self, hole: Id) {
        unlink(&mut self.entries, hole);
        self.slots.release(&mut self.entries, hole);
    }

    /// Puts a new hole at `offset` right above the piece `below`. Needs 1 reserved slot.
    #[inline]
    pub fn insert_hole(&mut self, below: Id, offset: u64) -> Id {
        let hole = self.slots.take(&mut self.entries);
        link_after(&mut self.entries, below, hole, offset);
        hole
    }
}
