//! What a replay believes about the heap, independent of the strategy that it judges.
//!
//! The shadow knows the live blocks by offset, and the bytes that each must hold. It follows relocations and
//! results only, and objects to the first that cannot be.

use std::collections::BTreeMap;

use heaplab_core::{Allocator, Block, Granule, Handle, Piece, Usage};

use super::payload::{Payload, TooLong};

/// The first thing that is wrong, in words.
pub(super) type Violation = String;

#[derive(Clone, Copy, Debug)]
struct Live {
    offset: u64,
    len: u64,
    align: u64,
    seed: u64,
}

/// Live blocks by slot and by offset, and the bytes behind them.
///
/// Invariants
///
/// 1. `by_offset` holds exactly the offsets of the live slots.
/// 2. No two live blocks overlap.
#[derive(Debug)]
pub(super) struct Shadow {
    granule: Granule,
    capacity_bytes: u64,
    slots: Vec<Option<Live>>,
    by_offset: BTreeMap<u64, u32>,
    live_bytes: u64,
    high_water_bytes: u64,
    /// The slot of the resize that is going on: where it goes, its new alignment counts, not its old one.
    resizing: Option<u32>,
    /// `None` once the buffer would have to be longer than its limit.
    payload: Option<Payload>,
}

impl Shadow {
    pub(super) const fn new(capacity_bytes: u64, granule: Granule, limit_bytes: u64) -> Self {
        Self {
            granule,
            capacity_bytes,
            slots: Vec::new(),
            by_offset: BTreeMap::new(),
            live_bytes: 0,
            high_water_bytes: 0,
            resizing: None,
            payload: Some(Payload::new(limit_bytes)),
        }
    }

    /// Whether every byte has been watched so far.
    pub(super) const fn holds_payload(&self) -> bool {
        self.payload.is_some()
    }

    /// A new block stands.
    pub(super) fn allocated(
        &mut self,
        slot: u32,
        block: Block,
        align: u64,
        operation: u64,
    ) -> Result<(), Violation> {
        let index = slot as usize;
        if index >= self.slots.len() {
            self.slots.resize(index + 1, None);
        }
        let live = Live { offset: block.offset, len: block.len, align, seed: seed(operation) };
        self.place(slot, live, 0)
    }

    /// A block is about to be freed: its bytes must be there, and are nobody's from now on.
    pub(super) fn free(&mut self, slot: u32) -> Result<(), Violation> {
        let live = self.live(slot)?;
        self.check_bytes(slot, live)?;
        self.remove(slot, live);
        Ok(())
    }

    /// A block is about to be resized to `len`. Bytes that it gives up may be overwritten from now on.
    pub(super) fn resizing(&mut self, slot: u32, len: u64) -> Result<(), Violation> {
        let live = self.live(slot)?;
        self.check_bytes(slot, live)?;
        self.resizing = Some(slot);
        if len < live.len {
            self.live_bytes -= live.len - len;
            self.slots[slot as usize] = Some(Live { len, ..live });
        }
        Ok(())
    }

    /// A resize has been refused: the block has its old length again, and all its bytes.
    pub(super) fn resize_refused(&mut self, slot: u32, before: Block) -> Result<(), Violation> {
        self.resizing = None;
        let live = self.live(slot)?;
        if live.offset != before.offset {
            return Err(format!("slot {slot}: a refused resize moved the block"));
        }
        self.remove(slot, live);
        let live = Live { len: before.len, ..live };
        // All bytes count as kept, so none is written anew before they are looked at.
        self.place(slot, live, live.len)?;
        self.check_bytes(slot, live)
    }

    /// A resize has succeeded; relocations have told where the block went.
    pub(super) fn resized(&mut self, slot: u32, block: Block, align: u64) -> Result<(), Violation> {
        self.resizing = None;
        let live = self.live(slot)?;
        if live.offset != block.offset {
            return Err(format!(
                "slot {slot}: the block is at {}, relocations left it at {}",
                block.offset, live.offset
            ));
        }
        self.check_bytes(slot, live)?;
        self.remove(slot, live);
        self.place(slot, Live { len: block.len, align, ..live }, live.len)
    }

