//! Peers that place ranges and keep their bookkeeping outside the heap, as ours do: none has memory behind it.

mod offset;
mod orderly;
mod range;

pub use offset::Offset;
pub use orderly::Orderly;
pub use range::Ranges;

use heaplab_core::Granule;

/// A heap in units of a granule, for allocators that count in 32 bits.
#[derive(Clone, Copy, Debug)]
struct Units(Granule);

impl Units {
    /// The units of `bytes`, rounded up; `None` beyond 32 bits.
    #[inline]
    fn of(self, bytes: u64) -> Option<u32> {
        u32::try_from(self.0.length_of(bytes)? >> self.0.shift()).ok()
    }

    #[inline]
    const fn to_bytes(self, units: u32) -> u64 {
        (units as u64) << self.0.shift()
    }
}
