#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod lifo;
mod policy;
mod segregated;

pub use lifo::NewestFit;
pub use policy::{FreeList, FreeListLifo, NewestHole, SegregatedHole};
pub use segregated::SegregatedFit;
