//! The contract of heaplab's allocation strategies.
//!
//! It began with a heap of five bytes. Five one-byte blocks fill it, the second and the fourth are freed, and then two
//! bytes are wanted: there are two free, but not side by side.
//!
//! ```
//! use heaplab_compaction::Compaction;
//! use heaplab_core::{Config, Granule, Heap, Request};
//!
//! let mut heap = Heap::<Compaction>::new(5, &Config::new().with_granule(Granule::BYTE))?;
//! let mut blocks = Vec::new();
//! for byte in *b"abcde" {
//!     let block = heap.allocate(Request::new(1))?;
//!     heap.write(block)?[0] = byte;
//!     blocks.push(block);
//! }
//! assert_eq!(heap.map(), "XXXXX");
//!
//! heap.free(blocks[1])?;
//! heap.free(blocks[3])?;
//! assert_eq!(heap.map(), "X-X-X");
//! assert!(heap.read(blocks[1]).is_err() && heap.write(blocks[3]).is_err());
//!
//! // No hole holds two bytes. The strategy slides the live blocks together, and the request succeeds.
//! let two = heap.allocate(Request::new(2))?;
//! heap.write(two)?.copy_from_slice(b"fg");
//! assert_eq!(heap.map(), "XXXXX");
//!
//! // Handles follow their blocks, and every live byte is where it belongs.
//! assert_eq!([heap.read(blocks[0])?, heap.read(blocks[2])?, heap.read(blocks[4])?], [b"a", b"c", b"e"]);
//! assert_eq!(heap.read(two)?, b"fg");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Parts
//!
//! - An [`Allocator`] places blocks in an address range and owns no bytes; a [`Strategy`] is one that can be made from a
//!   capacity and a [`Config`], and that declares its [`Capabilities`].
//! - A [`Memory`] holds the bytes, if there are any: a buffer, a [`Counter`] in front of one, or nothing at all (`()`).
//! - A [`Handle`] names a live block; a stale or foreign one is refused.
//! - A [`Heap`] joins an allocator and a buffer: allocate, free, resize, read, write, and a picture of it all.
//! - A [`Registry`] holds strategies under their names and visits them with their concrete types.
//!
//! What the words mean stands in [`terms`].
//!
//! # Exact rules
//!
//! A length is the size rounded up to the granule, at least one granule. Alignments up to the granule are free; for a
//! larger one the block starts at the lowest suitable address of its hole, and what is skipped stays a hole. A freed
//! block coalesces at once with the holes beside it. The wilderness is taken only when no hole fits. A refused request
//! changes nothing.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod allocator;
mod error;
mod handle;
mod heap;
mod memory;
mod registry;
mod request;
mod strategy;
pub mod terms;

pub use allocator::{Allocator, Block, Hole, Piece, Usage};
pub use error::{AllocError, ConfigError, InvalidHandle, Shortage};
pub use handle::{Handle, TAGS_PER_SLOT, fresh_tag_base};
pub use heap::{Heap, map};
pub use memory::{Counter, Memory};
pub use registry::{Empty, Entry, Registry, StrategyList, Visitor};
pub use request::{Granule, Request, align_up};
pub use strategy::{Capabilities, Config, Kind, Parameter, Policy, Strategy};
