//! Which hole is taken: the rule, and the list in which holes are found.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, NIL, bins};
use heaplab_core::{ConfigError, Granule, Hole};

/// What the hole would cost a block of `len` bytes, which it can hold: the hole of least cost is taken.
///
/// **This is the place for an idea.** Here: how many doublings the remainder is long, then the address.
const fn cost(hole: Hole, len: u64) -> (u32, u64) {
    let remainder = hole.len - len;
    (u64::BITS - remainder.leading_zeros(), hole.offset)
}

const NEXT: usize = 0;
const BEFORE: usize = 1;

/// All holes in one list, the newest first.
///
/// Invariant: from `first` on, the holes' first links lead to each hole once, and their second links lead back.
#[derive(Debug)]
pub struct CheapestHole {
    first: Id,
}

impl CheapestHole {
    fn holes<'a>(&self, entries: &'a [Entry]) -> impl Iterator<Item = Id> + use<'a> {
        let some = |id: Id| (id != NIL).then_some(id);
        core::iter::successors(some(self.first), move |&hole| some(entries.links(hole)[NEXT]))
    }
}

impl HoleIndex for CheapestHole {
    type Position = ();

    fn new(_capacity_bytes: u64, _granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self { first: NIL })
    }

    fn insert(&mut self, entries: &mut [Entry], hole: Id, _len: u64) {
        if self.first != NIL {
            entries.links_mut(self.first)[BEFORE] = hole;
        }
        let links = entries.links_mut(hole);
        (links[NEXT], links[BEFORE]) = (self.first, NIL);
        self.first = hole;
    }

    fn remove(&mut self, entries: &mut [Entry], hole: Id, _len: u64) {
        let [next, before, _] = *entries.links(hole);
        if before == NIL {
            self.first = next;
        } else {
            entries.links_mut(before)[NEXT] = next;
        }
        if next != NIL {
            entries.links_mut(next)[BEFORE] = before;
        }
    }

    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        let fitting = self.holes(entries).filter(|&hole| bins::fits(entries, hole, len, align));
        fitting.min_by_key(|&id| {
            cost(Hole { offset: entries.offset(id), len: entries.len_of(id) }, len)
        })
    }

    fn largest(&self, entries: &[Entry]) -> u64 {
        self.holes(entries).map(|hole| entries.len_of(hole)).max().unwrap_or(0)
    }

    fn clear(&mut self) {
        self.first = NIL;
    }

    fn metadata_bytes(&self) -> u64 {
        0
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        let (mut before, mut counted) = (NIL, 0);
        for hole in self.holes(entries) {
            if !entries.is_hole(hole) || entries.links(hole)[BEFORE] != before || counted == holes {
                return Err(format!("entry {hole} is misplaced behind hole {before} in the list"));
            }
            (before, counted) = (hole, counted + 1);
        }
        if counted == holes {
            Ok(())
        } else {
            Err(format!("the list holds {counted} holes, the table {holes}"))
        }
    }
}
