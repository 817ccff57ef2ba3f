//! `good_memory_allocator`: small bins by size and alignment, and one list for the rest.

use std::fmt;
use std::ptr::NonNull;

use good_memory_allocator::Allocator as Inner;
use heaplab_core::{Capabilities, Config, ConfigError};

use super::{COPYING, layout, layout_of, too_small};
use crate::arena::Arena;
use crate::{Peer, Resized};

/// A header and a free chunk with its links.
const LEAST_BYTES: u64 = 8 * size_of::<usize>() as u64;

/// `good_memory_allocator` in an arena.
pub struct GoodMemory {
    /// The heap points back into it, so it must not move.
    inner: Box<Inner>,
    arena: Arena,
}

impl Peer for GoodMemory {
    type Token = ();

    const CAPABILITIES: Capabilities = Capabilities {
        description: "small bins by size and alignment, headers; grows in place",
        source: "MaderNoob, good_memory_allocator, 2022",
        package: "good_memory_allocator",
        version: "0.1.7",
        ..COPYING
    };

    fn new(capacity_bytes: u64, _: &Config) -> Result<Self, ConfigError> {
        if capacity_bytes < LEAST_BYTES {
            return Err(too_small(capacity_bytes, Some(LEAST_BYTES)));
        }
        let arena = Arena::new(capacity_bytes)?;
        let mut inner = Box::new(Inner::empty());
        // SAFETY: the arena is nobody else's and lives as long as the allocator, which is boxed and stays where it is.
        unsafe { inner.init(arena.start().as_ptr().expose_provenance(), arena.len()) };
        Ok(Self { inner, arena })
    }

    #[inline]
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, ())> {
        let layout = layout(size, align)?;
        // SAFETY: the size is at least 1, and the heap has been initialized.
        let address = NonNull::new(unsafe { self.inner.alloc(layout) })?;
        Some((self.arena.offset_of(address), ()))
    }

    #[inline]
    unsafe fn free(&mut self, offset: u64, _: u64, _: u64, (): ()) {
        let address = self.arena.at(offset).as_ptr();
        // SAFETY: the caller describes a block of this peer.
        unsafe { self.inner.dealloc(address) };
    }

    #[inline]
    unsafe fn resize(
        &mut self,
        offset: u64,
        size: u64,
        align: u64,
        (): (),
        new_size: u64,
    ) -> Resized<()> {
        let Some(new) = layout(new_size, align) else { return Resized::Full };
        let address = self.arena.at(offset).as_ptr();
        // SAFETY: the caller describes a block of this peer.
        let layout = unsafe { layout_of(size, align) };
        // SAFETY: as above; the new size is at least 1.
        match NonNull::new(unsafe { self.inner.realloc(address, layout, new.size()) }) {
            Some(address) => Resized::Done(self.arena.offset_of(address), ()),
            None => Resized::Full,
        }
    }

    fn memory(&self) -> Option<NonNull<u8>> {
        Some(self.arena.start())
    }

    fn metadata_bytes(&self) -> Option<u64> {
        Some(size_of::<Inner>() as u64)
    }
}

impl fmt::Debug for GoodMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoodMemory").field("arena", &self.arena).finish_non_exhaustive()
    }
}
