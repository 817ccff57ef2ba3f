//! Peers that keep their bookkeeping in the heap: each has real memory of exactly the heap's size.

mod buddy;
mod dlmalloc;
mod good_memory;
mod linked_list;
mod rlsf;
mod talc;

use std::alloc::Layout;

use heaplab_core::{Capabilities, ConfigError, Kind};

use crate::arena::MAX_ARENA_BYTES;

pub use buddy::Buddy;
pub use dlmalloc::Dlmalloc;
pub use good_memory::GoodMemory;
pub use linked_list::LinkedList;
pub use rlsf::{Rlsf16x16, Rlsf28x32};
pub use talc::Talc;

/// What all of them have in common.
const IN_ARENA: Capabilities = Capabilities {
    kind: Kind::Peer,
    max_capacity_bytes: Some(MAX_ARENA_BYTES),
    ..Capabilities::DEFAULT
};

/// The same for those that move a block themselves where it cannot be resized in place.
const COPYING: Capabilities = Capabilities { copies_by_itself: true, ..IN_ARENA };

/// The layout of a request; `None` where it is too large for any.
#[inline]
fn layout(size: u64, align: u64) -> Option<Layout> {
    let (size, align) = (usize::try_from(size).ok()?, usize::try_from(align).ok()?);
    Layout::from_size_align(size, align).ok()
}

/// The layout of a block, which is one that [`layout`] has made before.
///
/// # Safety
///
/// `size` and `align` are those of a block that was placed.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both were a usize before")]
unsafe fn layout_of(size: u64, align: u64) -> Layout {
    debug_assert!(layout(size, align).is_some());
    // SAFETY: the caller says that `layout` has accepted them.
    unsafe { Layout::from_size_align_unchecked(size as usize, align as usize) }
}

const fn too_small(capacity_bytes: u64, min_bytes: Option<u64>) -> ConfigError {
    ConfigError::CapacityBelowMinimum { capacity_bytes, min_bytes }
}
