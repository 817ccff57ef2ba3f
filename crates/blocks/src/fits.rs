//! The allocator that every fit shares: a block table, and an index that chooses holes.

use alloc::string::String;
use core::marker::PhantomData;

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Memory, Piece, Request, Strategy, Usage,
};

use crate::hole_index::{FitPolicy, HoleIndex, Taken};
use crate::table::{BlockTable, Entries as _, Id, NIL, Slots, Split};

/// An allocator that places each block in the hole that the index `I` chooses, and in the wilderness if there is
/// none. It never moves a block on its own accord.
///
/// Beside [`Allocator`] it offers `allocate`, `free` and `resize_in_place` without a memory, for users whose copies may
/// fail or complete later (GPU, file): they allocate anew, copy and free themselves.
///
/// ```
/// # use heaplab_blocks::{BlockTable, Fits, HoleIndex};
/// # use heaplab_core::{AllocError, Request};
/// fn grow<I: HoleIndex, P>(buffers: &mut Fits<I, P>) -> Result<(), AllocError> {
///     let old = buffers.allocate(Request::aligned(1_000, 256))?;
///     if buffers.resize_in_place(old, Request::aligned(3_000, 256)).is_err() {
///         let new = buffers.allocate(Request::aligned(3_000, 256))?;
///         // ... have the device copy, wait for it ...
///         buffers.free(old)?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Fits<I, P = ()> {
    table: BlockTable,
    index: I,
    policy: PhantomData<fn() -> P>,
}

/// The most slots that one operation takes: a hole in front, the block, a hole behind.
const SLOTS_PER_OPERATION: usize = 3;

