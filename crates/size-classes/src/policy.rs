//! What pieces that are longer than their blocks make a strategy of.

use alloc::string::String;
use alloc::vec::Vec;

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Memory, Piece, Request, Shortage, Strategy, Usage,
};

use crate::buddy::Buddies;
use crate::segregated::Pages;
use crate::slots::{Placed, Slots};

/// The binary buddy system.
pub type Buddy = Rounded<Buddies>;

/// Segregated storage over pages.
pub type Segregated = Rounded<Pages>;

/// Hands out pieces, each of which is at least as long as the block that it is taken for.
pub trait Pieces: Sized {
    /// Names a piece that is taken.
    type Piece: Copy + core::fmt::Debug;

    /// See [`Strategy::CAPABILITIES`].
    const CAPABILITIES: Capabilities;

    /// All of the heap free.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if there is no memory for the tables, or a parameter is out of range.
    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError>;

    /// Takes a piece for `len` bytes at `align`, both at least a granule; its offset, and its name. `None` if no
    /// piece is free.
    ///
    /// # Errors
    ///
    /// [`AllocError::OutOfMetadata`] if the tables cannot grow.
    fn take(&mut self, len: u64, align: u64) -> Result<Option<(u64, Self::Piece)>, AllocError>;

    /// Gives a piece back; a piece that was taken, and once.
    fn give_back(&mut self, piece: Self::Piece);

    /// Makes the piece one for `len` bytes where it stands; `None`, and nothing has changed, if it cannot.
    ///
    /// # Errors
    ///
    /// [`AllocError::OutOfMetadata`] if the tables cannot grow.
    fn fit(&mut self, piece: Self::Piece, len: u64) -> Result<Option<Self::Piece>, AllocError>;

    /// Bytes of the tables, in use and reserved.
    fn metadata_bytes(&self) -> (u64, u64);

    /// Recounts what is cached.
    ///
    /// # Errors
    ///
    /// A description of the first violated invariant.
    fn check_invariants(
        &self,
        pieces: &mut dyn Iterator<Item = (Self::Piece, Block)>,
    ) -> Result<(), String>;
}

/// An allocator whose blocks lie at the low ends of longer pieces.
///
/// A block's length is the size rounded to the granule, as everywhere; the rest of its piece can be used by nobody and is
/// no hole. So holes are unknown here, and space is judged by the smallest heap that serves a program.
#[derive(Debug)]
pub struct Rounded<P: Pieces> {
    pieces: P,
    slots: Slots<P::Piece>,
    capacity_bytes: u64,
    granule: Granule,
}

impl<P: Pieces> Rounded<P> {
    fn check(&self, request: Request) -> Result<(u64, u64), AllocError> {
        let Request { size, align } = request;
        if !align.is_power_of_two() {
            return Err(AllocError::InvalidAlignment { align });
        }
        match self.granule.length_of(size) {
            Some(len) if len <= self.capacity_bytes => Ok((len, align.max(self.granule.bytes()))),
            _ => {
                let capacity_bytes = self.capacity_bytes;
                Err(AllocError::TooLarge { requested_bytes: size, capacity_bytes })
            }
        }
    }

    fn take(&mut self, request: Request) -> Result<Placed<P::Piece>, AllocError> {
        let (len, align) = self.check(request)?;
        match self.pieces.take(len, align)? {
            Some((offset, piece)) => Ok(Placed { block: Block { offset, len }, piece }),
            None => Err(AllocError::OutOfMemory(Shortage {
                requested_bytes: request.size,
                free_bytes: self.capacity_bytes - self.slots.live_bytes(),
                largest_hole_bytes: None,
                wilderness_bytes: None,
            })),
        }
    }
}

impl<P: Pieces> Strategy for Rounded<P> {
    const CAPABILITIES: Capabilities = P::CAPABILITIES;

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity_bytes = config.check(capacity_bytes, &P::CAPABILITIES)?;
        let pieces = P::new(capacity_bytes, config)?;
        Ok(Self { pieces, slots: Slots::new(), capacity_bytes, granule: config.granule })
    }
}

impl<P: Pieces> Allocator for Rounded<P> {
    fn allocate(&mut self, request: Request, _: &mut dyn Memory) -> Result<Handle, AllocError> {
        self.slots.reserve()?;
        let placed = self.take(request)?;
        self.slots.insert(placed)
    }

    fn free(&mut self, handle: Handle, _: &mut dyn Memory) -> Result<(), InvalidHandle> {
        let Placed { piece, .. } = self.slots.remove(handle)?;
        self.pieces.give_back(piece);
        Ok(())
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let old = self.slots.get(handle)?;
        let (len, align) = self.check(request)?;
        let Block { offset, len: old_len } = old.block;
        if offset & (align - 1) == 0
            && let Some(piece) = self.pieces.fit(old.piece, len)?
        {
            self.slots.replace(handle, Placed { block: Block { offset, len }, piece })?;
            return Ok(());
        }
        let new = self.take(request)?;
        memory.relocate(offset, new.block.offset, old_len.min(len));
        self.pieces.give_back(old.piece);
        self.slots.replace(handle, new)?;
        Ok(())
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        self.slots.get(handle).ok().map(|placed| placed.block)
    }

    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.slots.get(handle).map(|placed| placed.block)
    }

    /// Blocks alone: what lies between them is free, or the unused rest of a piece.
    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        let mut blocks: Vec<_> =
            self.slots.live().map(|(placed, handle)| (placed.block, handle)).collect();
        blocks.sort_unstable_by_key(|(block, _)| block.offset);
        for (block, handle) in blocks {
            visit(Piece::Block(block, handle));
        }
    }

    fn usage(&self) -> Usage {
        let (used, reserved) = self.slots.metadata_bytes();
        let (pieces_used, pieces_reserved) = self.pieces.metadata_bytes();
        Usage {
            live_bytes: self.slots.live_bytes(),
            live_blocks: self.slots.live_blocks(),
            high_water_bytes: Some(self.slots.high_water_bytes()),
            metadata_used_bytes: Some(used + pieces_used),
            metadata_reserved_bytes: Some(reserved + pieces_reserved),
            ..Usage::default()
        }
    }

    fn end_bytes(&self) -> Option<u64> {
        None
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    fn granule(&self) -> Granule {
        self.granule
    }

    fn check_invariants(&self) -> Result<(), String> {
        let mut pieces = self.slots.live().map(|(placed, _)| (placed.piece, placed.block));
        self.pieces.check_invariants(&mut pieces)
    }
}
