//! dlmalloc: Doug Lea's malloc, best fit with boundary tags.

use std::cell::Cell;
use std::fmt;
use std::ptr::{self, NonNull};

use dlmalloc::Allocator as System;
use heaplab_core::{Capabilities, Config, ConfigError};

use super::{COPYING, layout, too_small};
use crate::arena::Arena;
use crate::{Peer, Resized};

/// Its segment record, the sentinel chunks and one least chunk.
const LEAST_BYTES: u64 = 16 * size_of::<usize>() as u64;

/// What sizes and addresses of chunks are multiples of.
const CHUNK_ALIGN: usize = 2 * size_of::<usize>();

/// dlmalloc in an arena.
pub struct Dlmalloc {
    /// In a place of its own: from the first allocation on its bins point to themselves.
    inner: Box<dlmalloc::Dlmalloc<Once>>,
    arena: Arena,
}

/// Hands the whole arena out at the first call and has nothing more.
struct Once {
    start: *mut u8,
    len: usize,
    is_out: Cell<bool>,
}

// SAFETY: the pointer names an arena that moves with it.
unsafe impl Send for Once {}

// SAFETY: the memory handed out is valid for as long as the allocator lives, and handed out once.
unsafe impl System for Once {
    fn alloc(&self, _: usize) -> (*mut u8, usize, u32) {
        if self.is_out.replace(true) { (ptr::null_mut(), 0, 0) } else { (self.start, self.len, 0) }
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        false
    }

    fn page_size(&self) -> usize {
        4096
    }
}

impl Peer for Dlmalloc {
    type Token = ();

    const CAPABILITIES: Capabilities = Capabilities {
        description: "best fit with boundary tags and size bins; its resizes copy what they move",
        source: "Doug Lea, A memory allocator, 1996; the Rust port's authors, dlmalloc, 2017",
        package: "dlmalloc",
        version: "0.2.14",
        ..COPYING
    };

    fn new(capacity_bytes: u64, _: &Config) -> Result<Self, ConfigError> {
        if capacity_bytes < LEAST_BYTES {
            return Err(too_small(capacity_bytes, Some(LEAST_BYTES)));
        }
        let arena = Arena::new(capacity_bytes)?;
        // Flags stand in the low bits of sizes, so the length that a system hands out must be a multiple of chunks' alignment.
        let len = arena.len() & !(CHUNK_ALIGN - 1);
        let system = Once { start: arena.start().as_ptr(), len, is_out: Cell::new(false) };
        let mut inner = Box::new(dlmalloc::Dlmalloc::new_with_allocator(system));
        // There are no segments to give back, so looking for them is no part of the work.
        inner.set_max_release_check_rate(0);
        Ok(Self { inner, arena })
    }

    #[inline]
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, ())> {
        let layout = layout(size, align)?;
        // SAFETY: the layout is valid and its size at least 1.
        let address = NonNull::new(unsafe { self.inner.malloc(layout.size(), layout.align()) })?;
        Some((self.arena.offset_of(address), ()))
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "both were a usize before")]
    unsafe fn free(&mut self, offset: u64, size: u64, align: u64, (): ()) {
        let address = self.arena.at(offset).as_ptr();
        // SAFETY: the caller describes a block of this peer.
        unsafe { self.inner.free(address, size as usize, align as usize) };
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "both were a usize before")]
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
        // SAFETY: the caller describes a block of this peer; the new size is at least 1.
        let moved =
            unsafe { self.inner.realloc(address, size as usize, align as usize, new.size()) };
        match NonNull::new(moved) {
            Some(address) => Resized::Done(self.arena.offset_of(address), ()),
            None => Resized::Full,
        }
    }

    fn memory(&self) -> Option<NonNull<u8>> {
        Some(self.arena.start())
    }

    fn metadata_bytes(&self) -> Option<u64> {
        Some(size_of_val(&*self.inner) as u64)
    }
}

impl fmt::Debug for Dlmalloc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dlmalloc").field("arena", &self.arena).finish_non_exhaustive()
    }
}
