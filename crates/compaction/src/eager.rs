//! Eager compaction: no holes, ever.

use heaplab_core::{Capabilities, Policy};

use crate::compacting::{Compacting, CompactionPolicy, Trigger};
use crate::no_holes::NoHoles;

/// Places each block at the end of the last one; every free and every shrink slides what lies behind it down at once.
///
/// The heap never has a hole that no alignment asks for, so its end equals its live bytes at every moment: the yardstick
/// for space, at the price of moving half the heap for each free on average.
pub type CompactionEager = Compacting<Eager>;

/// What distinguishes [`CompactionEager`].
#[derive(Clone, Copy, Debug)]
pub enum Eager {}

impl CompactionPolicy for Eager {
    type Index = NoHoles;

    const REUSES_HOLES: bool = false;
    const TRIGGER: Trigger = Trigger::Release;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "closes every gap at once by sliding what lies behind it down; choose it as the yardstick for \
                      space, or for few blocks and frees near the end",
        source: "Knuth, The Art of Computer Programming 1, section 2.5, 1968; Lisp 2 sliding order",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        relocates: true,
        ignores_spare_capacity: true,
        policy: Some(Policy::CompactEager),
        ..Capabilities::DEFAULT
    };
}
