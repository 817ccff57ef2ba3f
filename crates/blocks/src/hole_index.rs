//! What a strategy adds to the shared mechanism: where a block goes, and what it declares of itself.

use alloc::string::String;

use heaplab_core::{Capabilities, Config, ConfigError, Granule};

use crate::table::{Entries as _, Entry, Id};

/// A hole that an index has chosen and given up.
#[derive(Clone, Copy, Debug)]
pub struct Taken<P> {
    /// The hole.
    pub hole: Id,
    /// Its length in bytes.
    pub len: u64,
    /// Where in the index it was.
    pub position: P,
}

/// Finds holes: the only thing in which one fit differs from another.
///
/// An index stores its links in the holes' own entries ([`Entries::links_mut`](crate::Entries::links_mut)), so that it allocates nothing as
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

    /// Takes in a hole of `len` bytes that has just been made by a free or a shrink, or has grown by one.
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64);

    /// Gives up a hole of `len` bytes.
    fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) -> Self::Position;

    /// Takes in the `len` bytes left of a hole that was given up at `position`, and returns the position right behind.
    #[inline(always)]
    fn insert_at(
        &mut self,
        entries: &mut [Entry],
        hole: Id,
        len: u64,
        position: Self::Position,
    ) -> Self::Position {
        self.insert(entries, hole, len);
        position
    }

    /// Chooses a hole for a block of `len` bytes without an alignment above the granule, and gives it up.
    ///
    /// As [`HoleIndex::find`] and [`HoleIndex::remove`] one after the other; an index that finds a hole where it can
    /// take it out at once does both in one step.
    #[inline(always)]
    fn take(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<Self::Position>> {
        let hole = self.find(entries, len, 1)?;
        let len = entries.len_of(hole);
        Some(Taken { hole, len, position: self.remove(entries, hole, len) })
    }

    /// Chooses a hole for a block of `len` bytes at alignment `align`, above the granule, and gives it up.
    ///
    /// As [`HoleIndex::find`] and [`HoleIndex::remove`] one after the other.
    #[inline]
    fn take_aligned(
        &mut self,
        entries: &mut [Entry],
        len: u64,
        align: u64,
    ) -> Option<Taken<Self::Position>> {
        let mut looks = 0;
        let found = self.find_aligned(entries, len, align, &mut looks);
        self.count_looks(looks);
        let hole = found?;
        let len = entries.len_of(hole);
        Some(Taken { hole, len, position: self.remove(entries, hole, len) })
    }

    /// As [`HoleIndex::find`] for an alignment above the granule; adds to `looks` how many holes were looked at that may
    /// not have suited, if the index wants to know.
    #[inline]
    fn find_aligned(
        &self,
        entries: &[Entry],
        len: u64,
        align: u64,
        _looks: &mut u64,
    ) -> Option<Id> {
        self.find(entries, len, align)
    }

    /// Hears how many holes [`HoleIndex::find_aligned`] looked at that may not have suited.
    #[inline]
    fn count_looks(&mut self, _looks: u64) {}

    /// Hears that a block of an alignment above the granule has been placed: the chance to rearrange the holes for more
    /// of them. A refused request changes nothing, so [`HoleIndex::take_aligned`] is none.
    #[inline]
    fn adapt(&mut self, _entries: &mut [Entry]) {}

    /// The hole that the policy chooses for a block of `len` bytes, a multiple of the granule, at alignment `align`
    /// bytes, at least the granule; `None` if no hole can hold it.
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id>;

    /// A hole for the block when neither [`HoleIndex::find`] nor the wilderness has room: for indices whose `find` may
    /// overlook holes that fit.
    #[inline]
    fn find_last(&self, _entries: &[Entry], _len: u64, _align: u64) -> Option<Id> {
        None
    }

    /// Hears of a block placed by a search, in a hole or in the wilderness.
    #[inline]
    fn placed(&mut self, _entries: &[Entry], _block: Id) {}

    /// The length of the longest hole in bytes, 0 if there is none.
    fn largest(&self, entries: &[Entry]) -> u64;

    /// Forgets all holes.
    fn clear(&mut self);

    /// Bytes of the index outside the table's entries.
    fn metadata_bytes(&self) -> u64;

    /// Checks the index against the table, which holds `holes` holes.
    ///
    /// # Errors
    ///
    /// A description of the first contradiction.
    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String>;
}

/// A fit as a strategy: its index, and what it declares of itself.
///
/// A strategy crate implements this for a type of its own and names `Fits<Index, ThatType>`.
pub trait FitPolicy {
    /// What chooses the holes.
    type Index: HoleIndex;

    /// See [`Strategy::CAPABILITIES`](heaplab_core::Strategy::CAPABILITIES).
    const CAPABILITIES: Capabilities;

    /// The index of an empty heap; for an index that has parameters, with those of the configuration.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], for values out of their range and where there is no memory for it.
    fn index(capacity_bytes: u64, config: &Config) -> Result<Self::Index, ConfigError> {
        Self::Index::new(capacity_bytes, config.granule)
    }
}
