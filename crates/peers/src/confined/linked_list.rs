//! `linked_list_allocator`: first fit over a list of holes in address order.

use std::ptr::NonNull;

use heaplab_core::{Capabilities, Config, ConfigError};
use linked_list_allocator::Heap;

use super::{IN_ARENA, layout, layout_of, too_small};
use crate::Peer;
use crate::arena::Arena;

/// What it needs for its first hole, at the most.
const LEAST_BYTES: u64 = 3 * size_of::<usize>() as u64;

/// `linked_list_allocator` in an arena.
#[derive(Debug)]
pub struct LinkedList {
    inner: DebugHeap,
    arena: Arena,
}

/// Prints nothing of its holes.
struct DebugHeap(Heap);

impl std::fmt::Debug for DebugHeap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Heap").finish_non_exhaustive()
    }
}

impl Peer for LinkedList {
    type Token = ();

    const CAPABILITIES: Capabilities = Capabilities {
        description: "first fit over a list of holes by address; no headers, linear time",
        source: "Philipp Oppermann, linked_list_allocator, 2016",
        package: "linked_list_allocator",
        version: "0.10.6",
        ..IN_ARENA
    };

    fn new(capacity_bytes: u64, _: &Config) -> Result<Self, ConfigError> {
        if capacity_bytes < LEAST_BYTES {
            return Err(too_small(capacity_bytes, Some(LEAST_BYTES)));
        }
        let arena = Arena::new(capacity_bytes)?;
        // SAFETY: the arena is nobody else's, and lives as long as the heap.
        let inner = unsafe { Heap::new(arena.start().as_ptr(), arena.len()) };
        Ok(Self { inner: DebugHeap(inner), arena })
    }

    #[inline]
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, ())> {
        let address = self.inner.0.allocate_first_fit(layout(size, align)?).ok()?;
        Some((self.arena.offset_of(address), ()))
    }

    #[inline]
    unsafe fn free(&mut self, offset: u64, size: u64, align: u64, (): ()) {
        let address = self.arena.at(offset);
        // SAFETY: the caller describes a block of this peer.
        let layout = unsafe { layout_of(size, align) };
        // SAFETY: as above.
        unsafe { self.inner.0.deallocate(address, layout) };
    }

    fn memory(&self) -> Option<NonNull<u8>> {
        Some(self.arena.start())
    }

    fn metadata_bytes(&self) -> Option<u64> {
        Some(size_of::<Heap>() as u64)
    }
}
