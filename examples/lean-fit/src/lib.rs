#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod index;
mod policy;

pub use index::CheapestHole;
pub use policy::{Declaration, LeanFit};
