//! The holes of the exact classes: a heap by address for each length, or one for each length and residue.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heaplab_core::{ConfigError, Granule};

use crate::classes::{Class, filled};
use crate::heap_of_holes;
use crate::table::{Entries as _, Entry, Id, NIL};

/// Into how many heaps the holes of one length are parted, once they are.
const RESIDUES: usize = 4;

/// So many holes looked at in vain, or to find the lowest that suits, and the holes are parted.
const PATIENCE: u64 = 64;

/// All holes of the exact classes, in heaps by address.
///
/// A hole of exactly the block's length suits an alignment of two granules only if it begins at an even granule; one
/// granule longer, and any does. So for alignments above the granule it matters, beside the length, what an offset leaves
/// when it is divided by the alignment. The holes of one length lie in one heap as long as nobody asks for such
/// alignments, which is what most programs do. Once searches for them have looked at more than a few holes, each heap is
/// parted into four by its holes' residues:
///
/// ```text
/// length                 3 granules                          one heap            parted
/// offset in granules     4   9   14   20   23   28           4 ─ 9 ─ 14 …        0:  4 ─ 20 ─ 28
/// residue modulo 4       0   1    2    0    3    0                               1:  9
///                                                                                2: 14
///                                                                                3: 23
/// ```
///
/// A block of two granules at an alignment of four fits where at most one granule is skipped, so in a hole of residue 0
/// or 3: the lower of two roots, and no other hole is looked at. For alignments of more than four granules a residue only
/// tells which heaps may have a hole that suits; in these, no hole above one that suits is looked at.
///
/// Parting costs memory (four roots a length for one) and a little time with every hole that is taken without an
/// alignment, which has four roots to choose from; it is never undone.
///
/// Invariant: each hole is in the heap of its class, and of its residue if they are parted.
#[derive(Debug)]
pub(crate) struct ExactHoles {
    /// The root of each class; once parted, of each class and residue.
    roots: Vec<Id>,
    granule_shift: u32,
    are_parted: bool,
    /// Holes that searches have looked at.
    looks: u64,
}

