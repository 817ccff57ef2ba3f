//! The index of best fit with the newest of equal holes first.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heaplab_blocks::classes::{Class, ClassSet, Classes, filled};
use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, NIL, Taken, bins};
use heaplab_core::{ConfigError, Granule};

use crate::by_length;

const NEXT: usize = 0;
const BEFORE: usize = 1;

/// The shortest hole that can hold the block, and of those the one that most recently became a hole of its length.
///
/// ```text
/// class      1     2     3    ...  4095 | 4096 ... (64 an octave)
/// set        1     0     1    ...    0  |   1
/// first      |           |              |   |
///          list        list             | treap by (length, newest first)
/// ```
///
/// In an exact class all holes have one length, so the newest is the first of a list, and every operation there
/// touches a hole and the two beside it in its list, whatever the number of holes.
///
/// Invariants
///
/// 1. A class is in the set if and only if it has a first hole.
/// 2. Each hole is in the list or the treap of its length's class, and there is no other hole.
/// 3. From a class's first hole, the holes' first links lead through its list and their second links lead back.
#[derive(Debug)]
pub struct NewestOfShortestFit {
    classes: Classes,
    set: ClassSet,
    /// The newest hole of an exact class, the treap's root of another.
    firsts: Vec<Id>,
    capacity_bytes: u64,
}

impl NewestOfShortestFit {
    /// The shortest hole of a class that suits, and of those the newest.
    fn find_in_class(
        &self,
        entries: &[Entry],
        class: Class,
        suits: impl Fn(Id) -> bool,
    ) -> Option<Id> {
        let first = self.firsts[class as usize];
        if self.classes.is_exact(class) {
            list(entries, first).find(|&hole| suits(hole))
        } else {
            by_length::in_order(entries, first).find(|&hole| suits(hole))
        }
    }

    /// The shortest hole of at least `len` bytes, and of those the newest.
    fn shortest(&self, entries: &[Entry], len: u64) -> Option<Id> {
        let own = self.classes.of(len);
        let class = self.set.at_or_above(own)?;
        let first = self.firsts[class as usize];
        if self.classes.is_exact(class) {
            return Some(first);
        }
        let found = by_length::first_from(entries, first, len);
        if found.is_some() || class != own {
            return found;
        }
        // The class of `len` itself may hold only shorter ones; all of the next hold it.
        let class = self.set.at_or_above(own + 1)?;
        by_length::first_from(entries, self.firsts[class as usize], len)
    }

    /// The shortest fitting hole for an alignment above the granule.
    fn find_aligned(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        // From this length on any hole will do, since offsets are multiples of the granule.
        let ample = len.checked_add(align - self.classes.len_of(1));
        let last = ample.map_or(u64::MAX, |ample| ample.min(self.capacity_bytes));
        let last = self.classes.of(last);
        let mut next = self.set.at_or_above(self.classes.of(len));
        while let Some(class) = next.filter(|&class| class <= last) {
            let suits = |hole| bins::fits(entries, hole, len, align);
            if let Some(hole) = self.find_in_class(entries, class, suits) {
                return Some(hole);
            }
            next = self.set.at_or_above(class + 1);
        }
        self.shortest(entries, ample?)
    }

    #[cold]
    #[inline(never)]
    fn insert_above_exact(&mut self, entries: &mut [Entry], hole: Id, class: Class) {
        let root = &mut self.firsts[class as usize];
        *root = by_length::insert(entries, *root, hole);
        self.set.insert(class);
    }

    #[cold]
    #[inline(never)]
    fn remove_above_exact(&mut self, entries: &mut [Entry], hole: Id, class: Class) {
        let root = &mut self.firsts[class as usize];
        *root = by_length::remove(entries, *root, hole);
        if *root == NIL {
            self.set.remove(class);
        }
    }

    #[cold]
    #[inline(never)]
    fn take_above_exact(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        let hole = self.shortest(entries, len)?;
        let len = entries.len_of(hole);
        self.remove(entries, hole, len);
        Some(Taken { hole, len, position: () })
    }
}

