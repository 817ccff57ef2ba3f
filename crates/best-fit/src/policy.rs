//! What makes the shared fit a best fit.

use heaplab_blocks::{FitPolicy, Fits, LatestAside, ShortestFit};
use heaplab_core::{Capabilities, Policy};

use crate::newest::NewestOfShortestFit;

/// Exact best fit: the shortest hole that can hold the block, and of those the lowest.
pub type BestFit = Fits<LatestAside<ShortestFit>, ShortestHole>;

/// Exact best fit by length: the shortest hole that can hold the block, and of those the newest.
pub type BestFitLifo = Fits<NewestOfShortestFit, NewestOfShortest>;

/// The declaration of [`BestFit`].
#[derive(Debug)]
pub enum ShortestHole {}

/// The declaration of [`BestFitLifo`].
#[derive(Debug)]
pub enum NewestOfShortest {}

impl FitPolicy for ShortestHole {
    type Index = LatestAside<ShortestFit>;

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

impl FitPolicy for NewestOfShortest {
    type Index = NewestOfShortestFit;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "the shortest hole that fits, newest first; choose it when memory and time must both be small",
        source: "Knuth, The Art of Computer Programming 1, section 2.5, 1968; lists by exact length: Weinstock, Quick fit, 1976",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        policy: Some(Policy::BestFitLifo),
        ..Capabilities::DEFAULT
    };
}
