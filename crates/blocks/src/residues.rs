//! Which heap or list a hole of an exact class belongs to: one for each length, or one for each length and residue.

use alloc::vec::Vec;

use heaplab_core::{ConfigError, Granule};

use crate::classes::{Class, filled};
use crate::table::{Entries as _, Entry, Id, NIL};

/// Into how many structures the holes of one length are parted, once they are.
const RESIDUES: usize = 4;

/// So many holes looked at that may not have suited, and the holes are parted.
const PATIENCE: u64 = 64;

/// The heads of the structures in which the holes of the exact classes lie: roots of heaps, first holes of lists.
///
/// A hole of exactly the block's length suits an alignment of two granules only if it begins at an even granule; one
/// granule longer, and any does. So for alignments above the granule it matters, beside the length, what an offset leaves
/// when it is divided by the alignment. The holes of one length lie in one structure as long as nobody asks for such
/// alignments, which is what most programs do. Once searches for them have looked at more than a few holes, each is
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
/// or 3: the better of two heads, and no other hole is looked at. For alignments of more than four granules a residue
/// only tells which structures may have a hole that suits.
///
/// Parting costs memory (four heads a length for one) and a little time with every hole that is taken without an
/// alignment, which has four heads to choose from; it is never undone.
#[derive(Debug)]
pub struct Residues {
    /// One for each class; once parted, for each class and residue.
    heads: Vec<Id>,
    granule_shift: u32,
    are_parted: bool,
    /// Holes that searches have looked at.
    looks: u64,
}

impl Residues {
    /// Heads without holes, for `classes` classes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] if there is no memory for them.
    pub fn new(classes: usize, granule: Granule) -> Result<Self, ConfigError> {
        let heads = filled(classes, NIL)?;
        Ok(Self { heads, granule_shift: granule.shift(), are_parted: false, looks: 0 })
    }

    /// Whether the holes of one length are parted by residue.
    #[must_use]
    #[inline(always)]
    pub const fn are_parted(&self) -> bool {
        self.are_parted
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "below 4")]
    const fn residue_of(&self, offset: u64) -> usize {
        ((offset >> self.granule_shift) % RESIDUES as u64) as usize
    }

    #[inline(always)]
    const fn place(&self, class: Class, offset: u64) -> usize {
        if self.are_parted {
            class as usize * RESIDUES + self.residue_of(offset)
        } else {
            class as usize
        }
    }

    /// The head of the structure that a hole of a class at an offset belongs to.
    #[inline(always)]
    pub fn head_mut(&mut self, class: Class, offset: u64) -> &mut Id {
        let place = self.place(class, offset);
        &mut self.heads[place]
    }

    /// The only head of a class, as long as the holes are not parted.
    #[inline(always)]
    pub fn whole_mut(&mut self, class: Class) -> &mut Id {
        &mut self.heads[class as usize]
    }

    /// The only head of a class, as long as the holes are not parted.
    #[must_use]
    #[inline(always)]
    pub fn whole(&self, class: Class) -> Id {
        self.heads[class as usize]
    }

    /// The heads of a class, [`NIL`] where there are no holes.
    #[must_use]
    #[inline(always)]
    pub fn row(&self, class: Class) -> &[Id] {
        let (first, count) = if self.are_parted {
            (class as usize * RESIDUES, RESIDUES)
        } else {
            (class as usize, 1)
        };
        &self.heads[first..first + count]
    }

    /// All rows, once the holes are parted.
    pub fn rows(&self) -> impl Iterator<Item = &[Id; RESIDUES]> {
        self.heads.as_chunks().0.iter()
    }

    /// Whether a class has no holes.
    #[must_use]
    #[inline(always)]
    pub fn is_empty(&self, class: Class) -> bool {
        self.row(class).iter().all(|&head| head == NIL)
    }

    /// The best hole of a class in which `len` bytes fit at alignment `align`, above the granule; [`NIL`] for none.
    /// No hole of the class is shorter than `len`.
    ///
    /// `search` finds the best hole of a structure, by its head, whose offset suits; `better` chooses between two, of which
    /// either may be [`NIL`]. A head is the best of its structure.
    #[inline]
    pub fn best_suiting(
        &self,
        class: Class,
        (len, align): (u64, u64),
        mut search: impl FnMut(Id, &dyn Fn(u64) -> bool) -> Id,
        better: impl Fn(Id, Id) -> Id,
    ) -> Id {
        let spare = (u64::from(class) << self.granule_shift) - len;
        let suits = |offset: u64| offset.wrapping_neg() & (align - 1) <= spare;
        if !self.are_parted {
            return search(self.whole(class), &suits);
        }
        let tells_all = align >> self.granule_shift <= RESIDUES as u64;
        let known = align.min((RESIDUES as u64) << self.granule_shift) - 1;
        let mut best = NIL;
        for (residue, &head) in (0_u64..).zip(self.row(class)) {
            if (residue << self.granule_shift).wrapping_neg() & known <= spare {
                best = better(best, if tells_all { head } else { search(head, &suits) });
            }
        }
        best
    }

    /// Counts holes that a search for an alignment looked at and that may not have suited.
    #[inline]
    pub const fn count_looks(&mut self, looks: u64) {
        self.looks = self.looks.saturating_add(looks);
    }

    /// Whether searches have looked at so many holes that they should be parted.
    #[must_use]
    #[inline]
    pub const fn should_part(&self) -> bool {
        !self.are_parted && self.looks > PATIENCE
    }

    /// Parts the heads, which are all [`NIL`] then, and returns those there were, by class; `None` if there is no memory for
    /// it, and then holes stay together and searches look at more of them.
    pub fn part(&mut self) -> Option<Vec<Id>> {
        self.looks = 0;
        let parted = filled(self.heads.len() * RESIDUES, NIL).ok()?;
        self.are_parted = true;
        Some(core::mem::replace(&mut self.heads, parted))
    }

    /// Forgets all holes.
    pub fn clear(&mut self) {
        self.heads.fill(NIL);
    }

    /// Bytes outside the value itself.
    #[must_use]
    pub const fn metadata_bytes(&self) -> u64 {
        (self.heads.capacity() * size_of::<Id>()) as u64
    }

    /// Whether a hole of a class is where it belongs if it lies behind the `index`-th head of the row.
    #[must_use]
    pub fn belongs(&self, entries: &[Entry], hole: Id, index: usize) -> bool {
        !self.are_parted || self.residue_of(entries.offset(hole)) == index
    }
}
