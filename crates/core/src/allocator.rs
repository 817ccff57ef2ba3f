//! The contract between a strategy and everybody else.

use crate::{AllocError, Granule, Handle, InvalidHandle, Memory, Request};

/// Places blocks in the address range `[0, capacity)`; owns no bytes.
///
/// Every method either does all of what it says or, on an error, changes nothing.
pub trait Allocator {
    /// Places a new block.
    ///
    /// # Errors
    ///
    /// [`AllocError::InvalidAlignment`] and [`AllocError::TooLarge`] for requests that no heap of this capacity can
    /// meet, [`AllocError::OutOfMemory`] when it does not fit now, [`AllocError::OutOfMetadata`] when the tables
    /// cannot grow.
    fn allocate(&mut self, request: Request, memory: &mut dyn Memory)
    -> Result<Handle, AllocError>;

    /// Frees a block; its space coalesces at once with the holes beside it.
    ///
    /// # Errors
    ///
    /// [`InvalidHandle`] if the handle names no live block of this allocator.
    fn free(&mut self, handle: Handle, memory: &mut dyn Memory) -> Result<(), InvalidHandle>;

    /// Changes a block's size, and its alignment to that of `request`; the handle stays the same. Contents are kept
    /// up to the shorter length.
    ///
    /// # Errors
    ///
    /// As [`Allocator::allocate`], and [`AllocError::InvalidHandle`].
    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError>;

    /// Where the block is now; `None` if the handle names no live block of this allocator.
    fn block(&self, handle: Handle) -> Option<Block>;

    /// As [`Allocator::block`], with the reason where there is none. The default cannot tell a foreign handle from a stale
    /// one and calls it stale.
    ///
    /// # Errors
    ///
    /// [`InvalidHandle`] if the handle names no live block of this allocator.
    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.block(handle).ok_or(InvalidHandle::Stale)
    }

    /// Visits blocks and holes in address order, without gaps, up to the end of the last block. An allocator whose
    /// [`Usage::holes`] are unknown visits its blocks alone.
    fn walk(&self, visit: &mut dyn FnMut(Piece));

    /// Figures about the heap as it is now. Costs at most one walk.
    fn usage(&self) -> Usage;

    /// Those figures of [`Allocator::usage`] that cost no walk; what would need one may be absent.
    fn brief_usage(&self) -> Usage {
        self.usage()
    }

    /// The end of the last block now, in bytes: [`Usage::end_bytes`] without the cost of the other figures.
    fn end_bytes(&self) -> Option<u64> {
        self.usage().end_bytes
    }

    /// The size of the address range in bytes, a multiple of the granule.
    fn capacity_bytes(&self) -> u64;

    /// The unit of sizes and addresses.
    fn granule(&self) -> Granule;

    /// Recounts everything that is cached and checks what must always hold.
    ///
    /// For tests and debugging; costs at least one walk. The default has nothing of its own to check.
    ///
    /// # Errors
    ///
    /// A description of the first violated invariant.
    fn check_invariants(&self) -> Result<(), alloc::string::String> {
        Ok(())
    }
}

/// A live piece of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// Bytes from the start of the heap.
    pub offset: u64,
    /// Length in bytes, after rounding to the granule.
    pub len: u64,
}

impl Block {
    /// The first offset behind the block.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.offset + self.len
    }
}

/// A free piece before the end of the last block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hole {
    /// Bytes from the start of the heap.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
}

/// What a walk meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// A live block and the handle that names it.
    Block(Block, Handle),
    /// A maximal free piece before the end of the last block.
    Hole(Hole),
}

impl Piece {
    /// Bytes from the start of the heap.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        match self {
            Self::Block(block, _) => block.offset,
            Self::Hole(hole) => hole.offset,
        }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(&self) -> u64 {
        match self {
            Self::Block(block, _) => block.len,
            Self::Hole(hole) => hole.len,
        }
    }

    /// Whether the piece has no bytes; no allocator of ours makes one.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Figures about a heap; what an allocator cannot know is `None`, never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of all live blocks, after rounding.
    pub live_bytes: u64,
    /// Number of live blocks.
    pub live_blocks: u64,
    /// The highest end that a block ever had, in bytes; during a moving resize both blocks stand.
    pub high_water_bytes: Option<u64>,
    /// End of the last block now, in bytes.
    pub end_bytes: Option<u64>,
    /// Number of holes.
    pub holes: Option<u64>,
    /// Length of the longest hole in bytes, 0 if there is none.
    pub largest_hole_bytes: Option<u64>,
    /// Bytes between the end of the last block and the capacity.
    pub wilderness_bytes: Option<u64>,
    /// Bytes of bookkeeping outside the heap that are in use.
    pub metadata_used_bytes: Option<u64>,
    /// Bytes of bookkeeping outside the heap that are reserved.
    pub metadata_reserved_bytes: Option<u64>,
    /// Times that compaction moved at least one block; 0 for allocators that never compact.
    pub compactions: u64,
    /// Bytes that compaction moved; copies of moving resizes are not among them.
    pub compaction_relocated_bytes: u64,
}
