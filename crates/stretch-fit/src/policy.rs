//! Where blocks are placed, and in which order a resize tries what it can.

use alloc::string::String;

use heaplab_blocks::{
    BlockTable, Fits, HoleIndex as _, Id, LatestAside, NIL, ShortestFit, Split, Taken,
};
use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Memory, Piece, Request, Strategy, Usage, align_up,
};

use crate::stretch::stretch;

/// Best fit beside the older neighbor, that grows a block over the hole before it rather than take new space.
///
/// Invariant: the birth of each live block is in its entry's links.
#[derive(Debug)]
pub struct StretchFit {
    fits: Fits<LatestAside<ShortestFit>>,
    /// How many blocks were placed so far, modulo 2^32.
    placed: u32,
}

/// The link of a block's entry that holds its birth. The first holds the alignment; the links of blocks are free otherwise.
const BIRTH: usize = 1;

/// The most slots that one operation takes: a hole in front, the block, a hole behind.
const SLOTS_PER_OPERATION: usize = 3;

impl Strategy for StretchFit {
    const CAPABILITIES: Capabilities = Capabilities {
        description: "best fit beside the older neighbor, whose blocks also grow over the hole before them; for little memory where blocks are resized",
        source: "heaplab's own, after Knuth, The Art of Computer Programming 1, section 2.5, 1968: best fit",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        relocates: true,
        ignores_spare_capacity: true,
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity_bytes = config.check(capacity_bytes, &Self::CAPABILITIES)?;
        Ok(Self { fits: Fits::with_capacity(capacity_bytes, config.granule)?, placed: 0 })
    }
}

impl StretchFit {
    /// Places a block in the shortest hole that fits, at the end beside the older neighbor, or behind all blocks; needs
    /// reserved slots. `None` if there is no room.
    fn try_place(&mut self, len: u64, align: u64) -> Option<Id> {
        let (table, index) = self.fits.parts_mut();
        let is_aligned = align > table.granule().bytes();
        let taken = if is_aligned {
            index.take_aligned(table.entries_mut(), len, align)
        } else {
            index.take(table.entries_mut(), len)
        };
        let Split { block, front, rest } = match taken {
            Some(Taken { hole, len: hole_len, .. }) => {
                let start = if is_upper_older(table, hole) {
                    (table.offset(hole) + hole_len - len) & !(align - 1)
                } else {
                    // The index chose a hole in which the block fits, so this cannot fail.
                    align_up(table.offset(hole), align)?
                };
                table.split_hole_at(hole, hole_len, start, len, align)
            }
            None => {
                let start = table.wilderness_fit(len, align)?;
                table.append(start, len, align)
            }
        };
        for hole in [front, rest] {
            if hole != NIL {
                let hole_len = table.len(hole);
                index.insert(table.entries_mut(), hole, hole_len);
            }
        }
        if is_aligned {
            index.adapt(table.entries_mut());
        }
        table.links_mut(block)[BIRTH] = self.placed;
        self.placed = self.placed.wrapping_add(1);
        Some(block)
    }

    /// Places `block` anew while it still stands, relocates its bytes, and frees the old place.
    fn try_move(&mut self, block: Id, len: u64, align: u64, memory: &mut dyn Memory) -> Option<()> {
        let old = self.fits.table().block(block);
        let twin = self.try_place(len, align)?;
        let (table, _) = self.fits.parts_mut();
        memory.relocate(old.offset, table.offset(twin), old.len.min(len));
        table.exchange(block, twin);
        table.set_align(block, align);
        self.fits.free_block(twin);
        Some(())
    }

    #[cold]
    fn shortage(&self, request: Request) -> AllocError {
        let (table, index) = (self.fits.table(), self.fits.index());
        table.shortage(request.size, index.largest(table.entries()))
    }
}

/// Whether the block above a hole is older than the one below it; the one that is likely to stay longer.
///
/// Births wrap, so blocks that are 2^31 placements apart count as the other way round: that costs space and nothing else.
fn is_upper_older(table: &BlockTable, hole: Id) -> bool {
    let (below, above) = (table.prev(hole), table.next(hole));
    let born = |block: Id| table.links(block)[BIRTH];
    below != NIL && born(below).wrapping_sub(born(above)).cast_signed() > 0
}

impl Allocator for StretchFit {
    #[inline]
    fn allocate(&mut self, request: Request, _: &mut dyn Memory) -> Result<Handle, AllocError> {
        let (len, align) = self.fits.table().check(request)?;
        self.fits.parts_mut().0.reserve(SLOTS_PER_OPERATION)?;
        match self.try_place(len, align) {
            // A block's index is never 0, so it always has a handle.
            Some(block) => {
                let error = AllocError::OutOfMetadata { entries: 0 };
                self.fits.table().handle(block).ok_or(error)
            }
            None => Err(self.shortage(request)),
        }
    }

    #[inline]
    fn free(&mut self, handle: Handle, _: &mut dyn Memory) -> Result<(), InvalidHandle> {
        self.fits.free(handle)
    }

    /// In place; else in the shortest hole that fits; else stretched over the hole before it; else behind all blocks.
    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let block = self.fits.table().resolve(handle)?;
        let (len, align) = self.fits.table().check(request)?;
        if self.fits.try_resize_in_place(block, len, align)? {
            return Ok(());
        }
        let (table, index) = self.fits.parts_mut();
        table.reserve(SLOTS_PER_OPERATION)?;
        let has_hole = index.find(table.entries(), len, align).is_some();
        if !has_hole && stretch(table, index, block, len, align, memory) {
            return Ok(());
        }
        match self.try_move(block, len, align, memory) {
            Some(()) => Ok(()),
            None => Err(self.shortage(request)),
        }
    }

    #[inline]
    fn block(&self, handle: Handle) -> Option<Block> {
        self.fits.block(handle)
    }

    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.fits.locate(handle)
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        self.fits.walk(visit);
    }

    fn usage(&self) -> Usage {
        self.fits.usage()
    }

    #[inline]
    fn end_bytes(&self) -> Option<u64> {
        self.fits.end_bytes()
    }

    fn capacity_bytes(&self) -> u64 {
        self.fits.capacity_bytes()
    }

    fn granule(&self) -> Granule {
        self.fits.granule()
    }

    fn check_invariants(&self) -> Result<(), String> {
        self.fits.check_invariants()
    }
}
