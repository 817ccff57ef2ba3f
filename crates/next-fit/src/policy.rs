//! What makes the shared fit a next fit.

use heaplab_blocks::{FitPolicy, Fits};
use heaplab_core::{Capabilities, Policy};

use crate::index::RoverFit;

/// Exact next fit: the first hole that fits from where the last search ended, else from the start.
pub type NextFit = Fits<RoverFit, NextHole>;

/// The policy's declaration.
#[derive(Debug)]
pub enum NextHole {}

impl FitPolicy for NextHole {
    type Index = RoverFit;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "the next hole that fits behind the last placement; spreads blocks over the whole heap",
        source: "Knuth, The Art of Computer Programming 1, section 2.5 (roving pointer), 1968",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        policy: Some(Policy::NextFit),
        ..Capabilities::DEFAULT
    };
}
