#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod index;
mod lowest;
mod policy;

pub use index::LowestFit;
pub use policy::{FirstFit, LowestHole};
