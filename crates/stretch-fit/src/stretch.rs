//! How a block is stretched.

use heaplab_blocks::{BlockTable, HoleIndex, Id, NIL};
use heaplab_core::{Block, Memory, align_up};

/// Makes `block` `len` bytes long, no less than it is, from the lowest suitable address of the hole before it on; `false`,
/// and nothing has changed, if that and what is free behind the block do not suffice.
///
/// ```text
/// V---YY-Z    Y wants 5 bytes: 3 before it, its own 2 and 1 behind it are 6
/// VYYYYY-Z    its 2 bytes have moved by 3, over nobody else's
/// ```
///
/// Old and new place may overlap, so the bytes are relocated as by `memmove`. Needs 2 reserved slots.
pub(crate) fn stretch<I: HoleIndex>(
    table: &mut BlockTable,
    index: &mut I,
    block: Id,
    len: u64,
    align: u64,
    memory: &mut dyn Memory,
) -> bool {
    let Block { offset: from, len: old_len } = table.block(block);
    let (before, behind) = (table.prev(block), table.next(block));
    if len < old_len || !table.is_hole(before) {
        return false;
    }
    let low = table.offset(before);
    let high = match behind {
        NIL => table.capacity_bytes(),
        _ if table.is_hole(behind) => table.offset(table.next(behind)),
        _ => table.offset(behind),
    };
    let Some(start) = align_up(low, align) else { return false };
    if start > high || len > high - start {
        return false;
    }
    memory.relocate(from, start, old_len);
    take_out(table, index, before);
    if table.is_hole(behind) {
        take_out(table, index, behind);
    }
    table.set_offset(block, start);
    table.set_align(block, align);
    table.add_live_bytes(len - old_len);
    if start > low {
        let front = table.insert_hole(table.prev(block), low);
        index.insert(table.entries_mut(), front, start - low);
    }
    let end = start + len;
    if behind == NIL {
        table.set_end(end);
    } else if end < high {
        let rest = table.insert_hole(block, end);
        index.insert(table.entries_mut(), rest, high - end);
    }
    true
}

/// Takes a hole out of the index and out of the order.
fn take_out<I: HoleIndex>(table: &mut BlockTable, index: &mut I, hole: Id) {
    let len = table.len(hole);
    index.remove(table.entries_mut(), hole, len);
    table.drop_hole(hole);
}
