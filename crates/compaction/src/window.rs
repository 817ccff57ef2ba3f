//! The cheapest place to compact: which run of neighboring pieces to rearrange.
//!
//! Two pointers over the pieces in address order: O(pieces), whatever the number of windows.

use heaplab_blocks::{BlockTable, Id, NIL};

/// A run of pieces that begins with a hole and whose holes add up to a wanted length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Its lowest piece.
    pub(crate) first: Id,
    /// The block right above it; [`NIL`] if it takes the wilderness in.
    pub(crate) until: Id,
    /// Bytes of the blocks in it: what sliding them down moves at most.
    pub(crate) block_bytes: u64,
    /// Its place among the windows, by the hole that it ends with.
    pub(crate) rank: u64,
}

impl Window {
    /// Cheaper windows first, and of those the lower.
    const fn key(&self) -> (u64, u64) {
        (self.block_bytes, self.rank)
    }
}

/// The length of a hole, or of the wilderness for [`NIL`].
fn space(table: &BlockTable, hole: Id) -> u64 {
    if hole == NIL { table.capacity_bytes() - table.end() } else { table.len(hole) }
}

/// Of the narrowest windows that end with each hole or the wilderness, and whose free bytes are at least `wanted`, the
/// cheapest; if `after` is given, the cheapest of those that come after it.
pub(crate) fn cheapest(table: &BlockTable, wanted: u64, after: Option<Window>) -> Option<Window> {
    let floor = after.map(|window| window.key());
    let mut best: Option<Window> = None;
    let (mut first, mut free_bytes, mut block_bytes, mut rank) = (NIL, 0, 0, 0);
    let mut id = table.first();
    loop {
        if id != NIL && !table.is_hole(id) {
            if first != NIL {
                block_bytes += table.len(id);
            }
            id = table.next(id);
            continue;
        }
        if first == NIL {
            first = id;
        }
        free_bytes += space(table, id);
        rank += 1;
        while first != id && free_bytes - table.len(first) >= wanted {
            free_bytes -= table.len(first);
            first = table.next(first);
            while first != id && !table.is_hole(first) {
                block_bytes -= table.len(first);
                first = table.next(first);
            }
        }
        let until = if id == NIL { NIL } else { table.next(id) };
        let window = Window { first, until, block_bytes, rank };
        let is_next = floor.is_none_or(|floor| window.key() > floor);
        // A single hole has nothing to slide.
        if first != id && free_bytes >= wanted && is_next {
            best = Some(best.filter(|best| best.key() <= window.key()).unwrap_or(window));
        }
        if id == NIL {
            return best;
        }
        id = table.next(id);
    }
}

/// The cheapest run around `block` whose holes (and wilderness) add up to `growth`: its lowest piece, which is `block`
/// itself if holes above it suffice.
///
/// Sliding `block` and what lies below it in the run down, and lifting what lies behind, lets the block grow.
pub(crate) fn cheapest_around(table: &BlockTable, block: Id, growth: u64) -> Option<Id> {
    let mut above = Above::reaching(table, block, growth);
    let mut best = (above.free_bytes >= growth).then_some((above.block_bytes, block));
    let (mut free_below, mut bytes_below) = (0, table.len(block));
    let mut id = table.prev(block);
    while id != NIL && best.is_none_or(|(bytes, _)| bytes_below < bytes) {
        if table.is_hole(id) {
            free_below += table.len(id);
            above.narrow(growth.saturating_sub(free_below));
            if free_below + above.free_bytes >= growth {
                let bytes = bytes_below + above.block_bytes;
                if best.is_none_or(|(least, _)| bytes < least) {
                    best = Some((bytes, id));
                }
                if above.top == block {
                    break;
                }
            }
        } else {
            bytes_below += table.len(id);
        }
        id = table.prev(id);
    }
    best.map(|(_, first)| first)
}

/// The part of a run that lies above the block.
struct Above<'a> {
    table: &'a BlockTable,
    block: Id,
    /// The highest hole in it, [`NIL`] for the wilderness, `block` for none.
    top: Id,
    free_bytes: u64,
    block_bytes: u64,
}

impl<'a> Above<'a> {
    /// The shortest that frees `wanted` bytes, or all there is.
    fn reaching(table: &'a BlockTable, block: Id, wanted: u64) -> Self {
        let mut above = Self { table, block, top: block, free_bytes: 0, block_bytes: 0 };
        let mut id = table.next(block);
        while above.free_bytes < wanted {
            if id == NIL || table.is_hole(id) {
                above.free_bytes += space(table, id);
                above.top = id;
            } else {
                above.block_bytes += table.len(id);
            }
            if id == NIL {
                break;
            }
            id = table.next(id);
        }
        above
    }

    /// Gives up holes at the top as long as `wanted` bytes remain.
    fn narrow(&mut self, wanted: u64) {
        while self.top != self.block && self.free_bytes - space(self.table, self.top) >= wanted {
            self.free_bytes -= space(self.table, self.top);
            // Below the sentinel comes the last block.
            self.top = self.table.prev(self.top);
            while self.top != self.block && !self.table.is_hole(self.top) {
                self.block_bytes -= self.table.len(self.top);
                self.top = self.table.prev(self.top);
            }
        }
    }
}

#[cfg(test)]
mod tests;
