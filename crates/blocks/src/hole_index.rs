//! What a strategy adds to the shared mechanism: where a block goes, and what it declares of itself.

use alloc::string::String;

use heaplab_core::{Capabilities, ConfigError, Granule};

use crate::table::{BlockTable, Id};

/// Finds holes: the only thing in which one fit differs from another.
///
/// An index stores its links in the holes' own entries ([`BlockTable::links_mut`]), so that it allocates nothing as
/// holes come and go. A hole is given up (`remove`) before its place or length changes, and handed in again
/// afterwards.
pub trait HoleIndex: Sized {
    /// Where in the index a hole was, for indices that keep an order of their own; `()` for most.
    type Position: Copy + Default;

    /// An index without holes, for a heap of `capacity_bytes`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] if there is no memory for its fixed part.
    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError>;

    /// Takes in a hole that has just been made by a free or a shrink, or has grown by one.
    fn insert(&mut self, table: &mut BlockTable, hole: Id);

    /// Gives up a hole.
    fn remove(&mut self, table: &mut BlockTable, hole: Id) -> Self::Position;

    /// Takes in what is left of a hole that was given up at `position`, and returns the position right behind it.
    fn insert_at(
        &mut self,
        table: &mut BlockTable,
        hole: Id,
        position: Self::Position,
    ) -> Self::Position {
        self.insert(table, hole);
        position
    }

    /// The hole that the policy chooses for a block of `len` bytes, a multiple of the granule, at alignment `align`
    /// bytes, at least the granule; `None` if no hole can hold it.
    fn find(&self, table: &BlockTable, len: u64, align: u64) -> Option<Id>;

    /// A hole for the block when neither [`HoleIndex::find`] nor the wilderness has room: for indices whose `find` may
    /// overlook holes that fit.
    #[inline]
    fn find_last(&self, _table: &BlockTable, _len: u64, _align: u64) -> Option<Id> {
        None
    }

    /// Hears of a block placed by a search, in a hole or in the wilderness, that ends at `end`.
    #[inline]
    fn placed(&mut self, _end: u64) {}

    /// The length of the longest hole in bytes, 0 if there is none.
    fn largest(&self, table: &BlockTable) -> u64;

    /// Forgets all holes.
    fn clear(&mut self);

    /// Bytes of the index outside the table's entries.
    fn metadata_bytes(&self) -> u64;

    /// Checks the index against the table, which holds `holes` holes.
    ///
    /// # Errors
    ///
    /// A description of the first contradiction.
    fn check_invariants(&self, table: &BlockTable, holes: u64) -> Result<(), String>;
}

/// A fit as a strategy: its index, and what it declares of itself.
///
/// A strategy crate implements this for a type of its own and names `Fits<Index, ThatType>`.
pub trait FitPolicy {
    /// What chooses the holes.
    type Index: HoleIndex;

    /// See [`Strategy::CAPABILITIES`](heaplab_core::Strategy::CAPABILITIES).
    const CAPABILITIES: Capabilities;
}
