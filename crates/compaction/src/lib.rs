#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod budgeted;
mod compacting;
mod eager;
mod fit;
mod forecast;
mod movable;
mod no_holes;
mod on_demand;
mod slide;
mod window;

pub use budgeted::CompactionBudgeted;
pub use compacting::{Compacting, CompactionPolicy, Trigger};
pub use eager::{CompactionEager, Eager};
pub use fit::{CompactionFit, OnMiss};
pub use no_holes::NoHoles;
pub use on_demand::{Compaction, OnDemand};
