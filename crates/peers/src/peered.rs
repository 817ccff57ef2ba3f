//! A peer behind heaplab's contract.

use std::ptr::NonNull;

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Memory, Piece, Request, Shortage, Strategy, Usage,
};

use crate::slots::{Placed, Slots};

/// What a published allocator is asked for.
pub trait Peer: Sized {
    /// What it wants to see again when a block is freed or resized.
    type Token: Copy + Default;

    /// What it is, and from where.
    const CAPABILITIES: Capabilities;

    /// Makes an empty heap of so many bytes, a multiple of the granule.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where it cannot manage so small or so large a heap, and where there is no memory for it.
    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError>;

    /// Places a block of `size` bytes, at least 1, at a multiple of `align`; returns its offset.
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, Self::Token)>;

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// The block was placed by this peer, has not been freed since, and is described as it stands now.
    unsafe fn free(&mut self, offset: u64, size: u64, align: u64, token: Self::Token);

    /// Changes the size of a block, by whatever the peer offers for that.
    ///
    /// # Safety
    ///
    /// As for [`Peer::free`].
    unsafe fn resize(
        &mut self,
        offset: u64,
        size: u64,
        align: u64,
        token: Self::Token,
        new_size: u64,
    ) -> Resized<Self::Token> {
        let _ = (offset, size, align, token, new_size);
        Resized::Move
    }

    /// Where its memory starts; `None` for those that have none behind their heap.
    fn memory(&self) -> Option<NonNull<u8>> {
        None
    }

    /// Bytes of bookkeeping outside the heap, where that is known.
    fn metadata_bytes(&self) -> Option<u64>;
}

/// What a peer made of a resize.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resized<T> {
    /// The block has its new size, and stands at this offset: the old one, or another to which the peer has copied it.
    Done(u64, T),
    /// It cannot be resized where it stands, and the peer leaves moving to its caller.
    Move,
    /// The peer tried to move it, and has no room. The block is as it was.
    Full,
}

/// A peer with the handles, the checks and the figures of an [`Allocator`].
///
/// Between the caller and the peer stand one check of the request, and one look into the table of handles; all else
/// is the peer's.
#[derive(Debug)]
pub struct Peered<P: Peer> {
    peer: P,
    slots: Slots<P::Token>,
    capacity_bytes: u64,
    granule: Granule,
    /// The logarithm of the next power of two of the capacity. Peers look at addresses, which agree with offsets up to
    /// there; beyond it, some calculate wrongly.
    max_align_shift: u8,
}

impl<P: Peer> Peered<P> {
    /// The size and the logarithm of the alignment that the peer is asked for.
    #[inline]
    fn check(&self, request: Request) -> Result<(u64, u8), AllocError> {
        let Request { size, align } = request;
        if !align.is_power_of_two() {
            return Err(AllocError::InvalidAlignment { align });
        }
        if size > self.capacity_bytes {
            let capacity_bytes = self.capacity_bytes;
            return Err(AllocError::TooLarge { requested_bytes: size, capacity_bytes });
        }
        let align = align.max(self.granule.bytes());
        #[expect(clippy::cast_possible_truncation, reason = "trailing_zeros is at most 63 here")]
        let align_shift = align.trailing_zeros() as u8;
        if align_shift > self.max_align_shift {
            return Err(self.out_of_memory(request));
        }
        Ok((size.max(1), align_shift))
    }

    #[cold]
    fn out_of_memory(&self, request: Request) -> AllocError {
        AllocError::OutOfMemory(Shortage {
            requested_bytes: request.size,
            free_bytes: self.capacity_bytes.saturating_sub(self.live().0),
            largest_hole_bytes: None,
            wilderness_bytes: None,
        })
    }

    fn len(&self, size: u64) -> u64 {
        // Sizes are at most the capacity, which is a multiple of the granule.
        self.granule.length_of(size).unwrap_or(size)
    }

    fn to_block(&self, placed: &Placed<P::Token>) -> Block {
        Block { offset: placed.offset, len: self.len(placed.size) }
    }

    /// Bytes and number of live blocks.
    fn live(&self) -> (u64, u64) {
        let add = |(bytes, blocks), (placed, _): (&Placed<P::Token>, Handle)| {
            (bytes + self.len(placed.size), blocks + 1)
        };
        self.slots.live().fold((0, 0), add)
    }
}