impl<I: HoleIndex, P> Fits<I, P> {
    /// The allocator of an empty heap.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] if there is no memory for the tables.
    pub fn with_capacity(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self {
            table: BlockTable::new(capacity_bytes, granule)?,
            index: I::new(capacity_bytes, granule)?,
            policy: PhantomData,
        })
    }

    /// Joins a table without blocks and an index without holes.
    #[must_use]
    pub const fn from_parts(table: BlockTable, index: I) -> Self {
        Self { table, index, policy: PhantomData }
    }

    /// The blocks and holes.
    #[must_use]
    pub const fn table(&self) -> &BlockTable {
        &self.table
    }

    /// The hole index.
    #[must_use]
    pub const fn index(&self) -> &I {
        &self.index
    }

    /// Table and index together, for compaction, which rearranges both.
    pub const fn parts_mut(&mut self) -> (&mut BlockTable, &mut I) {
        (&mut self.table, &mut self.index)
    }

    /// Places a new block.
    ///
    /// # Errors
    ///
    /// As [`Allocator::allocate`].
    #[inline]
    pub fn allocate(&mut self, request: Request) -> Result<Handle, AllocError> {
        let (len, align) = self.table.check(request)?;
        let block = self.place(request, len, align)?;
        // A block's index is never 0, so it always has a handle.
        self.table.handle(block).ok_or(AllocError::OutOfMetadata { entries: 0 })
    }

    /// Places a block by the policy: in a hole, else in the wilderness.
    ///
    /// # Errors
    ///
    /// [`AllocError::OutOfMemory`] and [`AllocError::OutOfMetadata`].
    #[inline]
    pub fn place(&mut self, request: Request, len: u64, align: u64) -> Result<Id, AllocError> {
        self.table.reserve(SLOTS_PER_OPERATION)?;
        self.try_place(len, align).ok_or_else(|| self.shortage(request))
    }

    #[cold]
    fn shortage(&self, request: Request) -> AllocError {
        self.table.shortage(request.size, self.index.largest(self.table.entries()))
    }

    /// As [`Fits::place`], for callers that have reserved the slots; `None` if neither a hole nor the wilderness fits.
    #[inline(always)]
    pub fn try_place(&mut self, len: u64, align: u64) -> Option<Id> {
        let granule = self.table.granule();
        if align > granule.bytes() {
            return self.try_place_aligned(len, align);
        }
        let (entries, slots) = self.table.parts_mut();
        let Some(Taken { hole, len: hole_len, position }) = self.index.take(entries, len) else {
            return self.place_beyond(len, align);
        };
        let (block, rest) = slots.split_hole(entries, hole, hole_len, len, granule.shift());
        if rest != NIL {
            self.index.insert_at(entries, rest, hole_len - len, position);
        }
        self.index.placed(entries, block);
        self.table.count_block(len);
        Some(block)
    }

    /// As [`Fits::try_place`] for an alignment above the granule.
    #[inline(never)]
    fn try_place_aligned(&mut self, len: u64, align: u64) -> Option<Id> {
        let block = match self.index.take_aligned(self.table.entries_mut(), len, align) {
            Some(taken) => self.place_in_hole(taken, len, align),
            None => self.place_beyond(len, align)?,
        };
        self.index.adapt(self.table.entries_mut());
        Some(block)
    }

    /// Places a block in the wilderness, or else in a hole that the index overlooks at first.
    #[inline(never)]
    fn place_beyond(&mut self, len: u64, align: u64) -> Option<Id> {
        let Some(start) = self.table.wilderness_fit(len, align) else {
            let hole = self.index.find_last(self.table.entries(), len, align)?;
            let hole_len = self.table.len(hole);
            let position = self.index.remove(self.table.entries_mut(), hole, hole_len);
            return Some(self.place_in_hole(Taken { hole, len: hole_len, position }, len, align));
        };
        let Split { block, front, .. } = self.table.append(start, len, align);
        if front != NIL {
            let front_len = self.table.len(front);
            self.index.insert(self.table.entries_mut(), front, front_len);
        }
        self.index.placed(self.table.entries(), block);
        Some(block)
    }

    /// Places a block in a hole that the index chose, because the block fits, and has given up.
    #[inline(always)]
    fn place_in_hole(&mut self, taken: Taken<I::Position>, len: u64, align: u64) -> Id {
        let Taken { hole, len: hole_len, mut position } = taken;
        let (entries, slots) = self.table.parts_mut();
        let skipped = entries.offset(hole).wrapping_neg() & (align - 1);
        let (split, lens) = slots.split_hole_at(entries, hole, (skipped, hole_len), len, align);
        let Split { block, front, rest } = split;
        if front != NIL {
            position = self.index.insert_at(entries, front, lens.front, position);
        }
        if rest != NIL {
            self.index.insert_at(entries, rest, lens.rest, position);
        }
        self.index.placed(entries, block);
        self.table.count_block(len);
        block
    }

    /// Frees a block.
    ///
    /// # Errors
    ///
    /// As [`Allocator::free`].
    #[inline]
    pub fn free(&mut self, handle: Handle) -> Result<(), InvalidHandle> {
        let block = self.table.resolve(handle)?;
        self.free_block(block);
        Ok(())
    }

    /// Frees a live block and returns the hole that now covers its space, [`NIL`] if it went to the wilderness.
    #[inline(always)]
    pub fn free_block(&mut self, block: Id) -> Id {
        let (entries, slots) = self.table.parts_mut();
        let (below, above) = (entries.prev(block), entries.next(block));
        let (mut start, mut end) = (entries.offset(block), entries.offset(above));
        let len = end - start;
        Slots::become_hole(entries, block);
        let mut hole = block;
        if entries.is_hole(above) {
            let above_end = entries.offset(entries.next(above));
            self.index.remove(entries, above, above_end - end);
            slots.absorb_above(entries, block);
            end = above_end;
        }
        if entries.is_hole(below) {
            let below_start = entries.offset(below);
            self.index.remove(entries, below, start - below_start);
            slots.absorb_above(entries, below);
            (hole, start) = (below, below_start);
        }
        if above == NIL {
            slots.give_up_last(entries, hole);
            hole = NIL;
        } else {
            self.index.insert(entries, hole, end - start);
        }
        self.table.discount_block(len);
        hole
    }

    /// Changes a block's size without moving it, if its offset suits the new alignment and the space behind it suffices.
    ///
    /// # Errors
    ///
    /// [`AllocError::CannotResizeInPlace`] if the block would have to move; else as [`Allocator::resize`].
    pub fn resize_in_place(&mut self, handle: Handle, request: Request) -> Result<(), AllocError> {
        let block = self.table.resolve(handle)?;
        let (len, align) = self.table.check(request)?;
        if self.try_resize_in_place(block, len, align)? {
            Ok(())
        } else {
            Err(AllocError::CannotResizeInPlace)
        }
    }

    /// Resizes a live block where it stands; `false`, and nothing has changed, if it would have to move.
    ///
    /// # Errors
    ///
    /// [`AllocError::OutOfMetadata`] if the hole that a shrink leaves cannot be noted.
    #[inline]
    pub fn try_resize_in_place(
        &mut self,
        block: Id,
        len: u64,
        align: u64,
    ) -> Result<bool, AllocError> {
        let Block { offset, len: old_len } = self.table.block(block);
        if offset & (align - 1) != 0 {
            return Ok(false);
        }
        if len < old_len {
            self.table.reserve(SLOTS_PER_OPERATION)?;
            let next = self.table.next(block);
            if self.table.is_hole(next) {
                let next_len = self.table.len(next);
                self.index.remove(self.table.entries_mut(), next, next_len);
            }
            let hole = self.table.shrink_block(block, len);
            if hole != NIL {
                let hole_len = self.table.len(hole);
                self.index.insert(self.table.entries_mut(), hole, hole_len);
            }
        } else if len > old_len && !self.try_grow(block, len) {
            return Ok(false);
        }
        self.table.set_align(block, align);
        Ok(true)
    }

    #[inline]
    fn try_grow(&mut self, block: Id, len: u64) -> bool {
        let Block { offset, len: old_len } = self.table.block(block);
        let next = self.table.next(block);
        if next == NIL {
            let fits = len <= self.table.capacity_bytes() - offset;
            if fits {
                self.table.grow_block(block, len);
            }
            return fits;
        }
        if !self.table.is_hole(next) || self.table.len(next) < len - old_len {
            return false;
        }
        let next_len = self.table.len(next);
        let position = self.index.remove(self.table.entries_mut(), next, next_len);
        let rest = self.table.grow_block(block, len);
        if rest != NIL {
            let rest_len = self.table.len(rest);
            self.index.insert_at(self.table.entries_mut(), rest, rest_len, position);
        }
        true
    }

    /// Places `block` anew by the policy while it still stands, relocates its bytes, and frees the old place; `false`,
    /// and nothing has changed, if no place was found. Needs 3 reserved slots.
    ///
    /// The second value is the hole that now covers the old place, [`NIL`] if it went to the wilderness.
    pub fn try_move(
        &mut self,
        block: Id,
        len: u64,
        align: u64,
        memory: &mut dyn Memory,
    ) -> Option<Id> {
        let old = self.table.block(block);
        let twin = self.try_place(len, align)?;
        memory.relocate(old.offset, self.table.offset(twin), old.len.min(len));
        self.table.exchange(block, twin);
        self.table.set_align(block, align);
        Some(self.free_block(twin))
    }
}

