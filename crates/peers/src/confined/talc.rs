//! talc: segregated gaps with tags behind the blocks.

use std::fmt;
use std::ptr::NonNull;

use heaplab_core::{Capabilities, Config, ConfigError};
use talc::base::binning::DefaultBinning;
use talc::source::Manual;

use super::{IN_ARENA, layout, layout_of, too_small};
use crate::arena::Arena;
use crate::{Peer, Resized};

type Inner = talc::base::Talc<Manual, DefaultBinning>;

/// talc in an arena.
pub struct Talc {
    inner: Inner,
    arena: Arena,
}

impl Peer for Talc {
    type Token = ();

    const CAPABILITIES: Capabilities = Capabilities {
        description: "gaps in size bins, boundary tags; grows in place",
        source: "Shaun Beautement, talc, 2023",
        package: "talc",
        version: "5.1.1",
        ..IN_ARENA
    };

    fn new(capacity_bytes: u64, _: &Config) -> Result<Self, ConfigError> {
        let arena = Arena::new(capacity_bytes)?;
        let mut inner = Inner::new(Manual);
        // SAFETY: the arena is nobody else's, and lives as long as `inner`, which never gives it back.
        let claimed = unsafe { inner.claim(arena.start().as_ptr(), arena.len()) };
        let least = talc::min_first_heap_size::<DefaultBinning>() as u64;
        claimed.map(|_| Self { inner, arena }).ok_or(too_small(capacity_bytes, Some(least)))
    }

    #[inline]
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, ())> {
        let layout = layout(size, align)?;
        // SAFETY: the size is at least 1.
        let address = unsafe { self.inner.try_allocate(layout) }?;
        Some((self.arena.offset_of(address), ()))
    }

    #[inline]
    unsafe fn free(&mut self, offset: u64, size: u64, align: u64, (): ()) {
        let address = self.arena.at(offset).as_ptr();
        // SAFETY: the caller describes a block of this peer.
        let layout = unsafe { layout_of(size, align) };
        // SAFETY: as above, and the layout is the one it was allocated with or resized to.
        unsafe { self.inner.deallocate(address, layout) };
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
        let done = unsafe { self.inner.try_realloc_in_place(address, layout, new.size()) };
        if done { Resized::Done(offset, ()) } else { Resized::Move }
    }

    fn memory(&self) -> Option<NonNull<u8>> {
        Some(self.arena.start())
    }

    fn metadata_bytes(&self) -> Option<u64> {
        Some(size_of::<Inner>() as u64)
    }
}

impl fmt::Debug for Talc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Talc").field("arena", &self.arena).finish_non_exhaustive()
    }
}
