#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod index;
mod policy;

pub use index::TwoLevel;
pub use policy::{GoodHole, HalfFit, HalfHole, Tlsf};
