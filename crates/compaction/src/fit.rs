//! Best fit that compacts on a miss.

use heaplab_blocks::{LatestAside, ShortestFit};
use heaplab_core::{Capabilities, Policy};

use crate::compacting::{Compacting, CompactionPolicy, Trigger};

/// Places each block by exact best fit; only when no hole and no wilderness fits, everything slides down once.
///
/// Holes serve again and again before anything moves, so slides are far rarer than those of
/// [`Compaction`](crate::Compaction) and come when the heap is really full.
pub type CompactionFit = Compacting<OnMiss>;

/// What distinguishes [`CompactionFit`].
#[derive(Clone, Copy, Debug)]
pub enum OnMiss {}

impl CompactionPolicy for OnMiss {
    type Index = LatestAside<ShortestFit>;

    const REUSES_HOLES: bool = true;
    const TRIGGER: Trigger = Trigger::Miss;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "best fit, and everything slides down only when nothing fits; choose it when the heap must be as \
                      small as the live bytes and bytes should move rarely",
        source: "Knuth, The Art of Computer Programming 1, section 2.5, 1968: best fit and compaction",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        relocates: true,
        ignores_spare_capacity: true,
        policy: Some(Policy::CompactFit),
        ..Capabilities::DEFAULT
    };
}