    /// Bytes move; the block that stands at `from` moves with them.
    pub(super) fn relocate(&mut self, from: u64, to: u64, len: u64) -> Result<(), Violation> {
        let Some(&slot) = self.by_offset.get(&from) else {
            return Err(format!(
                "relocation of {len} bytes from {from}, where no live block stands"
            ));
        };
        let live = self.live(slot)?;
        if len < live.len {
            return Err(format!(
                "slot {slot}: {len} of {} bytes were relocated from {from} to {to}",
                live.len
            ));
        }
        if self.resizing != Some(slot) && !to.is_multiple_of(live.align) {
            return Err(format!("slot {slot}: relocation to {to}, not aligned to {}", live.align));
        }
        self.by_offset.remove(&from);
        self.check_place(slot, to, len)?;
        self.by_offset.insert(to, slot);
        let moved = Live { offset: to, ..live };
        self.slots[slot as usize] = Some(moved);
        self.high_water_bytes = self.high_water_bytes.max(to + live.len);
        self.reach((to + len).max(from.saturating_add(len)));
        if let Some(payload) = &mut self.payload {
            payload.relocate(from, to, len);
        }
        self.check_bytes(slot, moved)
    }

    /// The block that the strategy says a slot's handle leads to must be where the shadow has it.
    pub(super) fn agree(&self, slot: u32, block: Option<Block>) -> Result<(), Violation> {
        let live = self.live(slot)?;
        let expected = Block { offset: live.offset, len: live.len };
        match block {
            Some(block) if block == expected => Ok(()),
            Some(block) => Err(format!(
                "slot {slot}: its handle leads to {} bytes at {}, expected {} at {}",
                block.len, block.offset, expected.len, expected.offset
            )),
            None => Err(format!("slot {slot}: its handle is refused while the block is live")),
        }
    }

    /// All at once: every handle, the strategy's walk, its figures, and at the end every byte.
    pub(super) fn check_all<A: Allocator>(
        &self,
        allocator: &A,
        handle_of: impl Fn(u32) -> Option<Handle>,
        with_bytes: bool,
    ) -> Result<(), Violation> {
        for &slot in self.by_offset.values() {
            self.agree(slot, handle_of(slot).and_then(|handle| allocator.block(handle)))?;
            if with_bytes {
                self.check_bytes(slot, self.live(slot)?)?;
            }
        }
        let usage = allocator.usage();
        let mut expected = self.pieces();
        if usage.holes.is_none() {
            // Who cannot tell a hole from bookkeeping shows blocks alone.
            expected.retain(|&(_, _, is_block)| is_block);
        }
        let mut found = Vec::with_capacity(expected.len());
        allocator.walk(&mut |piece| {
            found.push((piece.offset(), piece.len(), matches!(piece, Piece::Block(..))));
        });
        if let Some(at) =
            (0..found.len().max(expected.len())).find(|&at| found.get(at) != expected.get(at))
        {
            return Err(format!(
                "walk: piece {at} is {}, expected {}",
                show(found.get(at)),
                show(expected.get(at))
            ));
        }
        self.check_usage(&usage, &expected)
    }

    fn check_usage(&self, usage: &Usage, pieces: &[(u64, u64, bool)]) -> Result<(), Violation> {
        let end = pieces.last().map_or(0, |&(offset, len, _)| offset + len);
        let holes = || pieces.iter().filter(|&&(_, _, is_block)| !is_block).map(|&(_, len, _)| len);
        let figures = [
            ("live_bytes", Some(usage.live_bytes), self.live_bytes),
            ("live_blocks", Some(usage.live_blocks), self.by_offset.len() as u64),
            ("end_bytes", usage.end_bytes, end),
            ("holes", usage.holes, holes().count() as u64),
            ("largest_hole_bytes", usage.largest_hole_bytes, holes().max().unwrap_or(0)),
            ("wilderness_bytes", usage.wilderness_bytes, self.capacity_bytes - end),
        ];
        for (name, found, expected) in figures {
            if let Some(found) = found
                && found != expected
            {
                return Err(format!("usage: {name} is {found}, expected {expected}"));
            }
        }
        match usage.high_water_bytes {
            Some(mark) if mark < self.high_water_bytes || mark > self.capacity_bytes => Err(
                format!("usage: high_water_bytes is {mark}, seen was {}", self.high_water_bytes),
            ),
            _ => Ok(()),
        }
    }

