#![doc = include_str!("../README.md")]

pub mod importers;
pub mod kills;
pub mod memory;
mod random;
pub mod strategies;
