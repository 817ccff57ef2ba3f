//! Published allocators behind heaplab's contract, each confined to a heap of the size that is measured.
//!
//! Peers are measured beside our strategies, so that a figure of ours stands beside one that people know.
//! [`registry`] holds them all; `heaplab_core::Registry::and` puts them behind a registry of strategies:
//!
//! ```
//! let registry = heaplab_core::Registry::new().and(heaplab_peers::registry());
//! assert!(registry.entries().iter().any(|entry| entry.name == "talc"));
//! ```
//!
//! There are two sorts. Those that keep their bookkeeping in the heap have real memory of exactly the heap's size,
//! whose pages come when they are touched; their offsets are addresses less the start of that memory.
//! Those that place ranges have none.
//! In whose favor what works that remains different is told in `docs/BIAS.md`.

mod arena;
mod confined;
mod malloc;
mod peered;
mod ranges;
mod slots;

pub use confined::{Buddy, Dlmalloc, GoodMemory, LinkedList, Rlsf16x16, Rlsf28x32, Talc};
pub use malloc::{Malloc, MallocError, Mallocs};
pub use peered::{Peer, Peered, Resized};
pub use ranges::{Offset, Orderly, Ranges};

use heaplab_core::{Registry, StrategyList};

/// All peers: first those that keep their bookkeeping in the heap, then those that only place ranges.
#[must_use]
pub fn registry() -> Registry<impl StrategyList> {
    Registry::new()
        .with::<Peered<Talc>>("talc")
        .with::<Peered<Rlsf28x32>>("rlsf-28x32")
        .with::<Peered<Rlsf16x16>>("rlsf-16x16")
        .with::<Peered<Dlmalloc>>("dlmalloc")
        .with::<Peered<GoodMemory>>("good-memory")
        .with::<Peered<Buddy>>("buddy")
        .with::<Peered<LinkedList>>("linked-list")
        .with::<Peered<Offset>>("offset-allocator")
        .with::<Peered<Orderly>>("orderly")
        .with::<Peered<Ranges>>("range-alloc")
}