    /// Blocks and holes in address order: offset, length, whether it is a block.
    fn pieces(&self) -> Vec<(u64, u64, bool)> {
        let mut pieces = Vec::new();
        let mut end = 0;
        for (&offset, &slot) in &self.by_offset {
            if offset > end {
                pieces.push((end, offset - end, false));
            }
            let len = self.slots[slot as usize].map_or(0, |live| live.len);
            pieces.push((offset, len, true));
            end = offset + len;
        }
        pieces
    }

    fn live(&self, slot: u32) -> Result<Live, Violation> {
        let live = self.slots.get(slot as usize).copied().flatten();
        live.ok_or_else(|| format!("slot {slot} holds no live block"))
    }

    fn remove(&mut self, slot: u32, live: Live) {
        self.by_offset.remove(&live.offset);
        self.live_bytes -= live.len;
        self.slots[slot as usize] = None;
    }

    /// Enters a block after checking its place, and writes its pattern behind the first `kept` bytes.
    fn place(&mut self, slot: u32, live: Live, kept: u64) -> Result<(), Violation> {
        let Live { offset, len, align, seed } = live;
        if !self.granule.divides(len) || len == 0 {
            return Err(format!("slot {slot}: a length of {len} bytes"));
        }
        if !offset.is_multiple_of(align) {
            return Err(format!("slot {slot}: offset {offset} is not aligned to {align}"));
        }
        self.check_place(slot, offset, len)?;
        self.by_offset.insert(offset, slot);
        self.live_bytes += len;
        self.slots[slot as usize] = Some(live);
        self.high_water_bytes = self.high_water_bytes.max(offset + len);
        self.reach(offset + len);
        if let Some(payload) = &mut self.payload {
            payload.fill(offset, kept, len, seed);
        }
        Ok(())
    }

    /// Whether `len` bytes at `offset` are in bounds, granule-aligned and free of other live blocks.
    fn check_place(&self, slot: u32, offset: u64, len: u64) -> Result<(), Violation> {
        let end = offset.checked_add(len).filter(|&end| end <= self.capacity_bytes);
        let Some(end) = end else {
            return Err(format!(
                "slot {slot}: {len} bytes at {offset} leave the heap of {} bytes",
                self.capacity_bytes
            ));
        };
        if !self.granule.divides(offset) {
            return Err(format!("slot {slot}: offset {offset} is no multiple of the granule"));
        }
        // Live blocks do not overlap each other, so only the last one that starts before `end` can reach in.
        if let Some((&start, &other)) = self.by_offset.range(..end).next_back() {
            let other_end = start + self.slots[other as usize].map_or(0, |live| live.len);
            if other_end > offset {
                return Err(format!(
                    "slot {slot}: bytes {offset} to {end} overlap slot {other}, which is live at {start} to {other_end}"
                ));
            }
        }
        Ok(())
    }

    fn check_bytes(&self, slot: u32, live: Live) -> Result<(), Violation> {
        let Some(payload) = &self.payload else { return Ok(()) };
        match payload.first_difference(live.offset, live.len, live.seed) {
            None => Ok(()),
            Some(byte) => Err(format!(
                "slot {slot}: byte {byte} of its {} bytes at {} is not what was written",
                live.len, live.offset
            )),
        }
    }

    fn reach(&mut self, end: u64) {
        if let Some(payload) = &mut self.payload
            && let Err(TooLong) = payload.reach(end)
        {
            self.payload = None;
        }
    }
}

/// A pattern's first word: different for every operation, and far from all others.
const fn seed(operation: u64) -> u64 {
    let mixed = operation.wrapping_add(1).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB)
}

fn show(piece: Option<&(u64, u64, bool)>) -> String {
    match piece {
        None => "missing".into(),
        Some((offset, len, true)) => format!("a block of {len} bytes at {offset}"),
        Some((offset, len, false)) => format!("a hole of {len} bytes at {offset}"),
    }
}
