//! The mechanism that heaplab's strategies share; which hole is chosen is theirs.
//!
//! # Data structures
//!
//! A [`BlockTable`] holds one entry of 32 bytes for each block and each hole, linked in address order. Lengths are not
//! stored: pieces tile the heap, so an entry ends where the next begins. A handle is an entry's index and a tag, so it
//! leads straight to its block.
//!
//! ```text
//! heap       XXXX----XX--XXXX~~~~~~~~      X block   - hole   ~ wilderness
//! entries    a   b   c d e   0             0 is the sentinel; its offset is the end of the last block
//!            a ⇄ b ⇄ c ⇄ d ⇄ e ⇄ 0
//! ```
//!
//! A [`HoleIndex`] finds holes, and keeps its links in the holes' own entries: it allocates nothing as holes come and
//! go. [`LatestAside`] keeps the latest hole out of an index until the next one comes. [`Bins`](bins::Bins) sort holes by length, with the lowest of each class at hand; best fit, worst fit and first
//! fit search in them. [`treap`] keeps holes in any order.
//!
//! [`Fits`] joins a table and an index to an allocator; with a [`FitPolicy`] it is a strategy.
//!
//! # Operations
//!
//! *Allocate* asks the index for a hole, has the index give it up, lets the table split it, and hands the remainder
//! back. *Free* has the index give up the holes on both sides, lets the table coalesce, and hands the one hole in.
//! *Resize* changes the block where it stands if it can; else the block gets a twin in a new place, the bytes are
//! relocated, and the two entries change places in the order, so that the handle stays.
//!
//! # Invariants
//!
//! They stand at each type; `check_invariants` has the same order. An operation reserves the slots that it may need
//! before it changes anything, so no failure leaves a trace.
//!
//! # Costs
//!
//! Table operations touch a piece and its two neighbors. The table grows by a quarter at a time; once it is as large as
//! the heap's liveliest moment demands, no operation allocates.
//!
//! # Sources
//!
//! Side tables with handles: `OffsetAllocator` (Aaltonen, 2023). Bitmaps over length classes: TLSF (Masmano et al.,
//! 2004). Pairing heap: Fredman et al., 1986. Treap: Seidel and Aragon, 1996.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod aside;
pub mod bins;
pub mod classes;
mod exact;
mod fits;
mod heap_of_holes;
mod hole_index;
mod residues;
mod shortest;
mod table;
pub mod treap;

pub use aside::{Choosing, LatestAside};
pub use fits::Fits;
pub use hole_index::{FitPolicy, HoleIndex, Taken};
pub use residues::Residues;
pub use shortest::ShortestFit;
pub use table::{BlockTable, Entries, Entry, Id, NIL, Split};
