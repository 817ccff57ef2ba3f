//! Walks, figures and the check of the invariants.

use alloc::format;
use alloc::string::String;

use heaplab_core::{Block, Hole, Piece, Usage};

use super::{BlockTable, Entry, NIL};

impl BlockTable {
    /// Visits the pieces in address order.
    pub fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        let mut id = self.first();
        while id != NIL {
            let Block { offset, len } = self.block(id);
            match self.handle(id) {
                Some(handle) if !self.is_hole(id) => {
                    visit(Piece::Block(Block { offset, len }, handle));
                }
                _ => visit(Piece::Hole(Hole { offset, len })),
            }
            id = self.next(id);
        }
    }

    /// The heap's figures; the caller knows its longest hole and the bytes of its index.
    #[must_use]
    pub fn usage(&self, largest_hole_bytes: u64, index_bytes: u64) -> Usage {
        let entry = size_of::<Entry>() as u64;
        let fixed = size_of::<Self>() as u64 + index_bytes;
        let used = self.entries.len() as u64 - u64::from(self.slots.unused_count());
        Usage {
            live_bytes: self.live_bytes,
            live_blocks: u64::from(self.live_blocks),
            high_water_bytes: Some(self.high_water_bytes),
            end_bytes: Some(self.end()),
            holes: Some(self.holes()),
            largest_hole_bytes: Some(largest_hole_bytes),
            wilderness_bytes: Some(self.capacity_bytes - self.end()),
            metadata_used_bytes: Some(used * entry + fixed),
            metadata_reserved_bytes: Some(self.entries.capacity() as u64 * entry + fixed),
            compactions: 0,
            compaction_relocated_bytes: 0,
        }
    }

    /// Checks the invariants in the order in which the type lists them, and returns the number of holes.
    ///
    /// # Errors
    ///
    /// A description of the first that is violated.
    pub fn check_invariants(&self) -> Result<u64, String> {
        let (mut live_bytes, mut live_blocks, mut holes) = (0, 0, 0);
        let (mut below, mut id, mut expected) = (NIL, self.first(), 0);
        while id != NIL {
            let entry = self.entry(id);
            let (offset, end) = (entry.offset, self.entry(entry.next).offset);
            if offset != expected || entry.prev != below {
                return Err(format!(
                    "entry {id} at {offset}, expected at {expected} after {below}"
                ));
            }
            if end <= offset || !self.granule.divides(offset) || !self.granule.divides(end) {
                return Err(format!("entry {id} covers {offset}..{end}"));
            }
            if self.is_hole(id) {
                if self.is_hole(below) || entry.next == NIL {
                    return Err(format!("hole {id} at {offset} has a hole or nothing beside it"));
                }
                holes += 1;
            } else {
                live_bytes += end - offset;
                live_blocks += 1;
            }
            (below, id, expected) = (id, entry.next, end);
        }
        let counted = (live_bytes, live_blocks, holes, below);
        let cached = (self.live_bytes, u64::from(self.live_blocks), self.holes(), self.last());
        if counted != cached || self.end() != expected {
            return Err(format!(
                "counted (bytes, blocks, holes, last) {counted:?}, cached {cached:?}"
            ));
        }
        if self.end() > self.high_water_bytes || self.high_water_bytes > self.capacity_bytes {
            return Err(format!("end {}, high-water {}", self.end(), self.high_water_bytes));
        }
        Ok(holes)
    }
}
