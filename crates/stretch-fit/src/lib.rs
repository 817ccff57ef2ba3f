#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod policy;
mod stretch;

pub use policy::StretchFit;
