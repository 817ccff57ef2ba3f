//! What the strategy declares of itself.

use heaplab_blocks::{FitPolicy, Fits};
use heaplab_core::Capabilities;

use crate::index::CheapestHole;

/// The strategy: the shared mechanism of every fit, and the hole that [`CheapestHole`] chooses.
pub type LeanFit = Fits<CheapestHole, Declaration>;

/// What listings, the harness and the conformance kit need to know.
#[derive(Debug)]
pub enum Declaration {}

impl FitPolicy for Declaration {
    type Index = CheapestHole;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "the hole that leaves least over, to within a factor of two, lowest first",
        source: "own rule",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        // The rule looks at holes alone, so a larger heap changes nothing. Take this out for one that looks at more.
        ignores_spare_capacity: true,
        // No exact policy is promised; where one is, an oracle checks every placement.
        policy: None,
        ..Capabilities::DEFAULT
    };
}