impl ExactHoles {
    /// No holes, for `classes` classes.
    pub(crate) fn new(classes: usize, granule: Granule) -> Result<Self, ConfigError> {
        let roots = filled(classes, NIL)?;
        Ok(Self { roots, granule_shift: granule.shift(), are_parted: false, looks: 0 })
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "below 4")]
    const fn residue_of(&self, offset: u64) -> usize {
        ((offset >> self.granule_shift) % RESIDUES as u64) as usize
    }

    /// Where the root of the heap is that a hole of a class at an offset belongs to.
    #[inline(always)]
    const fn place(&self, class: Class, offset: u64) -> usize {
        if self.are_parted {
            class as usize * RESIDUES + self.residue_of(offset)
        } else {
            class as usize
        }
    }

    /// The roots of a class.
    #[inline(always)]
    fn row(&self, class: Class) -> &[Id] {
        let (first, count) = self.span(class);
        &self.roots[first..first + count]
    }

    #[inline(always)]
    const fn span(&self, class: Class) -> (usize, usize) {
        if self.are_parted { (class as usize * RESIDUES, RESIDUES) } else { (class as usize, 1) }
    }

    /// The lowest hole of a class, [`NIL`] for none.
    #[inline(always)]
    pub(crate) fn lowest(&self, entries: &[Entry], class: Class) -> Id {
        if self.are_parted {
            self.lowest_of_row(entries, class)
        } else {
            self.roots[class as usize]
        }
    }

    #[inline(never)]
    fn lowest_of_row(&self, entries: &[Entry], class: Class) -> Id {
        // The sentinel lies above all holes.
        let lower = |a: Id, &b: &Id| if entries.offset(b) < entries.offset(a) { b } else { a };
        self.row(class).iter().fold(NIL, lower)
    }

    /// Takes in a hole; returns whether it may be the lowest of its class now.
    #[inline(always)]
    pub(crate) fn insert(&mut self, entries: &mut [Entry], class: Class, hole: Id) -> bool {
        let place = self.place(class, entries.offset(hole));
        let root = &mut self.roots[place];
        *root = heap_of_holes::insert(entries, *root, hole);
        *root == hole
    }

    /// Gives up a hole of a class; `None` if the lowest of the class is the same as before for certain, else whether the
    /// class is empty now.
    #[inline(always)]
    pub(crate) fn remove(&mut self, entries: &mut [Entry], class: Class, hole: Id) -> Option<bool> {
        let root = heap_of_holes::remove(entries, hole)?;
        let place = self.place(class, entries.offset(hole));
        self.roots[place] = root;
        Some(root == NIL && self.is_empty(class))
    }

    #[inline(always)]
    fn is_empty(&self, class: Class) -> bool {
        !self.are_parted || self.row(class).iter().all(|&root| root == NIL)
    }

    /// Gives up the lowest hole of a class that has one; returns it, and whether the class is empty now.
    #[inline(always)]
    pub(crate) fn pop(&mut self, entries: &mut [Entry], class: Class) -> (Id, bool) {
        if self.are_parted {
            return self.pop_from_row(entries, class);
        }
        let place = &mut self.roots[class as usize];
        let hole = *place;
        *place = heap_of_holes::pop(entries, hole);
        (hole, *place == NIL)
    }

    #[inline(never)]
    fn pop_from_row(&mut self, entries: &mut [Entry], class: Class) -> (Id, bool) {
        let hole = self.lowest_of_row(entries, class);
        let place = self.place(class, entries.offset(hole));
        self.roots[place] = heap_of_holes::pop(entries, hole);
        (hole, self.is_empty(class))
    }

    /// The lowest hole of a class in which `len` bytes fit at alignment `align`, above the granule; [`NIL`] for none.
    /// No hole of the class is shorter than `len`.
    ///
    /// Adds to `looks` how many holes were looked at that may not have suited.
    pub(crate) fn lowest_suiting(
        &self,
        entries: &[Entry],
        class: Class,
        len: u64,
        align: u64,
        looks: &mut u64,
    ) -> Id {
        let spare = (u64::from(class) << self.granule_shift) - len;
        let suits = |offset: u64| offset.wrapping_neg() & (align - 1) <= spare;
        if !self.are_parted {
            return heap_of_holes::lowest_where(entries, self.row(class)[0], suits, looks);
        }
        let tells_all = align >> self.granule_shift <= RESIDUES as u64;
        let known = align.min((RESIDUES as u64) << self.granule_shift) - 1;
        let mut lowest = NIL;
        for (residue, &root) in (0_u64..).zip(self.row(class)) {
            if (residue << self.granule_shift).wrapping_neg() & known > spare {
                continue;
            }
            let found = if tells_all {
                root
            } else {
                heap_of_holes::lowest_where(entries, root, suits, looks)
            };
            if entries.offset(found) < entries.offset(lowest) {
                lowest = found;
            }
        }
        lowest
    }

    /// Counts holes that a search looked at and that may not have suited.
    #[inline]
    pub(crate) const fn count_looks(&mut self, looks: u64) {
        self.looks = self.looks.saturating_add(looks);
    }

    /// Parts the holes if searches have looked at too many.
    #[inline]
    pub(crate) fn adapt(&mut self, entries: &mut [Entry]) {
        if !self.are_parted && self.looks > PATIENCE {
            self.part(entries);
        }
    }

    /// Parts the holes by residue; without memory for it they stay together, and searches look at more of them.
    #[cold]
    #[inline(never)]
    fn part(&mut self, entries: &mut [Entry]) {
        self.looks = 0;
        let Ok(parted) = filled(self.roots.len() * RESIDUES, NIL) else { return };
        let whole = core::mem::replace(&mut self.roots, parted);
        self.are_parted = true;
        for (class, mut root) in (0..).zip(whole) {
            while root != NIL {
                let rest = heap_of_holes::pop(entries, root);
                self.insert(entries, class, root);
                root = rest;
            }
        }
    }

    /// Visits the holes of a class, in no particular order.
    pub(crate) fn visit(&self, entries: &[Entry], class: Class, each: &mut dyn FnMut(Id)) {
        for &root in self.row(class) {
            heap_of_holes::visit(entries, root, each);
        }
    }

    /// Forgets all holes.
    pub(crate) fn clear(&mut self) {
        self.roots.fill(NIL);
    }

    /// Bytes outside the value itself.
    pub(crate) const fn metadata_bytes(&self) -> u64 {
        (self.roots.capacity() * size_of::<Id>()) as u64
    }

    /// Counts the holes of a class and checks their order, links and residues.
    pub(crate) fn check(&self, entries: &[Entry], class: Class) -> Result<u64, String> {
        let mut count = 0;
        for (residue, &root) in self.row(class).iter().enumerate() {
            count += heap_of_holes::check(entries, root)?;
            let mut stray = None;
            heap_of_holes::visit(entries, root, &mut |hole| {
                if self.are_parted && self.residue_of(entries.offset(hole)) != residue {
                    stray = Some(hole);
                }
            });
            if let Some(hole) = stray {
                return Err(format!("hole {hole} is not of residue {residue} in class {class}"));
            }
        }
        Ok(count)
    }
}
