#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod by_length;
mod lists;
mod newest;
mod policy;

pub use newest::NewestOfShortestFit;
pub use policy::{BestFit, BestFitLifo, NewestOfShortest, ShortestHole};
