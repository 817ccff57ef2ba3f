//! The holes of the exact classes, newest first: a list for each length, or one for each length and residue.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::classes::Class;
use heaplab_blocks::{Entries as _, Entry, Id, NIL, Residues};
use heaplab_core::{ConfigError, Granule};

const NEXT: usize = 0;
const BEFORE: usize = 1;
const STAMP: usize = 2;

/// All holes of the exact classes.
///
/// Links of a hole: the next older of its list, the next newer of its list, and, once they are parted, a stamp. Stamps
/// rise with every hole taken in, so of the first holes of a row of lists the one with the highest is the newest.
///
/// Invariants
///
/// 1. Each hole is in the list of its class, and of its residue if they are parted.
/// 2. In each list first links lead from the newest to the oldest, second links lead back, and stamps fall.
#[derive(Debug)]
pub(crate) struct ExactLists {
    firsts: Residues,
    /// The highest stamp given.
    stamp: u32,
}

impl ExactLists {
    /// No holes, for `classes` classes.
    pub(crate) fn new(classes: usize, granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self { firsts: Residues::new(classes, granule)?, stamp: 0 })
    }

    /// The newest hole of a class, [`NIL`] for none.
    #[inline(always)]
    pub(crate) fn newest(&self, entries: &[Entry], class: Class) -> Id {
        if self.firsts.are_parted() {
            self.newest_of_row(entries, class)
        } else {
            self.firsts.whole(class)
        }
    }

    #[inline(never)]
    fn newest_of_row(&self, entries: &[Entry], class: Class) -> Id {
        self.firsts.row(class).iter().fold(NIL, |newest, &hole| newer(entries, newest, hole))
    }

    /// Takes in a hole.
    #[inline(always)]
    pub(crate) fn insert(&mut self, entries: &mut [Entry], class: Class, hole: Id) {
        if self.firsts.are_parted() {
            return self.insert_into_row(entries, class, hole);
        }
        push(entries, self.firsts.whole_mut(class), hole, 0);
    }

    #[inline(never)]
    fn insert_into_row(&mut self, entries: &mut [Entry], class: Class, hole: Id) {
        if self.stamp == u32::MAX {
            self.renumber(entries);
        }
        self.stamp += 1;
        let first = self.firsts.head_mut(class, entries.offset(hole));
        push(entries, first, hole, self.stamp);
    }

    /// Gives up a hole of a class; returns whether the class is empty now.
    #[inline(always)]
    pub(crate) fn remove(&mut self, entries: &mut [Entry], class: Class, hole: Id) -> bool {
        let [next, before, _] = *entries.links(hole);
        // Where there is no neighbor these write to the sentinel, whose links mean nothing.
        entries.links_mut(next)[BEFORE] = before;
        entries.links_mut(before)[NEXT] = next;
        if before != NIL {
            return false;
        }
        *self.firsts.head_mut(class, entries.offset(hole)) = next;
        next == NIL && (!self.firsts.are_parted() || self.firsts.is_empty(class))
    }

    /// Gives up the newest hole of a class that has one; returns it, and whether the class is empty now.
    #[inline(always)]
    pub(crate) fn pop(&mut self, entries: &mut [Entry], class: Class) -> (Id, bool) {
        if self.firsts.are_parted() {
            return self.pop_from_row(entries, class);
        }
        let first = self.firsts.whole_mut(class);
        let hole = *first;
        let next = entries.links(hole)[NEXT];
        *first = next;
        entries.links_mut(next)[BEFORE] = NIL;
        (hole, next == NIL)
    }

    #[inline(never)]
    fn pop_from_row(&mut self, entries: &mut [Entry], class: Class) -> (Id, bool) {
        let hole = self.newest_of_row(entries, class);
        (hole, self.remove(entries, class, hole))
    }

    /// The newest hole of a class in which `len` bytes fit at alignment `align`, above the granule; [`NIL`] for none.
    /// No hole of the class is shorter than `len`.
    ///
    /// Adds to `looks` how many holes were looked at that may not have suited.
    pub(crate) fn newest_suiting(
        &self,
        entries: &[Entry],
        class: Class,
        (len, align): (u64, u64),
        looks: &mut u64,
    ) -> Id {
        let search = |first, suits: &dyn Fn(u64) -> bool| {
            let found = list(entries, first).find(|&hole| {
                *looks += 1;
                suits(entries.offset(hole))
            });
            found.unwrap_or(NIL)
        };
        self.firsts.best_suiting(class, (len, align), search, |a, b| newer(entries, a, b))
    }

    /// See [`Residues::count_looks`].
    #[inline]
    pub(crate) const fn count_looks(&mut self, looks: u64) {
        self.firsts.count_looks(looks);
    }

    /// Parts the holes if searches have looked at too many.
    #[inline]
    pub(crate) fn adapt(&mut self, entries: &mut [Entry]) {
        if self.firsts.should_part() {
            self.part(entries);
        }
    }

    #[cold]
    #[inline(never)]
    fn part(&mut self, entries: &mut [Entry]) {
        for (class, first) in (0..).zip(self.firsts.part().unwrap_or_default()) {
            let mut hole = list(entries, first).last().unwrap_or(NIL);
            // From the oldest to the newest, by the links back.
            while hole != NIL {
                let newer = entries.links(hole)[BEFORE];
                self.insert_into_row(entries, class, hole);
                hole = newer;
            }
        }
    }

    /// Gives all holes the lowest stamps that keep their order within their class, after 2³² have been given.
    #[cold]
    #[inline(never)]
    fn renumber(&mut self, entries: &mut [Entry]) {
        self.stamp = 0;
        for row in self.firsts.rows() {
            let mut next = row.map(|first| list(entries, first).last().unwrap_or(NIL));
            let mut stamp = 0;
            while let Some(at) = (0..next.len())
                .filter(|&at| next[at] != NIL)
                .min_by_key(|&at| entries.links(next[at])[STAMP])
            {
                stamp += 1;
                let links = entries.links_mut(next[at]);
                links[STAMP] = stamp;
                next[at] = links[BEFORE];
            }
            self.stamp = self.stamp.max(stamp);
        }
    }

    /// Forgets all holes.
    pub(crate) fn clear(&mut self) {
        self.firsts.clear();
    }

    /// Bytes outside the value itself.
    pub(crate) const fn metadata_bytes(&self) -> u64 {
        self.firsts.metadata_bytes()
    }

    /// Counts the holes of a class, at most `most`; checks their links, stamps and residues, and that each `belongs` here.
    pub(crate) fn check(
        &self,
        entries: &[Entry],
        class: Class,
        most: u64,
        belongs: impl Fn(Id) -> bool,
    ) -> Result<u64, String> {
        let mut count = 0;
        for (index, &first) in self.firsts.row(class).iter().enumerate() {
            let mut before = NIL;
            for hole in list(entries, first) {
                let is_in_order = !self.firsts.are_parted()
                    || (before == NIL || is_newer(entries, before, hole))
                        && entries.links(hole)[STAMP] <= self.stamp;
                let is_linked = entries.links(hole)[BEFORE] == before;
                let is_here = belongs(hole) && self.firsts.belongs(entries, hole, index);
                if !is_here || !is_linked || !is_in_order || count == most {
                    return Err(format!("entry {hole} is misplaced in the lists of class {class}"));
                }
                (before, count) = (hole, count + 1);
            }
        }
        Ok(count)
    }
}

