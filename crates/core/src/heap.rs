//! An allocator together with the bytes that it manages.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::{
    AllocError, Allocator, Config, ConfigError, Handle, InvalidHandle, Piece, Request, Strategy,
};

/// A heap of real bytes: an allocator joined with a buffer of its capacity.
///
/// Reads and writes go through handles, so contents follow their block wherever it is moved, and a freed handle can
/// be neither read nor written.
pub struct Heap<A> {
    allocator: A,
    bytes: Vec<u8>,
}

impl<S: Strategy> Heap<S> {
    /// An empty heap of `capacity_bytes` zeros.
    ///
    /// # Errors
    ///
    /// As [`Strategy::new`]; [`ConfigError::OutOfMetadata`] also if there is no memory for the bytes.
    pub fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        Self::with_allocator(S::new(capacity_bytes, config)?)
    }
}

impl<A: Allocator> Heap<A> {
    /// Puts zeroed bytes behind an allocator that has no blocks yet.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] if there is no memory for the bytes.
    pub fn with_allocator(allocator: A) -> Result<Self, ConfigError> {
        let len =
            usize::try_from(allocator.capacity_bytes()).map_err(|_| ConfigError::OutOfMetadata)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).map_err(|_| ConfigError::OutOfMetadata)?;
        bytes.resize(len, 0);
        Ok(Self { allocator, bytes })
    }

    /// Places a new block; its bytes are whatever was there before.
    ///
    /// # Errors
    ///
    /// As [`Allocator::allocate`].
    pub fn allocate(&mut self, request: Request) -> Result<Handle, AllocError> {
        self.allocator.allocate(request, &mut self.bytes)
    }

    /// Frees a block.
    ///
    /// # Errors
    ///
    /// As [`Allocator::free`].
    pub fn free(&mut self, handle: Handle) -> Result<(), InvalidHandle> {
        self.allocator.free(handle, &mut self.bytes)
    }

    /// Changes a block's size; contents are kept up to the shorter length.
    ///
    /// # Errors
    ///
    /// As [`Allocator::resize`].
    pub fn resize(&mut self, handle: Handle, request: Request) -> Result<(), AllocError> {
        self.allocator.resize(handle, request, &mut self.bytes)
    }

    /// The block's bytes, all of its length.
    ///
    /// # Errors
    ///
    /// [`InvalidHandle`] if the handle names no live block of this heap.
    pub fn read(&self, handle: Handle) -> Result<&[u8], InvalidHandle> {
        self.range(handle).map(|range| &self.bytes[range])
    }

    /// The block's bytes, all of its length, for writing.
    ///
    /// # Errors
    ///
    /// [`InvalidHandle`] if the handle names no live block of this heap.
    pub fn write(&mut self, handle: Handle) -> Result<&mut [u8], InvalidHandle> {
        self.range(handle).map(|range| &mut self.bytes[range])
    }

    /// The heap as a picture, one character a granule: `X` for blocks, `-` for holes and wilderness.
    #[must_use]
    pub fn map(&self) -> String {
        map(&self.allocator)
    }

    /// The allocator, for looking at it.
    #[must_use]
    pub const fn allocator(&self) -> &A {
        &self.allocator
    }

    fn range(&self, handle: Handle) -> Result<core::ops::Range<usize>, InvalidHandle> {
        let block = self.allocator.locate(handle)?;
        // The buffer was made as long as the capacity, so an offset within it is a `usize`.
        #[expect(clippy::cast_possible_truncation, reason = "bounded by the buffer's length")]
        let range = block.offset as usize..block.end() as usize;
        Ok(range)
    }
}

impl<A: Allocator> fmt::Debug for Heap<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap").field("usage", &self.allocator.usage()).finish_non_exhaustive()
    }
}

/// An allocator's heap as a picture, one character a granule: `X` for blocks, `-` for holes and wilderness.
///
/// Heaps of more than 4,096 granules are drawn only that far and end in `…`.
#[must_use]
pub fn map<A: Allocator + ?Sized>(allocator: &A) -> String {
    const LIMIT: u64 = 4_096;
    let shift = allocator.granule().shift();
    let granules = allocator.capacity_bytes() >> shift;
    let drawn = granules.min(LIMIT);
    let mut picture = String::new();
    let mut column = 0;
    let mut draw = |until: u64, sign: char| {
        while column < until.min(drawn) {
            picture.push(sign);
            column += 1;
        }
    };
    allocator.walk(&mut |piece| match piece {
        Piece::Block(block, _) => draw(block.end() >> shift, 'X'),
        Piece::Hole(hole) => draw((hole.offset + hole.len) >> shift, '-'),
    });
    draw(drawn, '-');
    if granules > LIMIT {
        picture.push('…');
    }
    picture
}
