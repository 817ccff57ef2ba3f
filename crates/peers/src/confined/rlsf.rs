//! rlsf: TLSF, two levels of size classes, in constant time.

use std::fmt;
use std::ptr::NonNull;

use heaplab_core::{Capabilities, Config, ConfigError};
use rlsf::Tlsf;

use super::{COPYING, layout, too_small};
use crate::arena::Arena;
use crate::{Peer, Resized};

/// What rlsf needs of a pool: a free block and the sentinel behind it.
const LEAST_BYTES: u64 = 2 * rlsf::GRANULARITY as u64;

macro_rules! rlsf {
    ($(#[$doc:meta])* $name:ident, $first:ty, $second:ty, $first_len:literal, $second_len:literal, $description:literal) => {
        $(#[$doc])*
        pub struct $name {
            inner: Tlsf<'static, $first, $second, $first_len, $second_len>,
            arena: Arena,
        }

        impl Peer for $name {
            type Token = ();

            const CAPABILITIES: Capabilities = Capabilities {
                description: $description,
                source: "M. Masmano, I. Ripoll, A. Crespo, J. Real, TLSF, 2004; yvt, rlsf, 2021",
                package: "rlsf",
                version: "0.2.3",
                ..COPYING
            };

            fn new(capacity_bytes: u64, _: &Config) -> Result<Self, ConfigError> {
                let arena = Arena::new(capacity_bytes)?;
                let mut inner = Tlsf::new();
                let pool = NonNull::slice_from_raw_parts(arena.start(), arena.len());
                // SAFETY: the arena is nobody else's, and outlives `inner`.
                match unsafe { inner.insert_free_block_ptr(pool) } {
                    Some(_) => Ok(Self { inner, arena }),
                    None => Err(too_small(capacity_bytes, Some(LEAST_BYTES))),
                }
            }

            #[inline]
            fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, ())> {
                let address = self.inner.allocate(layout(size, align)?)?;
                Some((self.arena.offset_of(address), ()))
            }

            #[inline]
            #[expect(clippy::cast_possible_truncation, reason = "the alignment was a usize before")]
            unsafe fn free(&mut self, offset: u64, _: u64, align: u64, (): ()) {
                let address = self.arena.at(offset);
                // SAFETY: the caller describes a block of this peer.
                unsafe { self.inner.deallocate(address, align as usize) };
            }

            #[inline]
            unsafe fn resize(
                &mut self,
                offset: u64,
                _: u64,
                align: u64,
                (): (),
                new_size: u64,
            ) -> Resized<()> {
                let Some(layout) = layout(new_size, align) else { return Resized::Full };
                let address = self.arena.at(offset);
                // SAFETY: the caller describes a block of this peer, and the alignment stays.
                match unsafe { self.inner.reallocate(address, layout) } {
                    Some(address) => Resized::Done(self.arena.offset_of(address), ()),
                    None => Resized::Full,
                }
            }

            fn memory(&self) -> Option<NonNull<u8>> {
                Some(self.arena.start())
            }

            fn metadata_bytes(&self) -> Option<u64> {
                Some(size_of_val(&self.inner) as u64)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("arena", &self.arena).finish_non_exhaustive()
            }
        }
    };
}

rlsf!(
    /// rlsf with 28 first-level and 32 second-level classes, in an arena: fine classes, large blocks.
    Rlsf28x32,
    u32,
    u32,
    28,
    32,
    "TLSF, 28 by 32 size classes; constant time"
);
rlsf!(
    /// rlsf with 16 first-level and 16 second-level classes, in an arena: what microcontrollers use; no block exceeds
    /// 2 MiB.
    Rlsf16x16,
    u16,
    u16,
    16,
    16,
    "TLSF, 16 by 16 size classes; no block beyond 2 MiB"
);
