//! The latest hole, kept aside: programs often ask for what they have just given back.

use alloc::format;
use alloc::string::String;

use heaplab_core::{ConfigError, Granule};

use crate::bins::fits;
use crate::hole_index::{HoleIndex, Taken};
use crate::table::{Entries as _, Entry, Id, NIL};

/// An index that can say what it would choose, and whether a hole that it does not hold comes before that.
///
/// What [`LatestAside`] asks for.
pub trait Choosing: HoleIndex<Position = ()> {
    /// What would be chosen, or that nothing would.
    type Choice: Copy;

    /// Whether a hole of `len` bytes may be kept aside: one for which [`Choosing::comes_before_choice`] can tell.
    fn may_wait(&self, len: u64) -> bool;

    /// What would be chosen for a block of `len` bytes without an alignment above the granule.
    fn choose(&self, len: u64) -> Self::Choice;

    /// Whether a waiting hole, given with its length, holds a block of `len` bytes and is preferred to what was chosen for
    /// it. A hole of no length stands for none, and holds nothing.
    fn comes_before_choice(
        &self,
        entries: &[Entry],
        hole: (Id, u64),
        len: u64,
        choice: Self::Choice,
    ) -> bool;

    /// Gives up what was chosen for a block of `len` bytes.
    fn take_choice(
        &mut self,
        entries: &mut [Entry],
        len: u64,
        choice: Self::Choice,
    ) -> Option<Taken<()>>;

    /// Whether a hole is preferred to another one, for a block that fits in both.
    fn comes_before(entries: &[Entry], hole: Id, other: Id) -> bool;
}

/// An index beside which the latest hole waits: it is taken in only when the next one comes.
///
/// A program that frees a block often asks for one of the same size next, frees blocks one beside the other, or has them
/// carved from one hole one after the other: three in ten holes of real programs are gone before the next one comes.
/// They never enter the index. A search compares what the index would choose with the hole that waits, so that the
/// choice is the same as without.
///
/// ```text
/// free a        a waits
/// free b        a enters, b waits                     b is not beside a
/// allocate      b is taken, and its rest waits        b comes before what the index would choose
/// free c        the rest is given up, c waits         c is beside the rest, and has grown over it
/// ```
///
/// Invariant: all holes but the one that waits are in the index.
#[derive(Debug)]
pub struct LatestAside<I> {
    /// The hole that waits, [`NIL`] for none.
    hole: Id,
    /// Its length in bytes, 0 for none.
    len: u64,
    index: I,
}

impl<I: Choosing> LatestAside<I> {
    /// An index beside which no hole waits yet.
    #[must_use]
    pub const fn of(index: I) -> Self {
        Self { hole: NIL, len: 0, index }
    }

    const fn forget(&mut self) {
        (self.hole, self.len) = (NIL, 0);
    }

    /// What the index has found for a block, or the hole that waits if that is preferred.
    fn preferred(&self, entries: &[Entry], found: Option<Id>, len: u64, align: u64) -> Option<Id> {
        let latest = self.hole;
        if latest == NIL || !fits(entries, latest, len, align) {
            return found;
        }
        let is_first = |&hole: &Id| I::comes_before(entries, hole, latest);
        Some(found.filter(is_first).unwrap_or(latest))
    }
}

impl<I: Choosing> HoleIndex for LatestAside<I> {
    type Position = ();

    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self::of(I::new(capacity_bytes, granule)?))
    }

    #[inline(always)]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        if !self.index.may_wait(len) {
            return self.index.insert(entries, hole, len);
        }
        let (before, before_len) = (self.hole, self.len);
        (self.hole, self.len) = (hole, len);
        if before_len != 0 {
            self.index.insert(entries, before, before_len);
        }
    }

    #[inline(always)]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        if hole == self.hole {
            self.forget();
        } else {
            self.index.remove(entries, hole, len);
        }
    }

    #[inline(always)]
    fn take(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        let choice = self.index.choose(len);
        if self.index.comes_before_choice(entries, (self.hole, self.len), len, choice) {
            let taken = Taken { hole: self.hole, len: self.len, position: () };
            self.forget();
            return Some(taken);
        }
        self.index.take_choice(entries, len, choice)
    }

    #[inline]
    fn find_aligned(&self, entries: &[Entry], len: u64, align: u64, looks: &mut u64) -> Option<Id> {
        let found = self.index.find_aligned(entries, len, align, looks);
        self.preferred(entries, found, len, align)
    }

    #[inline]
    fn count_looks(&mut self, looks: u64) {
        self.index.count_looks(looks);
    }

    #[inline]
    fn adapt(&mut self, entries: &mut [Entry]) {
        self.index.adapt(entries);
    }

    #[inline]
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        self.preferred(entries, self.index.find(entries, len, align), len, align)
    }

    fn largest(&self, entries: &[Entry]) -> u64 {
        self.index.largest(entries).max(self.len)
    }

    fn clear(&mut self) {
        self.forget();
        self.index.clear();
    }

    fn metadata_bytes(&self) -> u64 {
        self.index.metadata_bytes()
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        if self.hole == NIL {
            return self.index.check_invariants(entries, holes);
        }
        if !entries.is_hole(self.hole) || entries.len_of(self.hole) != self.len {
            return Err(format!("entry {} waits as a hole of {} bytes", self.hole, self.len));
        }
        self.index.check_invariants(entries, holes - 1)
    }
}
