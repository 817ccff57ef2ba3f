//! All holes by length: a heap by address for each exact class, a treap for each class above.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heaplab_core::{ConfigError, Granule};

use crate::classes::{Class, ClassSet, Classes, filled};
use crate::exact::ExactHoles;
use crate::table::{Entries as _, Entry, Id, NIL};
use crate::treap;

mod aligned;

pub use aligned::fits;

/// What taking in or giving up a hole has changed.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// The class of the hole's length.
    pub class: Class,
    /// Whether the hole may be, or may have been until now, the lowest of its class; if not, it is certain that it is not.
    pub may_be_lowest: bool,
}

/// Holes by length class, lowest address at hand in each: what best fit, first fit and worst fit search in.
///
/// ```text
/// class      1     2     3    ...  4095 | 4096 ... (64 an octave)
/// set        1     0     1    ...    0  |   1
/// root       |           |              |   |
///          heap        heap             | treap by (length, address)
///        by address                     | that knows the lowest address of each subtree
/// ```
///
/// Where alignments above the granule are asked for often, an exact class has four heaps, by what its holes' offsets in
/// granules leave when divided by four: a search then looks at roots alone.
///
/// Invariants
///
/// 1. A class is in the set if and only if it has holes.
/// 2. Each hole is in the structure of its length's class, and there is no other hole.
#[derive(Debug)]
pub struct Bins {
    classes: Classes,
    set: ClassSet,
    exact: ExactHoles,
    /// The treaps of the classes above the exact ones.
    treaps: Vec<Id>,
    class_count: usize,
    capacity_bytes: u64,
}

