//! The holes of the exact classes, lowest first: a heap by address for each length, or one for each length and residue.

use alloc::format;
use alloc::string::String;

use heaplab_core::{ConfigError, Granule};

use crate::classes::Class;
use crate::heap_of_holes;
use crate::residues::Residues;
use crate::table::{Entries as _, Entry, Id, NIL};

/// All holes of the exact classes, in heaps by address.
///
/// Invariant: each hole is in the heap of its class, and of its residue if they are parted.
#[derive(Debug)]
pub(crate) struct ExactHoles {
    roots: Residues,
}

impl ExactHoles {
    /// No holes, for `classes` classes.
    pub(crate) fn new(classes: usize, granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self { roots: Residues::new(classes, granule)? })
    }

    /// The lowest hole of a class, [`NIL`] for none.
    #[inline(always)]
    pub(crate) fn lowest(&self, entries: &[Entry], class: Class) -> Id {
        if self.roots.are_parted() {
            self.lowest_of_row(entries, class)
        } else {
            self.roots.whole(class)
        }
    }

    #[inline(never)]
    fn lowest_of_row(&self, entries: &[Entry], class: Class) -> Id {
        self.roots.row(class).iter().fold(NIL, |lowest, &root| lower(entries, lowest, root))
    }

    /// Takes in a hole; returns whether it may be the lowest of its class now.
    #[inline(always)]
    pub(crate) fn insert(&mut self, entries: &mut [Entry], class: Class, hole: Id) -> bool {
        let root = self.roots.head_mut(class, entries.offset(hole));
        *root = heap_of_holes::insert(entries, *root, hole);
        *root == hole
    }

    /// Gives up a hole of a class; `None` if the lowest of the class is the same as before for certain, else whether the
    /// class is empty now.
    #[inline(always)]
    pub(crate) fn remove(&mut self, entries: &mut [Entry], class: Class, hole: Id) -> Option<bool> {
        let root = heap_of_holes::remove(entries, hole)?;
        *self.roots.head_mut(class, entries.offset(hole)) = root;
        Some(root == NIL && (!self.roots.are_parted() || self.roots.is_empty(class)))
    }

    /// Gives up the lowest hole of a class that has one; returns it, and whether the class is empty now.
    #[inline(always)]
    pub(crate) fn pop(&mut self, entries: &mut [Entry], class: Class) -> (Id, bool) {
        if self.roots.are_parted() {
            return self.pop_from_row(entries, class);
        }
        let root = self.roots.whole_mut(class);
        let hole = *root;
        *root = heap_of_holes::pop(entries, hole);
        (hole, *root == NIL)
    }

    #[inline(never)]
    fn pop_from_row(&mut self, entries: &mut [Entry], class: Class) -> (Id, bool) {
        let hole = self.lowest_of_row(entries, class);
        *self.roots.head_mut(class, entries.offset(hole)) = heap_of_holes::pop(entries, hole);
        (hole, self.roots.is_empty(class))
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
        let search = |root, suits: &dyn Fn(u64) -> bool| {
            heap_of_holes::lowest_where(entries, root, suits, looks)
        };
        self.roots.best_suiting(class, (len, align), search, |a, b| lower(entries, a, b))
    }

    /// See [`Residues::count_looks`].
    #[inline]
    pub(crate) const fn count_looks(&mut self, looks: u64) {
        self.roots.count_looks(looks);
    }

    /// Parts the holes if searches have looked at too many.
    #[inline]
    pub(crate) fn adapt(&mut self, entries: &mut [Entry]) {
        if self.roots.should_part() {
            self.part(entries);
        }
    }

    #[cold]
    #[inline(never)]
    fn part(&mut self, entries: &mut [Entry]) {
        for (class, mut root) in (0..).zip(self.roots.part().unwrap_or_default()) {
            while root != NIL {
                let rest = heap_of_holes::pop(entries, root);
                self.insert(entries, class, root);
                root = rest;
            }
        }
    }

    /// Visits the holes of a class, in no particular order.
    pub(crate) fn visit(&self, entries: &[Entry], class: Class, each: &mut dyn FnMut(Id)) {
        for &root in self.roots.row(class) {
            heap_of_holes::visit(entries, root, each);
        }
    }

    /// Forgets all holes.
    pub(crate) fn clear(&mut self) {
        self.roots.clear();
    }

    /// Bytes outside the value itself.
    pub(crate) const fn metadata_bytes(&self) -> u64 {
        self.roots.metadata_bytes()
    }

    /// Counts the holes of a class and checks their order, links and residues.
    pub(crate) fn check(&self, entries: &[Entry], class: Class) -> Result<u64, String> {
        let mut count = 0;
        for (index, &root) in self.roots.row(class).iter().enumerate() {
            count += heap_of_holes::check(entries, root)?;
            let mut stray = None;
            heap_of_holes::visit(entries, root, &mut |hole| {
                if !self.roots.belongs(entries, hole, index) {
                    stray = Some(hole);
                }
            });
            if let Some(hole) = stray {
                return Err(format!("hole {hole} of class {class} is in another residue's heap"));
            }
        }
        Ok(count)
    }
}

/// The lower of two holes; [`NIL`], the sentinel, lies above all.
#[inline(always)]
fn lower(entries: &[Entry], a: Id, b: Id) -> Id {
    if entries.offset(b) < entries.offset(a) { b } else { a }
}
