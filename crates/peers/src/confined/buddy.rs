//! `buddy_system_allocator`: the binary buddy system.

use std::ptr::NonNull;

use buddy_system_allocator::Heap;
use heaplab_core::{Capabilities, Config, ConfigError};

use super::{IN_ARENA, layout, layout_of, too_small};
use crate::Peer;
use crate::arena::Arena;

/// Blocks have up to 2^40 bytes.
const ORDERS: usize = 41;

/// `buddy_system_allocator` in an arena.
#[derive(Debug)]
pub struct Buddy {
    inner: Heap<ORDERS>,
    arena: Arena,
}

impl Peer for Buddy {
    type Token = ();

    const CAPABILITIES: Capabilities = Capabilities {
        description: "binary buddies: powers of two, no headers; frees walk a list",
        source: "K. C. Knowlton, A fast storage allocator, 1965; Jiajie Chen, buddy_system_allocator, 2019",
        package: "buddy_system_allocator",
        version: "0.13.0",
        ..IN_ARENA
    };

    fn new(capacity_bytes: u64, _: &Config) -> Result<Self, ConfigError> {
        let least = size_of::<usize>() as u64;
        if capacity_bytes < least {
            return Err(too_small(capacity_bytes, Some(least)));
        }
        let arena = Arena::new(capacity_bytes)?;
        let mut inner = Heap::new();
        // SAFETY: the arena is nobody else's, and lives as long as the heap.
        unsafe { inner.init(arena.start().as_ptr().expose_provenance(), arena.len()) };
        Ok(Self { inner, arena })
    }

    #[inline]
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, ())> {
        let address = self.inner.alloc(layout(size, align)?).ok()?;
        Some((self.arena.offset_of(address), ()))
    }

    #[inline]
    unsafe fn free(&mut self, offset: u64, size: u64, align: u64, (): ()) {
        let address = self.arena.at(offset);
        // SAFETY: the caller describes a block of this peer.
        let layout = unsafe { layout_of(size, align) };
        // SAFETY: as above.
        unsafe { self.inner.dealloc(address, layout) };
    }

    fn memory(&self) -> Option<NonNull<u8>> {
        Some(self.arena.start())
    }

    fn metadata_bytes(&self) -> Option<u64> {
        Some(size_of_val(&self.inner) as u64)
    }
}