impl Bins {
    /// Bins without holes, for a heap of `capacity_bytes`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] if there is no memory for them.
    pub fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        let classes = Classes::new(granule);
        let count = classes.count(capacity_bytes);
        let exact = count.min(Classes::EXACT);
        Ok(Self {
            classes,
            set: ClassSet::new(count)?,
            exact: ExactHoles::new(exact, granule)?,
            treaps: filled(count - exact, NIL)?,
            class_count: count,
            capacity_bytes,
        })
    }

    /// The class of a length in bytes.
    #[must_use]
    #[inline]
    pub const fn class_of(&self, len: u64) -> Class {
        self.classes.of(len)
    }

    /// The class of a length in bytes whose class is exact, or 0 for none.
    #[must_use]
    #[inline]
    pub const fn class_of_exact(&self, len: u64) -> Class {
        self.classes.of_exact(len)
    }

    /// The size of the heap in bytes.
    #[must_use]
    pub const fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    /// The granule in bytes.
    #[must_use]
    #[inline]
    pub const fn granule_bytes(&self) -> u64 {
        self.classes.len_of(1)
    }

    #[inline]
    fn treap(&self, class: Class) -> Id {
        self.treaps[class as usize - Classes::EXACT]
    }

    #[inline]
    fn treap_mut(&mut self, class: Class) -> &mut Id {
        &mut self.treaps[class as usize - Classes::EXACT]
    }

    /// Number of classes.
    #[must_use]
    pub const fn class_count(&self) -> usize {
        self.class_count
    }

    /// Takes in a hole of `len` bytes.
    #[inline(always)]
    pub fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) -> Change {
        let class = self.classes.of(len);
        if !self.classes.is_exact(class) {
            return self.insert_above_exact(entries, hole, class);
        }
        // Whether it is a member already cannot be foretold, and adding it again costs less than a wrong guess.
        self.set.insert(class);
        Change { class, may_be_lowest: self.exact.insert(entries, class, hole) }
    }

    #[cold]
    #[inline(never)]
    fn insert_above_exact(&mut self, entries: &mut [Entry], hole: Id, class: Class) -> Change {
        self.set.insert(class);
        let root = self.treap_mut(class);
        let new = treap::insert(entries, *root, hole);
        *root = new;
        Change { class, may_be_lowest: treap::lowest(entries, new) == hole }
    }

    /// Gives up a hole of `len` bytes.
    #[inline(always)]
    pub fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) -> Change {
        let class = self.classes.of(len);
        if !self.classes.is_exact(class) {
            return self.remove_above_exact(entries, hole, class);
        }
        let Some(is_empty) = self.exact.remove(entries, class, hole) else {
            return Change { class, may_be_lowest: false };
        };
        self.set.remove_if(class, is_empty);
        Change { class, may_be_lowest: true }
    }

    #[cold]
    #[inline(never)]
    fn remove_above_exact(&mut self, entries: &mut [Entry], hole: Id, class: Class) -> Change {
        let old = self.treap(class);
        let may_be_lowest = treap::lowest(entries, old) == hole;
        let root = treap::remove(entries, old, hole);
        *self.treap_mut(class) = root;
        if root == NIL {
            self.set.remove(class);
        }
        Change { class, may_be_lowest }
    }

    /// Gives up the shortest hole of at least `len` bytes, of those the lowest; returns it with its length. `class` is the
    /// lowest at or above that of `len` that has holes.
    #[inline(always)]
    pub fn take_shortest(
        &mut self,
        entries: &mut [Entry],
        len: u64,
        class: Class,
    ) -> Option<(Id, u64)> {
        if self.classes.is_exact(class) {
            Some(self.take_lowest(entries, class))
        } else {
            self.take_above_exact(entries, len)
        }
    }

    #[cold]
    #[inline(never)]
    fn take_above_exact(&mut self, entries: &mut [Entry], len: u64) -> Option<(Id, u64)> {
        let hole = self.shortest(entries, len)?;
        let len = entries.len_of(hole);
        self.remove(entries, hole, len);
        Some((hole, len))
    }

    /// Gives up the lowest hole of a class that has one; returns it with its length.
    #[inline(always)]
    pub fn take_lowest(&mut self, entries: &mut [Entry], class: Class) -> (Id, u64) {
        if !self.classes.is_exact(class) {
            return self.take_lowest_above_exact(entries, class);
        }
        let (hole, is_empty) = self.exact.pop(entries, class);
        self.set.remove_if(class, is_empty);
        (hole, self.classes.len_of(class))
    }

    #[cold]
    #[inline(never)]
    fn take_lowest_above_exact(&mut self, entries: &mut [Entry], class: Class) -> (Id, u64) {
        let hole = treap::lowest(entries, self.treap(class));
        let len = entries.len_of(hole);
        self.remove(entries, hole, len);
        (hole, len)
    }

    /// The hole of lowest address in a class.
    #[must_use]
    #[inline]
    pub fn lowest(&self, entries: &[Entry], class: Class) -> Option<Id> {
        if self.classes.is_exact(class) {
            let hole = self.exact.lowest(entries, class);
            return (hole != NIL).then_some(hole);
        }
        match self.treap(class) {
            NIL => None,
            root => Some(treap::lowest(entries, root)),
        }
    }

    /// The shortest hole of at least `len` bytes, and of those the lowest.
    #[must_use]
    #[inline]
    pub fn shortest(&self, entries: &[Entry], len: u64) -> Option<Id> {
        let own = self.classes.of(len);
        let class = self.set.at_or_above(own)?;
        if self.classes.is_exact(class) {
            return Some(self.exact.lowest(entries, class));
        }
        self.shortest_above_exact(entries, len, own, class)
    }

    fn shortest_above_exact(
        &self,
        entries: &[Entry],
        len: u64,
        own: Class,
        class: Class,
    ) -> Option<Id> {
        let found = treap::first(entries, self.treap(class), |hole| entries.len_of(hole) >= len);
        if found.is_some() || class != own {
            return found;
        }
        // The class of `len` itself may hold only shorter ones; all of the next hold it.
        let class = self.set.at_or_above(own + 1)?;
        treap::first(entries, self.treap(class), |_| true)
    }

    /// The longest hole, and of those the lowest.
    #[must_use]
    pub fn longest(&self, entries: &[Entry]) -> Option<Id> {
        let class = self.set.highest()?;
        if self.classes.is_exact(class) {
            return Some(self.exact.lowest(entries, class));
        }
        let root = self.treap(class);
        let len = entries.len_of(treap::last(entries, root)?);
        treap::first(entries, root, |hole| entries.len_of(hole) >= len)
    }

    /// The highest class that has holes.
    #[must_use]
    #[inline]
    pub fn highest_class(&self) -> Option<Class> {
        self.set.highest()
    }

    /// Gives up the longest hole if it has at least `len` bytes, of equal ones the lowest; returns it with its length.
    /// `class` is the highest that has holes.
    #[inline(always)]
    pub fn take_longest(
        &mut self,
        entries: &mut [Entry],
        len: u64,
        class: Class,
    ) -> Option<(Id, u64)> {
        if !self.classes.is_exact(class) {
            return self.take_longest_above_exact(entries, len);
        }
        (self.classes.len_of(class) >= len).then(|| self.take_lowest(entries, class))
    }

    #[inline(never)]
    fn take_longest_above_exact(&mut self, entries: &mut [Entry], len: u64) -> Option<(Id, u64)> {
        let hole = self.longest(entries)?;
        let hole_len = entries.len_of(hole);
        if hole_len < len {
            return None;
        }
        self.remove(entries, hole, hole_len);
        Some((hole, hole_len))
    }

    /// The length of the longest hole in bytes, 0 if there is none.
    #[must_use]
    pub fn longest_len(&self, entries: &[Entry]) -> u64 {
        self.longest(entries).map_or(0, |hole| entries.len_of(hole))
    }

    /// The hole of lowest address among those of the class of `len` that have at least `len` bytes.
    #[must_use]
    #[inline]
    pub fn lowest_in_class(&self, entries: &[Entry], len: u64) -> Option<Id> {
        let class = self.classes.of(len);
        if self.classes.is_exact(class) {
            return self.lowest(entries, class);
        }
        let reaches = |hole| entries.len_of(hole) >= len;
        treap::lowest_from(entries, self.treap(class), reaches)
    }

    /// Whether all lengths of the class of `len` are equal to it.
    #[must_use]
    #[inline]
    pub const fn is_exact(&self, class: Class) -> bool {
        self.classes.is_exact(class)
    }

    /// The lowest class at or above `class` that has holes.
    #[must_use]
    #[inline]
    pub fn class_at_or_above(&self, class: Class) -> Option<Class> {
        self.set.at_or_above(class)
    }

    /// Visits all holes of a class, in no particular order.
    ///
    /// For alignments above the granule, where a hole of a length between the block's and the block's plus the
    /// alignment may or may not do.
    pub fn visit_class(&self, entries: &[Entry], class: Class, each: &mut dyn FnMut(Id)) {
        if self.classes.is_exact(class) {
            self.exact.visit(entries, class, each);
        } else {
            treap::visit(entries, self.treap(class), each);
        }
    }

    /// Forgets all holes.
    pub fn clear(&mut self) {
        self.set.clear();
        self.exact.clear();
        self.treaps.fill(NIL);
    }

    /// Bytes outside the value itself.
    #[must_use]
    pub const fn metadata_bytes(&self) -> u64 {
        let treaps = self.treaps.capacity() * size_of::<Id>();
        self.set.metadata_bytes() + self.exact.metadata_bytes() + treaps as u64
    }

    /// Checks the invariants against a table of `holes` holes.
    ///
    /// # Errors
    ///
    /// A description of the first that is violated.
    pub fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        let mut counted = 0;
        for (class, _) in (0..).zip(0..self.class_count) {
            let holds = if self.classes.is_exact(class) {
                self.exact.check(entries, class)?
            } else {
                treap::check(entries, self.treap(class))?
            };
            if (self.set.at_or_above(class) == Some(class)) != (holds != 0) {
                return Err(format!("class {class} has {holds} holes, which its bit contradicts"));
            }
            counted += holds;
            let mut stray = None;
            self.visit_class(entries, class, &mut |hole| {
                if self.classes.of(entries.len_of(hole)) != class || !entries.is_hole(hole) {
                    stray = Some(hole);
                }
            });
            if let Some(hole) = stray {
                return Err(format!("entry {hole} does not belong into class {class}"));
            }
        }
        if counted == holes {
            Ok(())
        } else {
            Err(format!("the bins hold {counted} holes, the table {holes}"))
        }
    }
}
