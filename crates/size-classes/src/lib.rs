#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod buddy;
mod policy;
mod segregated;
mod slots;

pub use buddy::Buddies;
pub use policy::{Buddy, Rounded, Segregated};
pub use segregated::Pages;
