//! The two movements that compaction is made of: blocks slide down, or are lifted to let one below them grow.
//!
//! Both change table, hole index and bytes together, in one pass over the pieces concerned, and cannot fail: whoever
//! calls has made sure that there is room, and slots for the holes that alignments leave.

use heaplab_blocks::{BlockTable, HoleIndex, Id, NIL};
use heaplab_core::{Memory, align_up};

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    /// Number of relocations.
    pub(crate) blocks: u64,
    /// Their bytes, or the largest number: in a heap that spans the 64-bit range two movements may exceed it.
    pub(crate) bytes: u64,
}

impl Moved {
    fn relocate(&mut self, from: u64, to: u64, len: u64, memory: &mut dyn Memory) {
        memory.relocate(from, to, len);
        self.blocks += 1;
        self.bytes = self.bytes.saturating_add(len);
    }

    /// Both together.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self { blocks: self.blocks + other.blocks, bytes: self.bytes.saturating_add(other.bytes) }
    }
}

/// Slides the blocks from the piece `first` up to, but not including, the block `until` ([`NIL`]: to the end) down, in
/// ascending order, each to the lowest address that its alignment allows.
///
/// ```text
/// before   XX--XX-XXX-X      first: the hole at 2, until: the last block
/// after    XXXXXXX---  X     one hole below `until`; with `until` NIL it becomes wilderness
/// ```
///
/// Needs a slot for each aligned block among them, and one more.
pub(crate) fn slide_down<I: HoleIndex>(
    table: &mut BlockTable,
    index: &mut I,
    first: Id,
    until: Id,
    memory: &mut dyn Memory,
) -> Moved {
    let mut moved = Moved::default();
    if first == until {
        return moved;
    }
    let everything = first == table.first() && until == NIL;
    if everything {
        index.clear();
    }
    let mut end = table.offset(first);
    let mut below = table.prev(first);
    let mut id = first;
    while id != until {
        let next = table.next(id);
        if table.is_hole(id) {
            if !everything {
                let len = table.len(id);
                index.remove(table.entries_mut(), id, len);
            }
            table.drop_hole(id);
        } else {
            // The entry above still has its old offset, so the length is the true one.
            let (from, len) = (table.offset(id), table.len(id));
            // The block stands at a suitable offset at or above `end`, so rounding up cannot pass it.
            let to = align_up(end, table.align(id)).unwrap_or(from);
            if to != from {
                moved.relocate(from, to, len, memory);
                table.set_offset(id, to);
            }
            if to != end {
                let hole = table.insert_hole(below, end);
                let len = table.len(hole);
                index.insert(table.entries_mut(), hole, len);
            }
            end = to + len;
            below = id;
        }
        id = next;
    }
    if until == NIL {
        table.set_end(end);
    } else {
        fill_gap(table, index, below, end);
    }
    moved
}

/// Lengthens `block` to `len` bytes where it stands, and lifts the blocks behind it as far as that takes, in
/// descending order, each to the lowest address that its alignment allows.
///
/// ```text
/// before   BBXX-X--XX        the first block grows to 4
/// after    BBBBXXX-XX        what is high enough stays
/// ```
///
/// Needs a slot for each aligned block that is lifted, and two more.
pub(crate) fn lift_above<I: HoleIndex>(
    table: &mut BlockTable,
    index: &mut I,
    block: Id,
    len: u64,
    memory: &mut dyn Memory,
) -> Moved {
    let old_len = table.len(block);
    let end = table.offset(block) + len;
    let (until, last_end) = note_targets(table, index, block, end);

    let mut moved = Moved::default();
    let mut old_end = table.offset(until);
    if until == NIL {
        table.set_end(last_end);
    }
    let mut id = table.prev(until);
    while id != block {
        let below = table.prev(id);
        let from = table.offset(id);
        if table.is_hole(id) {
            table.drop_hole(id);
        } else {
            let (to, len) = (target(table, id), old_end - from);
            moved.relocate(from, to, len, memory);
            table.set_offset(id, to);
            fill_gap(table, index, id, to + len);
        }
        old_end = from;
        id = below;
    }
    table.add_live_bytes(len - old_len);
    fill_gap(table, index, block, end);
    moved
}

/// Notes the target of each block behind `block` that must rise if `block` ends at `end`, and gives the holes on the
/// way up; returns the first piece that need not rise, and the end of the highest block below it.
fn note_targets<I: HoleIndex>(
    table: &mut BlockTable,
    index: &mut I,
    block: Id,
    mut end: u64,
) -> (Id, u64) {
    let mut id = table.next(block);
    while id != NIL {
        if table.is_hole(id) {
            let len = table.len(id);
            index.remove(table.entries_mut(), id, len);
        } else {
            // The forecast has found that all of them end within the capacity.
            let to = align_up(end, table.align(id)).unwrap_or(end);
            if to <= table.offset(id) {
                break;
            }
            set_target(table, id, to);
            end = to + table.len(id);
        }
        id = table.next(id);
    }
    (id, end)
}

/// Notes where a block will go, in the two links that a block has no use for: targets are known in ascending order
/// and wanted in descending order, and this needs no list.
#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
fn set_target(table: &mut BlockTable, block: Id, target: u64) {
    let links = table.links_mut(block);
    (links[1], links[2]) = (target as u32, (target >> 32) as u32);
}

fn target(table: &BlockTable, block: Id) -> u64 {
    let links = table.links(block);
    u64::from(links[2]) << 32 | u64::from(links[1])
}

/// Covers what lies between `end`, the end of the block `below`, and the piece above with a hole.
fn fill_gap<I: HoleIndex>(table: &mut BlockTable, index: &mut I, below: Id, end: u64) {
    if end < table.offset(table.next(below)) {
        let hole = table.insert_hole(below, end);
        let len = table.len(hole);
        index.insert(table.entries_mut(), hole, len);
    }
}
