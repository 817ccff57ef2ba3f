//! What compaction needs: pieces that move while the order stays.

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
        self.unlink(hole);
        self.release_slot(hole);
        self.holes -= 1;
    }

    /// Puts a new hole at `offset` right above the piece `below`. For compaction; needs 1 reserved slot.
    #[inline]
    pub fn insert_hole(&mut self, below: Id, offset: u64) -> Id {
        let hole = self.take_slot();
        self.link_after(below, hole, offset);
        self.holes += 1;
        hole
    }
}
