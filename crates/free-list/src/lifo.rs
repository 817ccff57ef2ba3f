//! One list of holes, the most recently made first.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::{BlockTable, HoleIndex, Id, NIL, bins};
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
    fn link_after(&mut self, table: &mut BlockTable, before: Id, hole: Id) {
        let next = if before == NIL { self.first } else { table.links(before)[NEXT] };
        if before == NIL {
            self.first = hole;
        } else {
            table.links_mut(before)[NEXT] = hole;
        }
        if next != NIL {
            table.links_mut(next)[BEFORE] = hole;
        }
        let links = table.links_mut(hole);
        (links[NEXT], links[BEFORE]) = (next, before);
    }

    fn holes<'a>(&self, table: &'a BlockTable) -> impl Iterator<Item = Id> + use<'a> {
        let link = |id: Id| (id != NIL).then_some(id);
        core::iter::successors(link(self.first), move |&hole| link(table.links(hole)[NEXT]))
    }
}

impl HoleIndex for NewestFit {
    /// The hole before it in the list, [`NIL`] at the front.
    type Position = Id;

    fn new(_capacity_bytes: u64, _granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self { first: NIL })
    }

    #[inline]
    fn insert(&mut self, table: &mut BlockTable, hole: Id) {
        self.link_after(table, NIL, hole);
    }

    #[inline]
    fn remove(&mut self, table: &mut BlockTable, hole: Id) -> Id {
        let [next, before, _] = *table.links(hole);
        if before == NIL {
            self.first = next;
        } else {
            table.links_mut(before)[NEXT] = next;
        }
        if next != NIL {
            table.links_mut(next)[BEFORE] = before;
        }
        before
    }

    #[inline]
    fn insert_at(&mut self, table: &mut BlockTable, hole: Id, position: Id) -> Id {
        self.link_after(table, position, hole);
        hole
    }

    #[inline]
    fn find(&self, table: &BlockTable, len: u64, align: u64) -> Option<Id> {
        self.holes(table).find(|&hole| bins::fits(table, hole, len, align))
    }

    fn largest(&self, table: &BlockTable) -> u64 {
        self.holes(table).map(|hole| table.len(hole)).max().unwrap_or(0)
    }

    fn clear(&mut self) {
        self.first = NIL;
    }

    fn metadata_bytes(&self) -> u64 {
        0
    }

    fn check_invariants(&self, table: &BlockTable, holes: u64) -> Result<(), String> {
        let (mut before, mut counted) = (NIL, 0);
        for hole in self.holes(table) {
            if !table.is_hole(hole) || table.links(hole)[BEFORE] != before || counted == holes {
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
