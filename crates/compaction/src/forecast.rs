//! What a compaction would achieve, found out without moving anything.
//!
//! Only needed where alignments above the granule are about; without them adding up lengths suffices. Positions are
//! 128-bit here, so that no alignment and no length can overflow.

use heaplab_blocks::{BlockTable, Id, NIL};

/// A length and an alignment in bytes, both multiples of the granule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) len: u64,
    pub(crate) align: u64,
}

impl Wish {
    /// Whether a block can stand between two positions.
    pub(crate) fn fits(self, start: u128, end: u128) -> bool {
        round_up(start, self.align) + u128::from(self.len) <= end
    }
}

fn round_up(position: u128, align: u64) -> u128 {
    let mask = u128::from(align) - 1;
    (position + mask) & !mask
}

/// The blocks from a piece up to another, each with the position to which a slide brings it.
struct Slid<'a> {
    table: &'a BlockTable,
    id: Id,
    until: Id,
    /// The end of the block before.
    end: u128,
}

impl<'a> Slid<'a> {
    fn new(table: &'a BlockTable, first: Id, until: Id) -> Self {
        Self { table, id: first, until, end: table.offset(first).into() }
    }
}

impl Iterator for Slid<'_> {
    type Item = (Id, u128);

    fn next(&mut self) -> Option<Self::Item> {
        while self.id != self.until {
            let id = self.id;
            self.id = self.table.next(id);
            if !self.table.is_hole(id) {
                let position = round_up(self.end, self.table.align(id));
                self.end = position + u128::from(self.table.len(id));
                return Some((id, position));
            }
        }
        None
    }
}

/// Where the pieces from `until` on begin: nothing below may reach farther.
fn limit(table: &BlockTable, until: Id) -> u128 {
    if until == NIL { table.capacity_bytes() } else { table.offset(until) }.into()
}

/// Bytes that sliding the pieces from `first` up to `until` moves, if there is room for `wish` at the top afterwards;
/// with `in_holes`, also in a hole that alignments leave.
pub(crate) fn bytes_to_make_room(
    table: &BlockTable,
    (first, until): (Id, Id),
    wish: Wish,
    in_holes: bool,
) -> Option<u64> {
    let mut slid = Slid::new(table, first, until);
    let (mut bytes, mut below, mut room) = (0, slid.end, false);
    while let Some((id, position)) = slid.next() {
        room |= in_holes && wish.fits(below, position);
        if position != u128::from(table.offset(id)) {
            bytes += table.len(id);
        }
        below = slid.end;
    }
    (room || wish.fits(below, limit(table, until))).then_some(bytes)
}

/// Whether `block` could be resized in place once everything has slid down.
pub(crate) fn resizes_after_slide(table: &BlockTable, block: Id, wish: Wish) -> bool {
    let mut slid = Slid::new(table, table.first(), NIL);
    let Some((_, position)) = slid.find(|&(id, _)| id == block) else { return false };
    let limit = slid.next().map_or(limit(table, NIL), |(_, position)| position);
    is_aligned(position, wish.align) && position + u128::from(wish.len) <= limit
}

/// Whether `block` could grow once everything has slid down, if the blocks behind it are then lifted.
pub(crate) fn lifts_after_slide(table: &BlockTable, block: Id, wish: Wish) -> bool {
    let mut slid = Slid::new(table, table.first(), NIL);
    let Some((_, position)) = slid.find(|&(id, _)| id == block) else { return false };
    slid.end = position + u128::from(wish.len);
    slid.by_ref().for_each(drop);
    is_aligned(position, wish.align) && slid.end <= limit(table, NIL)
}

/// Bytes that making room for `block` around it moves: it and the blocks between it and the piece `first` below slide
/// down, those behind it are lifted; `first` is `block` itself if it is to stay where it is.
pub(crate) fn bytes_to_grow_around(
    table: &BlockTable,
    first: Id,
    block: Id,
    wish: Wish,
) -> Option<u64> {
    let mut bytes = 0;
    let mut slid = Slid::new(table, first, block);
    for (id, position) in slid.by_ref() {
        if position != u128::from(table.offset(id)) {
            bytes += table.len(id);
        }
    }
    let (offset, old_len) = (table.offset(block), table.len(block));
    let position = if first == block { offset.into() } else { round_up(slid.end, wish.align) };
    if !is_aligned(position, wish.align) || position > offset.into() {
        return None;
    }
    if position != offset.into() {
        bytes += old_len.min(wish.len);
    }
    let mut end = position + u128::from(wish.len);
    let mut id = table.next(block);
    while id != NIL {
        if !table.is_hole(id) {
            let position = round_up(end, table.align(id));
            if position <= table.offset(id).into() {
                return Some(bytes);
            }
            bytes += table.len(id);
            end = position + u128::from(table.len(id));
        }
        id = table.next(id);
    }
    (end <= limit(table, NIL)).then_some(bytes)
}

fn is_aligned(position: u128, align: u64) -> bool {
    position & (u128::from(align) - 1) == 0
}
