//! The heap at one moment as blocks and gaps, and what can be reckoned from it.

use heaplab_core::align_up;
use heaplab_report::explain::{Cause, Clearing, Compaction};

use super::stage::Placed;

/// A heap of `capacity_bytes` and its live blocks in address order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout<'a> {
    pub(super) blocks: &'a [Placed],
    pub(super) capacity_bytes: u64,
}

/// A request that was refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Rounded length; `None` where that exceeds 64 bits.
    pub(super) len: Option<u64>,
    pub(super) align: u64,
    /// Position in the layout of the block that was to be resized.
    pub(super) resizing: Option<usize>,
}

/// A free piece: a hole or the wilderness.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Gap {
    pub(super) const fn len(self) -> u64 {
        self.end - self.start
    }

    /// Bytes from the first address of that alignment on.
    fn len_at(self, align: u64) -> u64 {
        align_up(self.start, align).map_or(0, |start| self.end.saturating_sub(start))
    }
}

impl Layout<'_> {
    /// End of the last block.
    pub(super) fn end(&self) -> u64 {
        self.blocks.last().map_or(0, Placed::end)
    }

    pub(super) fn live_bytes(&self) -> u64 {
        self.blocks.iter().map(|block| block.len).sum()
    }

    /// The free space before each block, and behind the last one the wilderness; some have no bytes.
    pub(super) fn gaps(&self) -> impl Iterator<Item = Gap> {
        let starts = std::iter::once(0).chain(self.blocks.iter().map(Placed::end));
        let ends = self.blocks.iter().map(|block| block.offset);
        starts
            .zip(ends.chain(std::iter::once(self.capacity_bytes)))
            .map(|(start, end)| Gap { start, end: end.max(start) })
    }

    /// The longest free piece, from an address of that alignment on.
    pub(super) fn largest_fit(&self, align: u64) -> u64 {
        self.gaps().map(|gap| gap.len_at(align)).max().unwrap_or(0)
    }

    /// Why a request was refused, by what was free.
    pub(super) fn cause(&self, wanted: Wanted) -> Cause {
        let Some(len) = wanted.len.filter(|&len| len <= self.capacity_bytes) else {
            return Cause::TooLarge;
        };
        let free = self.capacity_bytes.saturating_sub(self.live_bytes());
        if free < len {
            let old = wanted.resizing.map(|at| self.blocks[at].len);
            let could_grow = old.is_some_and(|old| free >= len.saturating_sub(old));
            return if could_grow { Cause::NoRoomToMove } else { Cause::Full };
        }
        if self.largest_fit(wanted.align) >= len {
            Cause::NotFound
        } else if self.largest_fit(1) >= len {
            Cause::Misaligned
        } else {
            Cause::Fragmented
        }
    }

    /// The stretch with the fewest live bytes in which the request would fit once they are gone.
    ///
    /// Only stretches need be looked at that begin at the first suitable address behind a block: moving another one down
    /// to there takes no block in. So one walk with two pointers is exact.
    pub(super) fn clearing(&self, wanted: Wanted) -> Option<Clearing> {
        let len = wanted.len?;
        let starts = std::iter::once(0).chain(self.blocks.iter().map(Placed::end));
        // Blocks from `left` to before `right` reach into the stretch.
        let (mut left, mut right, mut live_bytes) = (0, 0, 0_u64);
        let mut best: Option<Clearing> = None;
        for start in starts {
            let Some(start) = align_up(start, wanted.align) else { break };
            let Some(end) = start.checked_add(len).filter(|&end| end <= self.capacity_bytes) else {
                break;
            };
            while self.blocks.get(right).is_some_and(|block| block.offset < end) {
                live_bytes += self.blocks[right].len;
                right += 1;
            }
            while left < right && self.blocks[left].end() <= start {
                live_bytes -= self.blocks[left].len;
                left += 1;
            }
            // The block that is resized is needed until it has been copied.
            if !wanted.resizing.is_some_and(|at| (left..right).contains(&at)) {
                let found = stretch(start, len, live_bytes, right - left, false);
                best = Some(best.map_or(found, |best| cheaper(best, found)));
            }
        }
        match self.growth(wanted, len) {
            Some(growth) => Some(best.map_or(growth, |best| cheaper(growth, best))),
            None => best,
        }
    }

    /// The stretch right behind the block that is to grow.
    fn growth(&self, wanted: Wanted, len: u64) -> Option<Clearing> {
        let at = wanted.resizing?;
        let block = self.blocks[at];
        let more = len.checked_sub(block.len).filter(|&more| more > 0)?;
        let end = block.end().checked_add(more).filter(|&end| end <= self.capacity_bytes)?;
        if align_up(block.offset, wanted.align) != Some(block.offset) {
            return None;
        }
        let inside = self.blocks[at + 1..].iter().take_while(|block| block.offset < end);
        let (blocks, bytes) = inside.fold((0, 0), |(n, sum), block| (n + 1, sum + block.len));
        Some(stretch(block.end(), more, bytes, blocks, true))
    }

    /// One slide of everything, each block to the lowest address that its alignment allows.
    pub(super) fn slide(&self, wanted: Option<Wanted>, align: impl Fn(u32) -> u64) -> Compaction {
        let mut slid = Compaction::default();
        for block in self.blocks {
            let to = align_up(slid.used_bytes, align(block.slot)).unwrap_or(block.offset);
            if to != block.offset {
                slid.relocated_bytes += block.len;
                slid.relocated_blocks += 1;
            }
            slid.used_bytes = to + block.len;
        }
        let fits_behind = |wanted: Wanted| {
            let end = align_up(slid.used_bytes, wanted.align)?.checked_add(wanted.len?)?;
            Some(end <= self.capacity_bytes)
        };
        slid.request_fits = wanted.map(|wanted| {
            fits_behind(wanted) == Some(true) || self.slide_grown(wanted, align) == Some(true)
        });
        slid
    }

    /// Whether everything fits with the block that is to be resized at its new length, in the same order.
    fn slide_grown(&self, wanted: Wanted, align: impl Fn(u32) -> u64) -> Option<bool> {
        let grown = wanted.resizing?;
        let mut end = 0_u64;
        for (at, block) in self.blocks.iter().enumerate() {
            let is_grown = at == grown;
            let align = if is_grown { wanted.align } else { align(block.slot) };
            let len = if is_grown { wanted.len? } else { block.len };
            end = align_up(end, align)?.checked_add(len)?;
        }
        Some(end <= self.capacity_bytes)
    }
}

fn stretch(offset: u64, len: u64, bytes: u64, blocks: usize, is_growth: bool) -> Clearing {
    Clearing {
        offset_bytes: offset,
        stretch_bytes: len,
        live_bytes: bytes,
        live_blocks: u64::try_from(blocks).unwrap_or(u64::MAX),
        is_growth,
    }
}

/// The cheaper of two; the first where they are equal.
fn cheaper(first: Clearing, second: Clearing) -> Clearing {
    let cost = |stretch: &Clearing| (stretch.live_bytes, stretch.live_blocks);
    if cost(&second) < cost(&first) { second } else { first }
}

#[cfg(test)]
mod tests;