impl<I: HoleIndex, P> Allocator for Fits<I, P> {
    #[inline]
    fn allocate(
        &mut self,
        request: Request,
        _memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        Self::allocate(self, request)
    }

    #[inline]
    fn free(&mut self, handle: Handle, _memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        Self::free(self, handle)
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let block = self.table.resolve(handle)?;
        let (len, align) = self.table.check(request)?;
        if self.try_resize_in_place(block, len, align)? {
            return Ok(());
        }
        self.table.reserve(SLOTS_PER_OPERATION)?;
        match self.try_move(block, len, align, memory) {
            Some(_) => Ok(()),
            None => Err(self.shortage(request)),
        }
    }

    #[inline]
    fn block(&self, handle: Handle) -> Option<Block> {
        self.table.resolve(handle).ok().map(|block| self.table.block(block))
    }

    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.table.resolve(handle).map(|block| self.table.block(block))
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        self.table.walk(visit);
    }

    fn usage(&self) -> Usage {
        self.table.usage(self.index.largest(self.table.entries()), self.index.metadata_bytes())
    }

    #[inline]
    fn end_bytes(&self) -> Option<u64> {
        Some(self.table.end())
    }

    fn capacity_bytes(&self) -> u64 {
        self.table.capacity_bytes()
    }

    fn granule(&self) -> Granule {
        self.table.granule()
    }

    fn check_invariants(&self) -> Result<(), String> {
        let holes = self.table.check_invariants()?;
        self.index.check_invariants(self.table.entries(), holes)
    }
}

impl<P: FitPolicy> Strategy for Fits<P::Index, P> {
    const CAPABILITIES: Capabilities = P::CAPABILITIES;

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity_bytes = config.check(capacity_bytes, &P::CAPABILITIES)?;
        let index = P::index(capacity_bytes, config)?;
        Ok(Self::from_parts(BlockTable::new(capacity_bytes, config.granule)?, index))
    }
}
