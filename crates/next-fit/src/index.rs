//! The index that finds the next hole behind the rover.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::treap::{self, ByAddress};
use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, NIL, bins};
use heaplab_core::{ConfigError, Granule};

/// The first hole that can hold the block and starts at or above the rover, else the first from address 0.
///
/// The rover is the end of the block most recently placed by a search; it starts at 0 and stays where it is at frees
/// and at resizes in place. All holes are in one treap by address in which each hole knows the longest below it.
#[derive(Debug)]
pub struct RoverFit {
    root: Id,
    rover: u64,
}

impl HoleIndex for RoverFit {
    type Position = ();

    fn new(_capacity_bytes: u64, _granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self { root: NIL, rover: 0 })
    }

    #[inline]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, _len: u64) {
        self.root = treap::insert::<ByAddress>(entries, self.root, hole);
    }

    #[inline]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, _len: u64) {
        self.root = treap::remove::<ByAddress>(entries, self.root, hole);
    }

    #[inline]
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        let long_enough = |hole| entries.len_of(hole) >= len;
        let suits = |hole| bins::fits(entries, hole, len, align);
        let behind_rover = |hole| entries.offset(hole) >= self.rover;
        treap::first_fit(entries, self.root, &behind_rover, &long_enough, &suits)
            .or_else(|| treap::first_fit(entries, self.root, &|_| true, &long_enough, &suits))
    }

    #[inline]
    fn placed(&mut self, entries: &[Entry], block: Id) {
        self.rover = entries.offset(entries.next(block));
    }

    fn largest(&self, entries: &[Entry]) -> u64 {
        if self.root == NIL { 0 } else { entries.len_of(treap::best(entries, self.root)) }
    }

    fn clear(&mut self) {
        self.root = NIL;
    }

    fn metadata_bytes(&self) -> u64 {
        0
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        let counted = treap::check::<ByAddress>(entries, self.root)?;
        if counted == holes {
            Ok(())
        } else {
            Err(format!("the treap holds {counted} holes, the table {holes}"))
        }
    }
}