impl<P: Peer> Strategy for Peered<P> {
    const CAPABILITIES: Capabilities = P::CAPABILITIES;

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity_bytes = config.check(capacity_bytes, &P::CAPABILITIES)?;
        let peer = P::new(capacity_bytes, config)?;
        let mut slots = Slots::new();
        slots.expect(config.expected_blocks);
        #[expect(clippy::cast_possible_truncation, reason = "trailing_zeros is at most 64 here")]
        let max_align_shift = capacity_bytes.next_power_of_two().trailing_zeros() as u8;
        Ok(Self { peer, slots, capacity_bytes, granule: config.granule, max_align_shift })
    }
}

/// Blocks within a heap go with the heap; those elsewhere would stay.
impl<P: Peer> Drop for Peered<P> {
    fn drop(&mut self) {
        if P::CAPABILITIES.is_confined {
            return;
        }
        for (placed, _) in self.slots.live() {
            // SAFETY: the table holds what the peer has placed, and goes with it.
            unsafe { self.peer.free(placed.offset, placed.size, placed.align(), placed.token) };
        }
    }
}

impl<P: Peer> Allocator for Peered<P> {
    #[inline]
    fn allocate(&mut self, request: Request, _: &mut dyn Memory) -> Result<Handle, AllocError> {
        let (size, align_shift) = self.check(request)?;
        self.slots.reserve()?;
        match self.peer.allocate(size, 1 << align_shift) {
            Some((offset, token)) => {
                Ok(self.slots.insert(Placed { offset, size, align_shift, token }))
            }
            None => Err(self.out_of_memory(request)),
        }
    }

    #[inline]
    fn free(&mut self, handle: Handle, _: &mut dyn Memory) -> Result<(), InvalidHandle> {
        let placed = self.slots.remove(handle)?;
        // SAFETY: the table holds what the peer has placed, and held this block once.
        unsafe { self.peer.free(placed.offset, placed.size, placed.align(), placed.token) };
        Ok(())
    }

    #[inline]
    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let (size, align_shift) = self.check(request)?;
        let old = *self.slots.get(handle)?;
        let resized = if align_shift <= old.align_shift {
            // SAFETY: the table holds what the peer has placed.
            unsafe { self.peer.resize(old.offset, old.size, old.align(), old.token, size) }
        } else {
            Resized::Move
        };
        let new = match resized {
            Resized::Done(offset, token) => {
                Placed { offset, size, align_shift: old.align_shift, token }
            }
            Resized::Full => return Err(self.out_of_memory(request)),
            Resized::Move => {
                let placed = self.peer.allocate(size, 1 << align_shift);
                let Some((offset, token)) = placed else { return Err(self.out_of_memory(request)) };
                Placed { offset, size, align_shift, token }
            }
        };
        if new.offset != old.offset {
            memory.relocate(old.offset, new.offset, self.len(old.size.min(size)));
        }
        if matches!(resized, Resized::Move) {
            // SAFETY: the table holds what the peer has placed, and is about to forget this block.
            unsafe { self.peer.free(old.offset, old.size, old.align(), old.token) };
        }
        *self.slots.get_mut(handle)? = new;
        Ok(())
    }

    #[inline]
    fn block(&self, handle: Handle) -> Option<Block> {
        self.slots.get(handle).ok().map(|placed| self.to_block(placed))
    }

    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.slots.get(handle).map(|placed| self.to_block(placed))
    }

    /// Blocks alone: what lies between them may be free, or a peer's bookkeeping.
    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        let mut blocks: Vec<_> =
            self.slots.live().map(|(placed, handle)| (self.to_block(placed), handle)).collect();
        blocks.sort_unstable_by_key(|(block, _)| block.offset);
        for (block, handle) in blocks {
            visit(Piece::Block(block, handle));
        }
    }

    fn usage(&self) -> Usage {
        let (live_bytes, live_blocks) = self.live();
        let metadata = self.peer.metadata_bytes();
        Usage {
            live_bytes,
            live_blocks,
            metadata_used_bytes: metadata,
            metadata_reserved_bytes: metadata,
            ..Usage::default()
        }
    }

    #[inline]
    fn end_bytes(&self) -> Option<u64> {
        None
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    fn granule(&self) -> Granule {
        self.granule
    }
}
