//! Compaction on demand: bump, and slide when the end is reached.

use heaplab_core::{Capabilities, Policy};

use crate::compacting::{Compacting, CompactionPolicy, Trigger};
use crate::no_holes::NoHoles;

/// Places each block at the end of the last one; when a request does not fit there, everything slides down once.
///
/// Holes are not reused in between, so allocation and free are as cheap as they get: the heap fills like a bump
/// allocator's, and the price is paid in one go. With a heap of `r` times the live bytes that is about `1 / (r - 1)`
/// bytes moved for each byte allocated.
pub type Compaction = Compacting<OnDemand>;

/// What distinguishes [`Compaction`].
#[derive(Clone, Copy, Debug)]
pub enum OnDemand {}

impl CompactionPolicy for OnDemand {
    type Index = NoHoles;

    const REUSES_HOLES: bool = false;
    const TRIGGER: Trigger = Trigger::Miss;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "fills the heap front to back, slides everything down when the end is reached; choose it when \
                      bytes may move and room above the live bytes makes slides rare",
        source: "Knuth, The Art of Computer Programming 1, section 2.5, 1968; Lisp 2 sliding order",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        relocates: true,
        ignores_spare_capacity: true,
        policy: Some(Policy::CompactOnDemand),
        ..Capabilities::DEFAULT
    };
}
