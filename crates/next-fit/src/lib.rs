#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod buckets;
mod index;
mod policy;

pub use buckets::Vacancy;
pub use index::RoverFit;
pub use policy::{NextFit, NextHole};