/// Puts a hole at the head of a list.
#[inline(always)]
fn push(entries: &mut [Entry], first: &mut Id, hole: Id, stamp: u32) {
    let next = core::mem::replace(first, hole);
    *entries.links_mut(hole) = [next, NIL, stamp];
    // Without a next hole this writes to the sentinel, whose second link means nothing.
    entries.links_mut(next)[BEFORE] = hole;
}

/// The holes of a list, newest first.
fn list(entries: &[Entry], first: Id) -> impl Iterator<Item = Id> {
    let link = |id: Id| (id != NIL).then_some(id);
    core::iter::successors(link(first), move |&hole| link(entries.links(hole)[NEXT]))
}

#[inline(always)]
fn is_newer(entries: &[Entry], a: Id, b: Id) -> bool {
    entries.links(a)[STAMP] > entries.links(b)[STAMP]
}

/// The newer of two holes, each of which may be [`NIL`].
#[inline(always)]
fn newer(entries: &[Entry], a: Id, b: Id) -> Id {
    if a == NIL || (b != NIL && is_newer(entries, b, a)) { b } else { a }
}

#[cfg(test)]
mod tests {
    use heaplab_blocks::{Fits, HoleIndex as _};
    use heaplab_core::{Allocator as _, Granule, Request};

    use crate::NewestOfShortestFit;

    /// The order of freeing survives parting, and stamps that start again from the lowest.
    #[test]
    fn the_newest_comes_first_before_and_after_renumbering() {
        let granule = Granule::DEFAULT;
        let index = NewestOfShortestFit::new(1 << 20, granule).unwrap();
        let table = heaplab_blocks::BlockTable::new(1 << 20, granule).unwrap();
        let mut fits: Fits<_> = Fits::from_parts(table, index);
        let blocks: alloc::vec::Vec<_> =
            (0..400).map(|_| fits.allocate(Request::new(16)).unwrap()).collect();
        let offset = |fits: &Fits<_>, handle| fits.block(handle).unwrap().offset;
        // Every other block, in an order that is not that of the addresses.
        let order: alloc::vec::Vec<_> = (0..200).map(|i| i * 67 % 200 * 2).collect();
        let places: alloc::vec::Vec<_> = order.iter().map(|&i| offset(&fits, blocks[i])).collect();
        for &i in &order[..150] {
            fits.free(blocks[i]).unwrap();
        }
        fits.parts_mut().1.exact_mut().count_looks(1_000);
        let aligned = fits.allocate(Request::aligned(16, 64)).unwrap();
        let newest = places[..150].iter().rposition(|place| place % 64 == 0).unwrap();
        assert_eq!(offset(&fits, aligned), places[newest]);
        assert!(fits.parts_mut().1.exact_mut().firsts.are_parted());

        fits.parts_mut().1.exact_mut().stamp = u32::MAX - 20;
        for &i in &order[150..] {
            fits.free(blocks[i]).unwrap();
        }
        fits.check_invariants().unwrap();
        let stamp = fits.parts_mut().1.exact_mut().stamp;
        assert!(stamp < 400, "stamps go on from {stamp}");
        for at in (0..200).rev().filter(|&at| at != newest) {
            let block = fits.allocate(Request::new(16)).unwrap();
            assert_eq!(offset(&fits, block), places[at], "hole {at} of those freed");
        }
    }
}