impl HoleIndex for NewestOfShortestFit {
    type Position = ();

    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        let classes = Classes::new(granule);
        let count = classes.count(capacity_bytes);
        let (set, firsts) = (ClassSet::new(count)?, filled(count, NIL)?);
        Ok(Self { classes, set, firsts, capacity_bytes })
    }

    #[inline(always)]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let class = self.classes.of(len);
        if !self.classes.is_exact(class) {
            return self.insert_above_exact(entries, hole, class);
        }
        let next = core::mem::replace(&mut self.firsts[class as usize], hole);
        *entries.links_mut(hole) = [next, NIL, NIL];
        // Without a next hole this writes to the sentinel, whose links mean nothing.
        entries.links_mut(next)[BEFORE] = hole;
        // Whether it is a member already cannot be foretold, and adding it again costs less than a wrong guess.
        self.set.insert(class);
    }

    #[inline(always)]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let class = self.classes.of(len);
        if !self.classes.is_exact(class) {
            return self.remove_above_exact(entries, hole, class);
        }
        let [next, before, _] = *entries.links(hole);
        // Where there is no neighbor these write to the sentinel, whose links mean nothing.
        entries.links_mut(next)[BEFORE] = before;
        entries.links_mut(before)[NEXT] = next;
        if before == NIL {
            self.firsts[class as usize] = next;
            if next == NIL {
                self.set.remove(class);
            }
        }
    }

    #[inline(always)]
    fn take(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        let class = self.set.at_or_above(self.classes.of(len))?;
        if !self.classes.is_exact(class) {
            return self.take_above_exact(entries, len);
        }
        let first = &mut self.firsts[class as usize];
        let hole = *first;
        let next = entries.links(hole)[NEXT];
        *first = next;
        entries.links_mut(next)[BEFORE] = NIL;
        if next == NIL {
            self.set.remove(class);
        }
        Some(Taken { hole, len: self.classes.len_of(class), position: () })
    }

    #[inline]
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        if align <= self.classes.len_of(1) {
            self.shortest(entries, len)
        } else {
            self.find_aligned(entries, len, align)
        }
    }

    fn largest(&self, entries: &[Entry]) -> u64 {
        let Some(class) = self.set.highest() else { return 0 };
        if self.classes.is_exact(class) {
            return self.classes.len_of(class);
        }
        by_length::longest(entries, self.firsts[class as usize])
    }

    fn clear(&mut self) {
        self.set.clear();
        self.firsts.fill(NIL);
    }

    fn metadata_bytes(&self) -> u64 {
        self.set.metadata_bytes() + (self.firsts.capacity() * size_of::<Id>()) as u64
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        let mut counted = 0;
        for (class, &first) in (0..).zip(&self.firsts) {
            if (self.set.at_or_above(class) == Some(class)) != (first != NIL) {
                return Err(format!(
                    "class {class} begins with {first}, which its bit contradicts"
                ));
            }
            let belongs =
                |hole| entries.is_hole(hole) && self.classes.of(entries.len_of(hole)) == class;
            if !self.classes.is_exact(class) {
                counted += by_length::check(entries, first, belongs)?;
                continue;
            }
            let mut before = NIL;
            for hole in list(entries, first) {
                if !belongs(hole) || entries.links(hole)[BEFORE] != before || counted == holes {
                    return Err(format!("entry {hole} is misplaced in the list of class {class}"));
                }
                (before, counted) = (hole, counted + 1);
            }
        }
        if counted == holes {
            Ok(())
        } else {
            Err(format!("the lists hold {counted} holes, the table {holes}"))
        }
    }
}

/// The holes of an exact class, newest first.
fn list(entries: &[Entry], first: Id) -> impl Iterator<Item = Id> {
    let link = |id: Id| (id != NIL).then_some(id);
    core::iter::successors(link(first), move |&hole| link(entries.links(hole)[NEXT]))
}
