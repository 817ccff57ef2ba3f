#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

mod policy;

pub use policy::{BestFit, ShortestHole};
