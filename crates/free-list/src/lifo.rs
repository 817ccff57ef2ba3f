//! One list of holes, the most recently made first.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, NIL, bins};
use heaplab_core::{ConfigError, Granule};

const NEXT: usize = 0;
const BEFORE: usize = 1;

/// The most recently made hole that can hold the block.
///
/// A remainder keeps its hole's position in the list; of a hole that is left on both sides of an aligned block, the
/// front part stays and the part behind the block follows it. A hole that grew by coalescing counts as new.
///
/// Invariant: the list from `first` by the holes' first links holds each hole once, and their second links lead back.
#[derive(Debug)]
pub struct NewestFit {
    first: Id,
}

impl NewestFit {
    /// Links `hole` in right behind `before`, at the front for [`NIL`].
    #[inline]
    fn link_after(&mut self, entries: &mut [Entry], before: Id, hole: Id) {
        let next = if before == NIL { self.first } else { entries.links(before)[NEXT] };
        if before == NIL {
            self.first = hole;
        } else {
            entries.links_mut(before)[NEXT] = hole;
        }
        if next != NIL {
            entries.links_mut(next)[BEFORE] = hole;
        }
        let links = entries.links_mut(hole);
        (links[NEXT], links[BEFORE]) = (next, before);
    }

    fn holes<'a>(&self, entries: &'a [Entry]) -> impl Iterator<Item = Id> + use<'a> {
        let link = |id: Id| (id != NIL).then_some(id);
        core::iter::successors(link(self.first), move |&hole| link(entries.links(hole)[NEXT]))
    }
}

impl HoleIndex for NewestFit {
    /// The hole before it in the list, [`NIL`] at the front.
    type Position = Id;

    fn new(_capacity_bytes: u64, _granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self { first: NIL })
    }

    #[inline]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, _len: u64) {
        self.link_after(entries, NIL, hole);
    }

    #[inline]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, _len: u64) -> Id {
        let [next, before, _] = *entries.links(hole);
        if before == NIL {
            self.first = next;
        } else {
            entries.links_mut(before)[NEXT] = next;
        }
        if next != NIL {
            entries.links_mut(next)[BEFORE] = before;
        }
        before
    }

    #[inline]
    fn insert_at(&mut self, entries: &mut [Entry], hole: Id, _len: u64, position: Id) -> Id {
        self.link_after(entries, position, hole);
        hole
    }

    #[inline]
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        self.holes(entries).find(|&hole| bins::fits(entries, hole, len, align))
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
