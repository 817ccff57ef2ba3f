//! What makes the shared fit a worst fit.

use heaplab_blocks::{FitPolicy, Fits, LatestAside};
use heaplab_core::{Capabilities, Policy};

use crate::index::LongestFit;

/// Exact worst fit: the longest hole that can hold the block, and of those the lowest.
pub type WorstFit = Fits<LatestAside<LongestFit>, LongestHole>;

/// The policy's declaration.
#[derive(Debug)]
pub enum LongestHole {}

impl FitPolicy for LongestHole {
    type Index = LatestAside<LongestFit>;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "the longest hole; a warning example, since it uses up the room for large blocks",
        source: "Knuth, The Art of Computer Programming 1, section 2.5, 1968",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        policy: Some(Policy::WorstFit),
        ..Capabilities::DEFAULT
    };
}
