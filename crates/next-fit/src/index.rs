//! The index that finds the next hole behind the rover.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::treap::{self, ByAddress};
use heaplab_blocks::{BlockTable, HoleIndex, Id, NIL, bins};
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
    fn insert(&mut self, table: &mut BlockTable, hole: Id) {
        self.root = treap::insert::<ByAddress>(table, self.root, hole);
    }

    #[inline]
    fn remove(&mut self, table: &mut BlockTable, hole: Id) {
        self.root = treap::remove::<ByAddress>(table, self.root, hole);
    }

    #[inline]
    fn find(&self, table: &BlockTable, len: u64, align: u64) -> Option<Id> {
        let long_enough = |hole| table.len(hole) >= len;
        let suits = |hole| bins::fits(table, hole, len, align);
        let behind_rover = |hole| table.offset(hole) >= self.rover;
        treap::first_fit(table, self.root, &behind_rover, &long_enough, &suits)
            .or_else(|| treap::first_fit(table, self.root, &|_| true, &long_enough, &suits))
    }

    #[inline]
    fn placed(&mut self, end: u64) {
        self.rover = end;
    }

    fn largest(&self, table: &BlockTable) -> u64 {
        if self.root == NIL { 0 } else { table.len(treap::best(table, self.root)) }
    }

    fn clear(&mut self) {
        self.root = NIL;
    }

    fn metadata_bytes(&self) -> u64 {
        0
    }

    fn check_invariants(&self, table: &BlockTable, holes: u64) -> Result<(), String> {
        let counted = treap::check::<ByAddress>(table, self.root)?;
        if counted == holes {
            Ok(())
        } else {
            Err(format!("the treap holds {counted} holes, the table {holes}"))
        }
    }
}
