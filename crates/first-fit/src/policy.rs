//! What makes the shared fit a first fit.

use heaplab_blocks::{FitPolicy, Fits, LatestAside};
use heaplab_core::{Capabilities, Policy};

use crate::index::LowestFit;

/// Exact address-ordered first fit: the hole of lowest address that can hold the block.
pub type FirstFit = Fits<LatestAside<LowestFit>, LowestHole>;

/// The policy's declaration.
#[derive(Debug)]
pub enum LowestHole {}

impl FitPolicy for LowestHole {
    type Index = LatestAside<LowestFit>;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "the lowest hole that fits; choose it when blocks should gather at the heap's start",
        source: "Knuth, The Art of Computer Programming 1, section 2.5, 1968",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        policy: Some(Policy::FirstFit),
        ..Capabilities::DEFAULT
    };
}
