//! What makes the shared fit a free list.

use heaplab_blocks::{FitPolicy, Fits};
use heaplab_core::{Capabilities, Policy};

use crate::lifo::NewestFit;
use crate::segregated::SegregatedFit;

/// The segregated free list: a list of holes for each class of lengths, in constant time.
pub type FreeList = Fits<SegregatedFit, SegregatedHole>;

/// The textbook free list: one list, the most recently made hole first.
pub type FreeListLifo = Fits<NewestFit, NewestHole>;

/// The declaration of [`FreeList`].
#[derive(Debug)]
pub enum SegregatedHole {}

/// The declaration of [`FreeListLifo`].
#[derive(Debug)]
pub enum NewestHole {}

impl FitPolicy for SegregatedHole {
    type Index = SegregatedFit;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "a list of holes per length class, in constant time; choose it when every operation must be fast",
        source: "Masmano, Ripoll, Crespo, Real, TLSF: a new dynamic memory allocator for real-time systems, 2004",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        ..Capabilities::DEFAULT
    };
}

impl FitPolicy for NewestHole {
    type Index = NewestFit;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "one list of holes, the newest first; the textbook's, whose searches grow with the holes",
        source: "Kernighan, Ritchie, The C Programming Language, section 8.7, 1978",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        policy: Some(Policy::Lifo),
        ..Capabilities::DEFAULT
    };
}
