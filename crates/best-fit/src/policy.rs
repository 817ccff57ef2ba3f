//! What makes the shared fit a best fit.

use heaplab_blocks::{FitPolicy, Fits, ShortestFit};
use heaplab_core::{Capabilities, Policy};

/// Exact best fit: the shortest hole that can hold the block, and of those the lowest.
pub type BestFit = Fits<ShortestFit, ShortestHole>;

/// The policy's declaration.
#[derive(Debug)]
pub enum ShortestHole {}

impl FitPolicy for ShortestHole {
    type Index = ShortestFit;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "the shortest hole that fits, lowest address first; choose it when memory must stay small",
        source: "Knuth, The Art of Computer Programming 1, section 2.5, 1968",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        policy: Some(Policy::BestFit),
        ..Capabilities::DEFAULT
    };
}
